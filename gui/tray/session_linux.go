package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names on the session bus.
const (
	ownName = "beagle.tray"
	ownPath = "/beagle/tray"
	// https://specifications.freedesktop.org/desktop-entry-spec/latest/dbus.html
	appInterface = "org.freedesktop.Application"
	busName      = "org.freedesktop.DBus"
	// https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/
	hostName      = "org.kde.StatusNotifierWatcher"
	hostPath      = "/StatusNotifierWatcher"
	ownerChanged  = "NameOwnerChanged"
	answerTimeout = 10 * time.Second
)

// desk is the session bus as the tray uses it. One goroutine reads what comes from there.
type desk struct {
	conn   *dbus.Conn
	log    *slog.Logger
	called chan struct{}
	opened chan string
	bare   chan struct{}
	notes  *notes
}

// openSession connects to the session bus and claims the place of the session's tray. Where
// another program has it, that one is asked to open the window.
func openSession(ctx context.Context, o Options) (session, error) {
	conn, err := connect()
	if err != nil {
		return session{}, fmt.Errorf("no desktop session to show an icon in: %w", err)
	}
	d := &desk{
		conn: conn, log: o.Log,
		called: make(chan struct{}, 1), opened: make(chan string, 8), bare: make(chan struct{}, 1),
	}
	if err := d.claim(ctx); err != nil {
		return session{}, errors.Join(err, conn.Close())
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	if err := d.listen(); err != nil {
		return session{}, errors.Join(err, conn.Close())
	}
	notices := make(chan notice, 16)
	d.notes = newNotes(conn, o.Log, d.opened)
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { d.serve(ctx, o.Patience, notices, signals) })
	return session{
		notices: notices, opened: d.opened, called: d.called, bare: d.bare,
		ended: conn.Context().Done(),
		close: func() error {
			stop()
			running.Wait()
			return conn.Close()
		},
	}, nil
}

// connect reaches the bus of this session. It never starts one: a bus of its own would have
// nobody on it who shows icons.
func connect() (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return nil, err
	}
	if err := conn.Auth(nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := conn.Hello(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// claim takes the tray's name on the bus.
func (d *desk) claim(ctx context.Context) error {
	if err := d.conn.Export(caller{d.called}, ownPath, appInterface); err != nil {
		return fmt.Errorf("offer to open the window: %w", err)
	}
	reply, err := d.conn.RequestName(ownName, dbus.NameFlagDoNotQueue)
	if err != nil {
		return fmt.Errorf("claim the place of the session's tray: %w", err)
	}
	if reply == dbus.RequestNameReplyPrimaryOwner {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	first := d.conn.Object(ownName, ownPath)
	if err := first.CallWithContext(ctx, appInterface+".Activate", dbus.FlagNoAutoStart, map[string]dbus.Variant{}).Err; err != nil {
		return fmt.Errorf("this session has a tray that does not answer: %w", err)
	}
	return ErrSecond
}

// caller is what other starts of the program call.
type caller struct{ called chan<- struct{} }

// Activate opens the window. Calls that come while one waits are one.
func (c caller) Activate(map[string]dbus.Variant) *dbus.Error {
	select {
	case c.called <- struct{}{}:
	default:
	}
	return nil
}

// listen asks the bus for what concerns notifications.
func (d *desk) listen() error {
	for _, rule := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(notifyName), dbus.WithMatchInterface(notifyName), dbus.WithMatchMember(actionInvoked)},
		{dbus.WithMatchSender(notifyName), dbus.WithMatchInterface(notifyName), dbus.WithMatchMember(notificationClosed)},
		{dbus.WithMatchSender(busName), dbus.WithMatchInterface(busName), dbus.WithMatchMember(ownerChanged), dbus.WithMatchArg(0, notifyName)},
	} {
		if err := d.conn.AddMatchSignal(rule...); err != nil {
			return fmt.Errorf("listen to the session bus: %w", err)
		}
	}
	return nil
}

func (d *desk) serve(ctx context.Context, patience time.Duration, notices <-chan notice, signals <-chan *dbus.Signal) {
	wait := time.NewTimer(patience)
	defer wait.Stop()
	for {
		select {
		case n := <-notices:
			d.notes.show(ctx, n)
		case s, open := <-signals:
			if !open {
				return
			}
			d.hear(ctx, s)
		case <-wait.C:
			if !d.hosted(ctx) {
				d.log.Info("the desktop shows no tray")
				d.bare <- struct{}{}
			}
		case <-ctx.Done():
			return
		}
	}
}

func (d *desk) hear(ctx context.Context, s *dbus.Signal) {
	switch s.Name {
	case notifyName + "." + actionInvoked:
		d.notes.invoked(ctx, s.Sender, s.Body)
	case notifyName + "." + notificationClosed:
		d.notes.closed(s.Sender, s.Body)
	case busName + "." + ownerChanged:
		var name, before, after string
		if dbus.Store(s.Body, &name, &before, &after) == nil && name == notifyName {
			d.notes.anew(ctx, before, after)
		}
	}
}

// hosted reports whether anybody draws icons. Some desktops run a watcher without a host.
func (d *desk) hosted(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var owned bool
	if err := d.conn.BusObject().CallWithContext(ctx, busName+".NameHasOwner", 0, hostName).Store(&owned); err != nil || !owned {
		return false
	}
	var value dbus.Variant
	get := d.conn.Object(hostName, hostPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, hostName, "IsStatusNotifierHostRegistered")
	if err := get.Store(&value); err != nil {
		// A watcher that does not say is taken for one that works.
		return true
	}
	registered, ok := value.Value().(bool)
	return registered || !ok
}
