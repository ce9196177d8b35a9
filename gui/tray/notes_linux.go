package tray

import (
	"bytes"
	"context"
	"html"
	"image"
	"image/draw"
	"image/png"
	"log/slog"
	"maps"
	"slices"

	"github.com/godbus/dbus/v5"

	"beagle/gui/tray/icons"
	"beagle/gui/view"
)

// The notification service
// (https://specifications.freedesktop.org/notification-spec/latest/).
const (
	notifyName         = "org.freedesktop.Notifications"
	notifyPath         = "/org/freedesktop/Notifications"
	actionInvoked      = "ActionInvoked"
	notificationClosed = "NotificationClosed"
	defaultAction      = "default"
	// byService lets the service decide how long a notification stays.
	byService = int32(-1)
)

// maxWaiting is how many notices wait for a service that is not there yet.
const maxWaiting = 8

// notes shows notifications. It belongs to the goroutine of its desk.
type notes struct {
	service dbus.BusObject
	bus     dbus.BusObject
	log     *slog.Logger
	opened  chan<- string
	// shown are the notifications that stand.
	shown map[standing]view.Notification
	// waiting could not be shown.
	waiting []notice
	// known says that marks of text were asked for; marks, that the service takes them.
	known, marks bool
}

// standing names a notification: the service, by its own name on the bus, and its number there.
type standing struct {
	owner  string
	number uint32
}

func newNotes(conn *dbus.Conn, log *slog.Logger, opened chan<- string) *notes {
	return &notes{service: conn.Object(notifyName, notifyPath), bus: conn.BusObject(), log: log, opened: opened, shown: map[standing]view.Notification{}}
}

// show shows a notice after those that wait. While there is no service, the newest few wait.
func (n *notes) show(ctx context.Context, what notice) {
	n.waiting = append(n.waiting, what)
	n.waiting = n.waiting[max(len(n.waiting)-maxWaiting, 0):]
	n.flush(ctx)
}

func (n *notes) flush(ctx context.Context) {
	for len(n.waiting) > 0 {
		if err := n.post(ctx, n.waiting[0]); err != nil {
			n.log.Info("notifications wait for a service that shows them", "error", err, "waiting", len(n.waiting))
			return
		}
		n.waiting = n.waiting[1:]
	}
	n.waiting = nil
}

// post gives a notice to the service; one with the ID of another that stands takes its place.
func (n *notes) post(ctx context.Context, what notice) error {
	asking, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	body := what.Body
	if n.readsMarks(asking) {
		body = html.EscapeString(body)
	}
	var replaces uint32
	owner := n.owner(asking)
	for which, other := range n.shown {
		if other.ID == what.ID && which.owner == owner {
			replaces = which.number
		}
	}
	hints := map[string]dbus.Variant{
		"urgency":       dbus.MakeVariant(urgency(what.Urgency)),
		"desktop-entry": dbus.MakeVariant("beagle"),
	}
	if picture, err := pixels(what.kind); err == nil {
		hints["image-data"] = dbus.MakeVariant(picture)
	}
	actions := []string{defaultAction, what.open}
	var number uint32
	err := n.service.CallWithContext(asking, notifyName+".Notify", 0,
		programName, replaces, "beagle", what.Title, body, actions, hints, byService).Store(&number)
	if err != nil {
		return err
	}
	if owner == "" {
		owner = n.owner(asking) // the bus started it
	}
	n.shown[standing{owner, number}] = what.Notification
	return nil
}

// owner is who the service is now, "" if it does not run.
func (n *notes) owner(ctx context.Context) string {
	var owner string
	if err := n.bus.CallWithContext(ctx, busName+".GetNameOwner", 0, notifyName).Store(&owner); err != nil {
		return ""
	}
	return owner
}

// readsMarks reports whether the service takes text for markup, so that what looks like marks
// must be escaped. A service is asked once.
func (n *notes) readsMarks(ctx context.Context) bool {
	if !n.known {
		var can []string
		if err := n.service.CallWithContext(ctx, notifyName+".GetCapabilities", 0).Store(&can); err != nil {
			return false
		}
		n.known, n.marks = true, slices.Contains(can, "body-markup")
	}
	return n.marks
}

// invoked takes a click on one of ours; everybody hears of all clicks.
func (n *notes) invoked(ctx context.Context, owner string, body []any) {
	var number uint32
	var action string
	if dbus.Store(body, &number, &action) != nil || action != defaultAction {
		return
	}
	if what, ours := n.shown[standing{owner, number}]; ours {
		// It did its work; some services would leave it standing.
		n.service.CallWithContext(ctx, notifyName+".CloseNotification", dbus.FlagNoReplyExpected, number)
		select {
		case n.opened <- what.Record:
		case <-ctx.Done():
		}
	}
}

func (n *notes) closed(owner string, body []any) {
	var number, reason uint32
	if dbus.Store(body, &number, &reason) == nil {
		delete(n.shown, standing{owner, number})
	}
}

// anew forgets what a service showed that is gone, and tells a new one what waited.
func (n *notes) anew(ctx context.Context, before, after string) {
	maps.DeleteFunc(n.shown, func(which standing, _ view.Notification) bool { return which.owner == before })
	n.known = false
	if after != "" {
		n.flush(ctx)
	}
}

// urgency is the byte for it; critical ones stay until they are dismissed.
func urgency(u view.Urgency) byte {
	switch u {
	case view.UrgencyLow:
		return 0
	case view.UrgencyHigh:
		return 2
	}
	return 1
}

// raw is a picture as the service takes it: width, height, bytes of a row, opacity, bits of a
// part, parts, and the bytes in red, green, blue, opacity.
type raw struct {
	Width, Height, Row int32
	Alpha              bool
	Bits, Channels     int32
	Data               []byte
}

func pixels(kind view.Kind) (raw, error) {
	data, err := icons.PNG(string(kind))
	if err != nil {
		return raw{}, err
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return raw{}, err
	}
	size := picture.Bounds()
	flat := image.NewNRGBA(size)
	draw.Draw(flat, size, picture, size.Min, draw.Src)
	return raw{int32(size.Dx()), int32(size.Dy()), int32(flat.Stride), true, 8, 4, flat.Pix}, nil
}
