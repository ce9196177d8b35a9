//go:build !windows

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// flagSCM is an argument of Windows services; see run_windows.go.
const flagSCM = "scm"

func underSCM(context.Context, func(context.Context, manager) error) error {
	return errors.New("--scm is for the service manager of Windows")
}

func privileged() (bool, error) { return os.Geteuid() == 0, nil }

// prepareState makes the state folder, or makes sure that it belongs to whom the agent runs
// as: whoever can write there decides what the agent remembers. A disk that is full or
// read-only is left to the agent, which goes on without a memory and says so.
func prepareState(dir string, _ bool) error {
	err := os.MkdirAll(dir, 0o700)
	if errors.Is(err, unix.EROFS) || errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != os.Geteuid() {
		return errors.New("it belongs to another user")
	}
	if info.Mode().Perm()&0o300 != 0o300 {
		return fmt.Errorf("its mode is %04o: %w", info.Mode().Perm(), fs.ErrPermission)
	}
	return ownFolder(dir)
}

// hangups returns a channel that hears, until ctx ends, when somebody wants the settings to
// be read again.
func hangups(ctx context.Context) <-chan struct{} {
	heard, asked := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(heard, syscall.SIGHUP)
	go func() {
		defer signal.Stop(heard)
		for {
			select {
			case <-ctx.Done():
				return
			case <-heard:
			}
			select {
			case <-ctx.Done():
				return
			case asked <- struct{}{}:
			}
		}
	}()
	return asked
}
