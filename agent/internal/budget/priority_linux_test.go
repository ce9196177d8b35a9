package budget_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"beagle/agent/internal/budget"
)

// priority is what the kernel says of a thread.
type priority struct{ policy, nice, class, level int }

// idle is what a thread has that only gets what nobody else wants.
const idlePolicy, idleClass = unix.SCHED_IDLE, 3

func priorityOf(t *testing.T, tid int) priority {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/stat", tid))
	if err != nil {
		t.Fatal(err)
	}
	// The name of the program may hold anything; the third field follows its bracket.
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	number := func(field int) int {
		n, err := strconv.Atoi(fields[field-3])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	io, _, errno := unix.Syscall(unix.SYS_IOPRIO_GET, 1, uintptr(tid), 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	return priority{policy: number(41), nice: number(19), class: int(io >> 13), level: int(io & 0xff)}
}

// onThread runs f on a thread of its own, which f may let end. It is not the program's first:
// that one can only be parked.
func onThread(f func(tid int)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if unix.Gettid() == os.Getpid() {
			onThread(f) // while this one is taken
		} else {
			f(unix.Gettid())
		}
	}()
	<-done
}

func TestIdleThread(t *testing.T) {
	onThread(func(tid int) {
		// Given a goroutine, when it asks for an idle thread,
		before := priorityOf(t, tid)
		restore, err := budget.IdleThread()
		if err != nil {
			t.Error(err)
		}
		// then the kernel lets it run when nobody else wants to, and no other goroutine.
		if p := priorityOf(t, unix.Gettid()); p.policy != idlePolicy || p.class != idleClass || unix.Gettid() != tid {
			t.Errorf("got %+v on %d", p, unix.Gettid())
		}
		onThread(func(other int) {
			if p := priorityOf(t, other); p.policy == idlePolicy || other == tid {
				t.Errorf("another goroutine runs on %d with %+v", other, p)
			}
		})
		// When it is over, then the thread is as it was.
		restore()
		if os.Getuid() != 0 {
			return // it may not be allowed to; see the next test
		}
		if p := priorityOf(t, tid); p.policy != before.policy || p.nice != before.nice || p.class == idleClass {
			t.Errorf("got %+v, want %+v", p, before)
		}
	})
}

func TestAnIdleThreadThatMayNotRiseEnds(t *testing.T) {
	// Given a thread that may lower its priority but not raise it,
	var tid int
	onThread(func(own int) {
		loseRights(t)
		tid = own
		restore, err := budget.IdleThread()
		if err != nil {
			t.Error(err)
		}
		restore()
		if p := priorityOf(t, tid); p.policy != idlePolicy {
			t.Errorf("it may rise: %+v", p)
		}
	})
	// when its goroutine ends, then so does the thread, instead of serving others.
	check := time.NewTicker(time.Millisecond)
	defer check.Stop()
	for {
		if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", tid)); errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-check.C:
		case <-t.Context().Done():
			t.Fatal("the thread lives on")
		}
	}
}

// loseRights takes from the calling thread what root may do to priorities.
func loseRights(t *testing.T) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NICE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur > 0 {
		t.Skipf("RLIMIT_NICE is %d: anybody may raise a priority here", limit.Cur)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		t.Fatal(err)
	}
	sets[0].Effective &^= 1 << unix.CAP_SYS_NICE
	sets[0].Permitted &^= 1 << unix.CAP_SYS_NICE
	if err := unix.Capset(&header, &sets[0]); err != nil {
		t.Fatal(err)
	}
}

func TestLower(t *testing.T) {
	// Given a process with several threads, one of which has a lower priority already,
	const already = 12
	ready, release := make(chan int), make(chan struct{})
	defer close(release)
	thread := func(nice int) int {
		go func() {
			runtime.LockOSThread() // and never gives it back
			if err := unix.Setpriority(unix.PRIO_PROCESS, 0, nice); nice > 0 && err != nil {
				t.Error(err)
			}
			ready <- unix.Gettid()
			<-release
		}()
		return <-ready
	}
	low, usual := thread(already), thread(0) // which is in vain where only root may rise
	want := map[int]int{}
	for _, tid := range []int{os.Getpid(), usual, low} {
		want[tid] = max(priorityOf(t, tid).nice, 5)
	}
	// when it steps back,
	if err := budget.Lower(); err != nil {
		t.Fatal(err)
	}
	// then all threads do, the main one included, but for those that have.
	for tid, nice := range want {
		if p := priorityOf(t, tid); p.nice != nice || p.class != 2 || p.level != 7 {
			t.Errorf("thread %d: got %+v, want %d", tid, p, nice)
		}
	}
	if want[low] != already {
		t.Errorf("want %v", want)
	}
}
