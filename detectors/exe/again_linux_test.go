package exe_test

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"beagle/detectors/exe"
)

func TestAgainUnreadable(t *testing.T) {
	const path = "/home/alice/wps/office6/et"
	for locked, want := range map[string]string{
		"/srv": there, "/home/alice": unknown, "/home/alice/wps/office6": unknown, path: unknown,
	} {
		t.Run(locked, func(t *testing.T) {
			// Given a file that a walk found, and something closed since,
			host, index, places := diskHost(t)
			before := recorded(t, host, index, places, path)
			lock(t, host.Local(locked))
			again := exe.Again(host, index, places)
			// when somebody asks who is not allowed in, then that is no answer.
			asOrdinaryUser(t, func() {
				if _, err := again.File(&before); answer(err) != want {
					t.Errorf("got %v, want %s", err, want)
				}
			})
		})
	}
}

func lock(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(path, info.Mode()); err != nil {
			t.Error(err)
		}
	})
}

// asOrdinaryUser lets f be asked for permissions like anybody, also where root runs the tests:
// a thread's file system identity is its own (setfsuid(2)).
func asOrdinaryUser(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	const nobody = 65534
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setfsuid(0); err != nil {
			t.Error(err)
		}
	}()
	f()
}
