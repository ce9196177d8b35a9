package tray

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// bell is a socket by which a second start of the program calls the first, for systems whose
// sessions have nothing better.
type bell struct {
	listener net.Listener
	called   chan struct{}
	running  sync.WaitGroup
}

// claimBell takes the place at path, or rings there and fails with [ErrSecond].
func claimBell(ctx context.Context, path string) (*bell, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("claim the place of the session's tray: %w", err)
	}
	dialer := net.Dialer{Timeout: time.Second}
	if conn, err := dialer.DialContext(ctx, "unix", path); err == nil {
		return nil, errors.Join(ErrSecond, conn.Close())
	}
	// Nobody answers, so what lies there was left by one that was killed.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("claim the place of the session's tray: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("claim the place of the session's tray: %w", err)
	}
	b := &bell{listener: listener, called: make(chan struct{}, 1)}
	b.running.Go(b.listen)
	return b, nil
}

// listen takes each connection for a call; nothing is read.
func (b *bell) listen() {
	for {
		conn, err := b.listener.Accept()
		if err != nil {
			return
		}
		_ = conn.Close() // it says nothing
		select {
		case b.called <- struct{}{}:
		default:
		}
	}
}

func (b *bell) close() error {
	err := b.listener.Close()
	b.running.Wait()
	return err
}
