package local_test

import (
	"errors"
	"io"
	"net"
	"os/user"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

func TestListen(t *testing.T) {
	path := place(shortDir(t), "agent")
	l, err := local.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	// Given a live agent, then it is found.
	ended := make(chan error, 1)
	go func() {
		ended <- local.Serve(t.Context(), l, newAgent(record("m1", api.MachineOwner, api.VerdictAllowed)))
	}()
	if s, err := api.NewClient(path).Snapshot(t.Context()); err != nil || ids(s.Records) != "m1" {
		t.Errorf("got records %q, %v", ids(s.Records), err)
	}
	// When it ends while it waits for a client, then the next one may come.
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := within(t, "the end", ended); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve: got %v, want %v", err, net.ErrClosed)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed twice: got %v, want %v", err, net.ErrClosed)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepted afterwards: got %v, want %v", err, net.ErrClosed)
	}
	if _, err := api.NewClient(path).Snapshot(t.Context()); !errors.Is(err, api.ErrUnreachable) {
		t.Errorf("asked afterwards: got %v, want %v", err, api.ErrUnreachable)
	}
	l, err = local.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

// TestSecondAgent starts one where another listens.
func TestSecondAgent(t *testing.T) {
	notInWine(t, "it lets anybody be the first server of a pipe")
	path := place(shortDir(t), "agent")
	l, err := local.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if second, err := local.Listen(path); !errors.Is(err, local.ErrInUse) {
		if err == nil {
			second.Close()
		}
		t.Errorf("got %v, want %v", err, local.ErrInUse)
	}
}

// TestPeer lets the system say who connects.
func TestPeer(t *testing.T) {
	l, err := local.Listen(place(shortDir(t), "agent"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	client := dial(t, &running{paths: map[string]string{"me": l.Addr().String()}}, local.Viewer{ID: "me"})
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(client, "x")
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	peer := conn.(local.Peer)
	who, err := peer.Viewer()
	if err != nil {
		t.Fatal(err)
	}
	account := me.Username[strings.LastIndexByte(me.Username, '\\')+1:]
	if who.ID != me.Uid || peer.Account() != me.Uid || !strings.EqualFold(who.Account, account) {
		t.Errorf("got %+v and account %q, want %q named %q", who, peer.Account(), me.Uid, account)
	}
}

// TestAnonymous connects without letting the agent know who it is.
func TestAnonymous(t *testing.T) {
	notInWine(t, "it tells who a client is against its will")
	l, err := local.Listen(place(shortDir(t), "agent"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	name, err := windows.UTF16PtrFromString(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	const flags = windows.FILE_FLAG_OVERLAPPED | windows.SECURITY_SQOS_PRESENT | windows.SECURITY_ANONYMOUS
	handle, err := windows.CreateFile(name, api.PipeAccess, 0, nil, windows.OPEN_EXISTING, flags, 0)
	if err != nil {
		t.Fatal(err)
	}
	client := api.NewPipeConn(handle, "")
	defer client.Close()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(client, "x")
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if who, err := conn.(local.Peer).Viewer(); err == nil {
		t.Errorf("got %+v, want an error", who)
	}
}

// TestPipeDuplex reads and writes at the same time, and ends both by a deadline and by Close.
func TestPipeDuplex(t *testing.T) {
	l, err := local.Listen(place(shortDir(t), "agent"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client := dial(t, &running{paths: map[string]string{"me": l.Addr().String()}}, local.Viewer{ID: "me"})
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	// Given a read under way at both ends, then writes go through.
	reads := make(chan error, 2)
	for _, c := range []net.Conn{client, conn} {
		go func() {
			_, err := io.ReadFull(c, make([]byte, 5))
			reads <- err
		}()
	}
	for _, c := range []net.Conn{client, conn} {
		if _, err := io.WriteString(c, "hello"); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := within(t, "a read", reads); err != nil {
			t.Error(err)
		}
	}

	// Given an other end that does not read, then a write ends with its deadline.
	conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	_, err = conn.Write(make([]byte, 16<<20))
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("write: got %v, want a timeout", err)
	}

	// Given a read under way, then Close ends it, and the other end sees the end.
	go func() {
		_, err := conn.Read(make([]byte, 5))
		reads <- err
	}()
	conn.Close()
	if err := within(t, "the end of a read", reads); err == nil {
		t.Error("a read from a closed pipe succeeded")
	}
	if _, err := io.Copy(io.Discard, client); err != nil {
		t.Errorf("the other end: got %v, want the end", err)
	}
}

// notInWine skips a test of what Wine 8 does otherwise than Windows.
func notInWine(t *testing.T, reason string) {
	t.Helper()
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
		t.Skip("Wine: " + reason)
	}
}
