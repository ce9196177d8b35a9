package budget

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// supply tells what a machine runs on by the folder of its power supplies, as the kernel shows
// them (Documentation/ABI/testing/sysfs-class-power in the kernel's source). Batteries are
// asked last: to read one may take a machine's firmware milliseconds.
func supply(sys fs.FS) (Power, error) {
	entries, err := fs.ReadDir(sys, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return UnknownPower, nil // a container, or a kernel that knows of no supplies
	}
	if err != nil {
		return UnknownPower, fmt.Errorf("list power supplies: %w", err)
	}
	var batteries []string
	unplugged := false
	for _, e := range entries {
		switch word(sys, e.Name(), "type") {
		case "Mains":
			if word(sys, e.Name(), "online") == "1" {
				return Mains, nil
			}
			unplugged = true
		case "USB", "Wireless": // offline when the machine is charged by another port
			if word(sys, e.Name(), "online") == "1" {
				return Mains, nil
			}
		case "Battery", "UPS":
			if word(sys, e.Name(), "scope") != "Device" { // not that of a mouse
				batteries = append(batteries, e.Name())
			}
		}
	}
	for _, battery := range batteries {
		if word(sys, battery, "status") == "Discharging" {
			return Battery, nil
		}
	}
	if unplugged && len(batteries) > 0 {
		return Battery, nil // some batteries only ever say "Unknown"
	}
	return Mains, nil
}

// word reads an attribute; one that is missing or cannot be read says nothing. Drivers may fail
// to answer for a moment, such as while a battery is taken out.
func word(sys fs.FS, device, attribute string) string {
	data, err := fs.ReadFile(sys, device+"/"+attribute)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
