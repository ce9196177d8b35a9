package exe_test

import (
	"context"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"beagle/detectors"
	"beagle/detectors/exe"
)

// TestTheWalkStaysOnItsThread holds the walk to the thread that it was given: a priority is a
// thread's, and work that another one does has none of it.
func TestTheWalkStaysOnItsThread(t *testing.T) {
	host, index, places := diskHost(t)
	var given int
	var asked []int
	limits := detectors.Limits{
		Thread: func() func() {
			runtime.LockOSThread()
			given = unix.Gettid()
			return runtime.UnlockOSThread
		},
		Pace: func(context.Context) { asked = append(asked, unix.Gettid()) },
	}
	for _, piece := range exe.Pieces(index, places) {
		given, asked = 0, nil
		seen := detectors.Run(t.Context(), host, []detectors.Probe{piece.Probe}, limits)
		if given == 0 || len(asked) == 0 {
			t.Errorf("%s: ran on no thread of its own, or did not ask whether it may: %d, %v", piece.Area, given, asked)
		}
		for _, tid := range asked {
			if tid != given {
				t.Errorf("%s: worked on thread %d instead of %d", piece.Area, tid, given)
			}
		}
		if seen.Probes[0].Problem != nil {
			t.Errorf("%s: %+v", piece.Area, seen.Probes[0])
		}
	}
}
