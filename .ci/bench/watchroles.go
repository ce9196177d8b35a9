package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/watch"
)

// moment is when something happened to a process, by the clock that all processes share
// (CLOCK_MONOTONIC).
type moment struct {
	PID int
	At  int64 // nanoseconds
}

// burstLog is what a burst did; watchLog and pollLog are what those who watched saw and cost.
type burstLog struct {
	Started []moment
	Took    int64 // nanoseconds
}

type watchLog struct {
	Seen []moment
	CPU  int64 // nanoseconds
}

type pollLog struct {
	Looks int
	CPU   int64 // nanoseconds
}

func clock() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0
	}
	return ts.Nano()
}

func ownCPU() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return cpu(&u), err
}

// burst starts a program again and again, waiting for the end of each, at a given rate.
func burst(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("burst of what, how many, how many a second?")
	}
	path := args[0]
	count, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	rate, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	attr := &syscall.ProcAttr{Files: []uintptr{null.Fd(), null.Fd(), null.Fd()}}
	log := burstLog{Started: make([]moment, 0, count)}
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	began := time.Now()
	for i := range count {
		// Whoever is late catches up.
		for time.Since(began) < time.Duration(i)*time.Second/time.Duration(rate) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		at := clock()
		pid, err := syscall.ForkExec(path, []string{path}, attr)
		if err != nil {
			return err
		}
		log.Started = append(log.Started, moment{pid, at})
		if _, err := syscall.Wait4(pid, nil, 0, nil); err != nil {
			return err
		}
	}
	log.Took = int64(time.Since(began))
	return json.NewEncoder(os.Stdout).Encode(log)
}

// settle is how long after a burst the last event may come.
const settle = 200 * time.Millisecond

// watched tells what a way of watching saw of a program, from when it is ready until a line
// comes from standard input. Watch calls ready, once, and seen for each start.
func watched(ctx context.Context, watch func(ctx context.Context, ready func(mode string), seen func(pid int)) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	log := watchLog{Seen: make([]moment, 0, 1<<16)}
	var before time.Duration
	var failed error
	began := make(chan struct{})
	go func() {
		defer cancel()
		<-began
		line := make([]byte, 1)
		if _, err := os.Stdin.Read(line); err != nil {
			return
		}
		select {
		case <-time.After(settle):
		case <-ctx.Done():
		}
	}()
	err := watch(ctx, func(mode string) {
		before, failed = ownCPU()
		failed = errors.Join(failed, json.NewEncoder(os.Stdout).Encode(struct{ Mode string }{mode}))
		close(began)
	}, func(pid int) { log.Seen = append(log.Seen, moment{pid, clock()}) })
	after, cpuErr := ownCPU()
	if err := errors.Join(err, failed, cpuErr); err != nil {
		return err
	}
	log.CPU = int64(after - before)
	return json.NewEncoder(os.Stdout).Encode(log)
}

// watchStarts is the agent's way: the watcher, with the catalog to say what it wants.
func watchStarts(ctx context.Context, args []string) error {
	index, err := knownIndex()
	if err != nil {
		return err
	}
	host, err := detectors.Live(ctx)
	if err != nil {
		return err
	}
	w := watch.New(host, watch.Options{Wants: all.NewLive(host, index).Wants})
	return watched(ctx, func(ctx context.Context, ready func(string), seen func(int)) error {
		return w.Run(ctx, func(batch []watch.Event) {
			for i := range batch {
				switch ev := &batch[i]; {
				case ev.Kind == watch.ModeChanged:
					mode, _ := w.Mode()
					ready(mode)
				case ev.Kind == watch.ProcessStarted && ev.Path == args[0]:
					seen(ev.PID)
				}
			}
		})
	})
}

// receive is the bare receiver: it reads what the kernel sends, asks for the path, and that is
// all.
func receive(ctx context.Context, args []string) error {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_LARGEFILE)
	if err == nil {
		err = unix.FanotifyMark(fd, unix.FAN_MARK_ADD|unix.FAN_MARK_FILESYSTEM, unix.FAN_OPEN_EXEC, unix.AT_FDCWD, args[0])
	}
	if err != nil {
		return fmt.Errorf("fanotify: %w", err)
	}
	defer unix.Close(fd)
	buf, link := make([]byte, 8192), make([]byte, unix.PathMax)
	const size = int(unsafe.Sizeof(unix.FanotifyEventMetadata{}))
	return watched(ctx, func(ctx context.Context, ready func(string), seen func(int)) error {
		ready("fanotify")
		for ctx.Err() == nil {
			if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 100); err != nil && !errors.Is(err, unix.EINTR) {
				return err
			}
			n, err := unix.Read(fd, buf)
			if err != nil {
				continue
			}
			for rest := buf[:n]; len(rest) >= size; rest = rest[size:] {
				ev := (*unix.FanotifyEventMetadata)(unsafe.Pointer(&rest[0]))
				if ev.Fd < 0 {
					continue
				}
				n, err := unix.Readlink("/proc/self/fd/"+strconv.Itoa(int(ev.Fd)), link)
				if err == nil && bytes.Equal(link[:n], []byte(args[0])) {
					seen(int(ev.Pid))
				}
				if err := unix.Close(int(ev.Fd)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// pollFast and pollFor make enough looks for a figure; before that the poller gets to know all.
const (
	pollFast = 200 * time.Millisecond
	pollFor  = 5 * time.Second
	pollKnow = 2 * time.Second
)

// poll is the fallback on a machine where nothing starts.
func poll(ctx context.Context, _ []string) error {
	host, err := detectors.Live(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := watch.New(host, watch.Options{Processes: watch.Polling, Poll: pollFast, Wants: func(string) bool { return false }})
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, func([]watch.Event) {}) }()
	if err := wait(ctx, pollKnow); err != nil {
		return err
	}
	before, err := ownCPU()
	if err != nil {
		return err
	}
	if err := wait(ctx, pollFor); err != nil {
		return err
	}
	after, err := ownCPU()
	if err != nil {
		return err
	}
	cancel()
	if err := <-ended; err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(pollLog{Looks: int(pollFor / pollFast), CPU: int64(after - before)})
}
