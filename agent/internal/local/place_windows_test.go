package local_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/windows"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

// shortDir is the beginning of the names of pipes, which lie in no folder.
func shortDir(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf(`\\.\pipe\beagle-test-%d-%s`, os.Getpid(), strings.ReplaceAll(t.Name(), "/", "-"))
}

func place(dir, name string) string { return dir + "-" + name }

// dial opens a connection that says nothing by itself.
func dial(t *testing.T, r *running, who local.Viewer) net.Conn {
	t.Helper()
	name, err := windows.UTF16PtrFromString(r.paths[who.ID])
	if err != nil {
		t.Fatal(err)
	}
	const flags = windows.FILE_FLAG_OVERLAPPED | windows.SECURITY_SQOS_PRESENT | windows.SECURITY_IDENTIFICATION
	handle := windows.InvalidHandle
	until(t, "a free end of the pipe", func() bool {
		handle, err = windows.CreateFile(name, api.PipeAccess, 0, nil, windows.OPEN_EXISTING, flags, 0)
		return !errors.Is(err, windows.ERROR_PIPE_BUSY)
	})
	if err != nil {
		t.Fatal(err)
	}
	conn := api.NewPipeConn(handle, r.paths[who.ID])
	t.Cleanup(func() { conn.Close() })
	return conn
}
