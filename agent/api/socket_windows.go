package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/user"
	"time"

	"golang.org/x/sys/windows"
)

// DefaultSocket is where the system's agent listens.
func DefaultSocket() string { return `\\.\pipe\beagle-agent` }

// UserSocket is where an agent listens that an ordinary user runs. It fails where the system
// does not tell who the user is.
func UserSocket() (string, error) {
	me, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("find a name for the pipe: %w", err)
	}
	return DefaultSocket() + "-" + me.Uid, nil
}

// PipeAccess are the rights that a client of the pipe needs and ordinary users have: to read
// and write, but not to be a second server of the same pipe, which GENERIC_WRITE would
// include (https://learn.microsoft.com/windows/win32/ipc/named-pipe-security-and-access-rights).
const PipeAccess = windows.FILE_GENERIC_READ | windows.FILE_GENERIC_WRITE&^windows.FILE_APPEND_DATA

// busyTime is how often to ask for a free end of the pipe; the server offers the next one as
// soon as one is taken.
const busyTime = 5 * time.Millisecond

// dial opens the pipe and checks whose it is before anything is written. The server learns
// who we are and cannot act as us.
func dial(ctx context.Context, path string) (net.Conn, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const flags = windows.FILE_FLAG_OVERLAPPED | windows.SECURITY_SQOS_PRESENT | windows.SECURITY_IDENTIFICATION
	handle, err := windows.CreateFile(name, PipeAccess, 0, nil, windows.OPEN_EXISTING, flags, 0)
	if errors.Is(err, windows.ERROR_PIPE_BUSY) {
		ticker := time.NewTicker(busyTime)
		defer ticker.Stop()
		for errors.Is(err, windows.ERROR_PIPE_BUSY) {
			select {
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			case <-ticker.C:
				handle, err = windows.CreateFile(name, PipeAccess, 0, nil, windows.OPEN_EXISTING, flags, 0)
			}
		}
	}
	if err != nil {
		return nil, err
	}
	if err := verify(handle); err != nil {
		return nil, errors.Join(err, windows.CloseHandle(handle))
	}
	return NewPipeConn(handle, path), nil
}

// verify accepts a pipe of the system, of the administrators or of the asker. The owner of a
// pipe is who made its first end; nobody can make things that others own without the right
// to restore backups.
func verify(handle windows.Handle) error {
	descriptor, err := windows.GetSecurityInfo(handle, windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("%w: ask who owns the pipe: %w", ErrUntrusted, err)
	}
	owner, _, err := descriptor.Owner()
	if err != nil {
		return fmt.Errorf("%w: ask who owns the pipe: %w", ErrUntrusted, err)
	}
	if owner == nil {
		return fmt.Errorf("%w: nobody owns the pipe", ErrUntrusted)
	}
	if owner.IsWellKnown(windows.WinLocalSystemSid) || owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) {
		return nil
	}
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return fmt.Errorf("%w: ask who we are: %w", ErrUntrusted, err)
	}
	if !owner.Equals(me.User.Sid) {
		return fmt.Errorf("%w: %v owns the pipe", ErrUntrusted, owner)
	}
	return nil
}
