//go:build cgo || ci

package main

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// instance is the claim to be the one window of a session: the first end of a named pipe.
type instance struct {
	name   string
	handle windows.Handle
	ended  atomic.Bool
}

// place is the pipe of this person in this session.
func place() (name, sid string, err error) {
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", "", fmt.Errorf("ask who we are: %w", err)
	}
	var session uint32
	if err := windows.ProcessIdToSessionId(windows.GetCurrentProcessId(), &session); err != nil {
		return "", "", fmt.Errorf("ask for the session: %w", err)
	}
	sid = me.User.Sid.String()
	return fmt.Sprintf(`\\.\pipe\beagle-gui-%s-%d`, sid, session), sid, nil
}

// claim makes this process the window of the session. It fails with errTaken if another one
// is.
func claim(_, _ string) (*instance, error) {
	name, sid, err := place()
	if err != nil {
		return nil, err
	}
	// Only this person: the default would let everybody read.
	descriptor, err := windows.SecurityDescriptorFromString("D:P(A;;GA;;;" + sid + ")")
	if err != nil {
		return nil, fmt.Errorf("say who may open the pipe: %w", err)
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: descriptor}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	const mode = windows.PIPE_ACCESS_DUPLEX | windows.FILE_FLAG_FIRST_PIPE_INSTANCE
	handle, err := windows.CreateNamedPipe(path, mode, windows.PIPE_REJECT_REMOTE_CLIENTS, 1, maxPage+1, maxPage+1, 0, attributes)
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_PIPE_BUSY) {
		return nil, errTaken
	}
	if err != nil {
		return nil, fmt.Errorf("make the pipe for other starts: %w", err)
	}
	return &instance{name: name, handle: handle}, nil
}

// pipe reads and writes one connection of the pipe.
type pipe windows.Handle

func (p pipe) Read(b []byte) (int, error)  { return windows.Read(windows.Handle(p), b) }
func (p pipe) Write(b []byte) (int, error) { return windows.Write(windows.Handle(p), b) }

// serve shows what other starts want to see, until close.
func (i *instance) serve(show func(page string)) {
	for !i.ended.Load() {
		err := windows.ConnectNamedPipe(i.handle, nil)
		if err != nil && !errors.Is(err, windows.ERROR_PIPE_CONNECTED) || i.ended.Load() {
			break
		}
		// One that breaks off has nothing to say.
		_ = attend(pipe(i.handle), show)
		_ = windows.FlushFileBuffers(i.handle)
		if windows.DisconnectNamedPipe(i.handle) != nil {
			break
		}
	}
	windows.CloseHandle(i.handle)
}

// close ends serve and gives the session free.
func (i *instance) close() {
	i.ended.Store(true)
	if conn, err := os.OpenFile(i.name, os.O_RDWR, 0); err == nil { // so that serve wakes
		conn.Close()
	}
}

// askOther asks the session's window to show a page. One that is just busy has a moment.
func askOther(_, _, page string) error {
	name, _, err := place()
	if err != nil {
		return err
	}
	deadline := time.Now().Add(exchangeTime)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		conn, err := os.OpenFile(name, os.O_RDWR, 0)
		if err == nil {
			defer conn.Close()
			return exchange(conn, page)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("reach the open window: %w", err)
		}
		<-ticker.C
	}
}
