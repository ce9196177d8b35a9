package tray

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// limit is how long a test waits for what never comes.
const limit = 20 * time.Second

// newBus starts a session bus of the test's own, on which nobody is, and makes it that of the
// environment.
func newBus(t *testing.T) {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("not run: needs dbus-daemon (Debian package dbus-daemon)")
	}
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	// No folder of services: the machine's own notification service must not be started.
	config := filepath.Join(dir, "conf")
	text := fmt.Sprintf(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`, filepath.Join(dir, "bus"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--config-file="+config, "--nofork", "--print-address=1", "--nopidfile")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = logged{t}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the bus says no address: %v", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
}

// join connects to the bus of the environment.
func join(t *testing.T) *dbus.Conn {
	t.Helper()
	conn, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// host is a desktop's tray: it hears of icons and reads what they show.
type host struct {
	t     *testing.T
	conn  *dbus.Conn
	items chan dbus.Sender
}

// newHost offers a tray on the bus.
func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{t: t, conn: join(t), items: make(chan dbus.Sender, 4)}
	if err := h.conn.Export(watcher{h.items}, hostPath, hostName); err != nil {
		t.Fatal(err)
	}
	own(t, h.conn, hostName)
	return h
}

// leave ends the tray.
func (h *host) leave() { leave(h.t, h.conn, hostName) }

// own takes a name on the bus.
func own(t *testing.T, conn *dbus.Conn, name string) {
	t.Helper()
	if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("take the name %s: %v, %v", name, reply, err)
	}
}

// leave gives a name back and is gone. The bus would notice a closed connection some time later.
func leave(t *testing.T, conn *dbus.Conn, name string) {
	t.Helper()
	if _, err := conn.ReleaseName(name); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

type watcher struct{ items chan dbus.Sender }

func (w watcher) RegisterStatusNotifierItem(_ string, sender dbus.Sender) *dbus.Error {
	w.items <- sender
	return nil
}

// icon waits for an icon to come.
func (h *host) icon() *icon {
	h.t.Helper()
	sender := receive(h.t, h.items, "an icon")
	i := &icon{t: h.t, conn: h.conn, name: string(sender), changes: make(chan *dbus.Signal, 256)}
	if err := h.conn.AddMatchSignal(dbus.WithMatchSender(string(sender))); err != nil {
		h.t.Fatal(err)
	}
	h.conn.Signal(i.changes)
	var menu dbus.Variant
	i.get("Menu", &menu)
	i.menu, _ = menu.Value().(dbus.ObjectPath)
	return i
}

// icon is an icon in the tray.
type icon struct {
	t       *testing.T
	conn    *dbus.Conn
	name    string
	menu    dbus.ObjectPath
	changes chan *dbus.Signal
}

func (i *icon) get(property string, value *dbus.Variant) {
	i.t.Helper()
	object := i.conn.Object(i.name, "/StatusNotifierItem")
	if err := object.Call("org.freedesktop.DBus.Properties.Get", 0, "org.kde.StatusNotifierItem", property).Store(value); err != nil {
		i.t.Fatalf("read the icon's %s: %v", property, err)
	}
}

// picture is what the icon shows, as bytes to compare.
func (i *icon) picture() string {
	i.t.Helper()
	var value dbus.Variant
	i.get("IconPixmap", &value)
	var pictures []struct {
		Width, Height int32
		Pixels        []byte
	}
	if err := value.Store(&pictures); err != nil || len(pictures) == 0 {
		i.t.Fatalf("the icon shows no picture: %v, %d pictures", err, len(pictures))
	}
	return string(pictures[0].Pixels)
}

// line is one line of a menu, whose number changes whenever the menu is made anew.
type line struct {
	id      int32
	label   string
	enabled bool
	divides bool
}

func (i *icon) lines() []line {
	i.t.Helper()
	var revision uint32
	var root struct {
		ID         int32
		Properties map[string]dbus.Variant
		Children   []dbus.Variant
	}
	call := i.conn.Object(i.name, i.menu).Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{})
	if err := call.Store(&revision, &root); err != nil {
		i.t.Fatalf("read the menu: %v", err)
	}
	var lines []line
	for _, child := range root.Children {
		var item struct {
			ID         int32
			Properties map[string]dbus.Variant
			Children   []dbus.Variant
		}
		if err := dbus.Store([]any{child.Value()}, &item); err != nil {
			i.t.Fatalf("read an item of the menu: %v", err)
		}
		l := line{id: item.ID}
		l.label, _ = item.Properties["label"].Value().(string)
		l.enabled, _ = item.Properties["enabled"].Value().(bool)
		l.divides = item.Properties["type"].Value() == "separator"
		lines = append(lines, l)
	}
	return lines
}

func (i *icon) labels() []string {
	i.t.Helper()
	var labels []string
	for _, l := range i.lines() {
		labels = append(labels, l.label)
	}
	return labels
}

// until waits for a change of the icon after which something holds.
func (i *icon) until(what string, holds func() bool) {
	i.t.Helper()
	end := time.After(limit)
	for !holds() {
		select {
		case s := <-i.changes:
			if s == nil {
				i.t.Fatalf("the bus is gone while waiting for: %s", what)
			}
		case <-end:
			i.t.Fatalf("waited %v for: %s; the menu is %q", limit, what, i.labels())
		}
	}
}

// click clicks an item as a panel does.
func (i *icon) click(label string) {
	i.t.Helper()
	if err := i.press(label); err != nil {
		i.t.Fatal(err)
	}
}

// press is click for an item after which the program may be gone.
func (i *icon) press(label string) error {
	i.t.Helper()
	for _, l := range i.lines() {
		if l.label == label {
			call := i.conn.Object(i.name, i.menu).Call("com.canonical.dbusmenu.Event", 0, l.id, "clicked", dbus.MakeVariant(""), uint32(0))
			return call.Err
		}
	}
	return fmt.Errorf("the menu has no item %q: %q", label, i.labels())
}

// posted is one notification as a service gets it.
type posted struct {
	Replaces             uint32
	App, Icon            string
	Title, Body          string
	Actions              []string
	Urgency, PictureSize int
	number               uint32
}

// noticeboard is a notification service.
type noticeboard struct {
	conn   *dbus.Conn
	posted chan posted
	mu     sync.Mutex
	next   uint32
	marks  bool
}

func newNoticeboard(t *testing.T, marks bool) *noticeboard {
	t.Helper()
	b := &noticeboard{conn: join(t), posted: make(chan posted, 16), next: 41, marks: marks}
	if err := b.conn.Export(b, notifyPath, notifyName); err != nil {
		t.Fatal(err)
	}
	own(t, b.conn, notifyName)
	return b
}

// GetCapabilities is called on the bus.
func (b *noticeboard) GetCapabilities() ([]string, *dbus.Error) {
	if b.marks {
		return []string{"actions", "body", "body-markup"}, nil
	}
	return []string{"actions", "body"}, nil
}

// Notify is called on the bus.
func (b *noticeboard) Notify(app string, replaces uint32, icon, title, body string, actions []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := posted{Replaces: replaces, App: app, Icon: icon, Title: title, Body: body, Actions: actions, number: replaces}
	if replaces == 0 {
		b.next++
		p.number = b.next
	}
	if u, ok := hints["urgency"].Value().(byte); ok {
		p.Urgency = int(u)
	}
	var picture raw
	if hints["image-data"].Store(&picture) == nil && len(picture.Data) == int(picture.Row*picture.Height) {
		p.PictureSize = int(picture.Width)
	}
	b.posted <- p
	return p.number, nil
}

// click clicks on a notification.
func (b *noticeboard) click(t *testing.T, number uint32) {
	t.Helper()
	if err := b.conn.Emit(notifyPath, notifyName+"."+actionInvoked, number, defaultAction); err != nil {
		t.Fatal(err)
	}
}

func (b *noticeboard) dismiss(t *testing.T, number uint32) {
	t.Helper()
	if err := b.conn.Emit(notifyPath, notifyName+"."+notificationClosed, number, uint32(2)); err != nil {
		t.Fatal(err)
	}
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(limit):
		t.Fatalf("waited %v for %s", limit, what)
		return *new(T)
	}
}

// program is the whole tray as a program of its own.
type program struct {
	t   *testing.T
	cmd *exec.Cmd
}

// startTray starts the tray on the bus of the environment; what it logs goes to the test's log.
func startTray(t *testing.T, o Options) *program {
	t.Helper()
	o.Log = nil
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	// systray v1.12.2 has a race of its own, between two requests for a menu's number
	// (systray_menu_unix.go, GetLayout and refresh). It is reported and does not fail the test.
	cmd.Env = append(os.Environ(), childOptions+"="+string(encode(t, o)), "GORACE=exitcode=0")
	cmd.Stdout, cmd.Stderr = logged{t}, logged{t}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, cmd: cmd}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	return p
}

type logged struct{ t *testing.T }

func (l logged) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// files counts the program's open files.
func (p *program) files() int {
	p.t.Helper()
	names, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(names)
}

func quietLog() *slog.Logger { return slog.New(slog.DiscardHandler) }
