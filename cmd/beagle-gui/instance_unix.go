//go:build unix && (cgo || ci)

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// instance is the claim to be the one window of a session: a lock that ends with the process,
// and a socket for the starts that come later.
type instance struct {
	lock   *os.File
	listen net.Listener
}

// place is where the window of a session is found, without an ending.
func place(folder, display string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, display)
	return filepath.Join(folder, "window"+clean[:min(len(clean), 32)])
}

// claim makes this process the window of the session. It fails with errTaken if another one
// is.
func claim(folder, display string) (*instance, error) {
	if folder == "" {
		return nil, errors.New("there is no folder where programs find each other")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder where programs find each other: %w", err)
	}
	path := place(folder, display)
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the session: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errTaken
		}
		return nil, errors.Join(err, lock.Close())
	}
	// Whatever is there was left behind: nobody else holds the lock.
	if err := os.Remove(path + ".sock"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("remove what another window left: %w", err), lock.Close())
	}
	listen, err := net.Listen("unix", path+".sock")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for other starts: %w", err), lock.Close())
	}
	return &instance{lock, listen}, nil
}

// serve shows what other starts want to see, until close.
func (i *instance) serve(show func(page string)) {
	for {
		conn, err := i.listen.Accept()
		if err != nil {
			return
		}
		// One that breaks off has nothing to say; the deadline is kept by every socket.
		if conn.SetDeadline(time.Now().Add(exchangeTime)) == nil {
			_ = attend(conn, show)
		}
		conn.Close()
	}
}

// close ends serve and gives the session free.
func (i *instance) close() {
	i.listen.Close()
	i.lock.Close()
}

// askOther asks the session's window to show a page. One that is just starting has a moment.
func askOther(folder, display, page string) error {
	deadline := time.Now().Add(exchangeTime)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		conn, err := net.Dial("unix", place(folder, display)+".sock")
		if err == nil {
			defer conn.Close()
			if err := conn.SetDeadline(deadline); err != nil {
				return fmt.Errorf("ask the open window: %w", err)
			}
			return exchange(conn, page)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("reach the open window: %w", err)
		}
		<-ticker.C
	}
}
