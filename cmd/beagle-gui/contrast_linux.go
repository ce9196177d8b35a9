//go:build cgo || ci

package main

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// contrastTime is how long the desktop may take to say what it prefers.
const contrastTime = 200 * time.Millisecond

// highContrast asks what the desktop prefers: by the theme's name, or by the settings of the
// portal (https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Settings.html).
// No answer is no.
func highContrast() bool {
	if strings.HasPrefix(os.Getenv("GTK_THEME"), "HighContrast") {
		return true
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		return false // dbus would start a bus
	}
	ctx, cancel := context.WithTimeout(context.Background(), contrastTime)
	defer cancel()
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer bus.Close()
	var value dbus.Variant
	settings := bus.Object("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
	call := settings.CallWithContext(ctx, "org.freedesktop.portal.Settings.Read", dbus.FlagNoAutoStart, "org.freedesktop.appearance", "contrast")
	if call.Store(&value) != nil {
		return false
	}
	for {
		inner, nested := value.Value().(dbus.Variant)
		if !nested {
			break
		}
		value = inner
	}
	prefers, _ := value.Value().(uint32)
	return prefers == 1
}
