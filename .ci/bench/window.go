package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The design's goals for the window.
const (
	windowTimeGoal   = time.Second // from its start to the first full frame
	windowMemoryGoal = 1.5         // times that of a bare window of the toolkit
)

// settledWindow is when a window has done all that its start brings.
const settledWindow = 5 * time.Second

// windowRows start the window beside a bare one, on a display of its own.
func (b *bench) windowRows(ctx context.Context) (rows []row, err error) {
	program := filepath.Join(filepath.Dir(b.beagle), "beagle-gui")
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("%w (make gui makes it)", err)
	}
	bare := filepath.Join(b.dir, "bare-window")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bare, "./.ci/bench/bare")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build a bare window: %w: %s", err, out)
	}
	agent, err := b.startAgent(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, agent.end()) }()
	screen, err := b.startScreen(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, screen.end()) }()
	socket := agent.cmd.Args[len(agent.cmd.Args)-3] // --socket SOCKET --settings FILE
	b.say("opening the window")
	var ours, theirs []opened
	for range b.runs {
		o, err := screen.open(ctx, program, "--socket", socket, "--theme", "light", "--contrast=false")
		if err != nil {
			return nil, err
		}
		t, err := screen.open(ctx, bare)
		if err != nil {
			return nil, err
		}
		ours, theirs = append(ours, o), append(theirs, t)
	}
	time := func(o opened) float64 { return float64(o.first.Milliseconds()) }
	memory := func(o opened) float64 { return float64(o.memory) }
	first, held, least := middleOf(ours, time), middleOf(ours, memory), middleOf(theirs, memory)
	return []row{
		{what: "window, start to first full frame / bare window", ours: fmt.Sprintf("%.0f ms", first), theirs: fmt.Sprintf("%.0f ms", middleOf(theirs, time)),
			goal: atMost(first, float64(windowTimeGoal.Milliseconds()), "%.0f ms"), note: "with what the agent said; closed, its process is gone"},
		{what: "window, memory / bare window", ours: mebibytes(int64(held)), theirs: mebibytes(int64(least)), ratio: number(held / least),
			goal: atMost(held/least, windowMemoryGoal, "%.1f×")},
	}, nil
}

// opened is what one start of a window cost.
type opened struct {
	first  time.Duration
	memory int64 // bytes
}

func middleOf(list []opened, of func(opened) float64) float64 {
	values := make([]float64, 0, len(list))
	for _, o := range list {
		values = append(values, of(o))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// screen is a display in memory whose pixels can be read.
type screen struct {
	resident
	display, pixels, home string
}

// startScreen starts an X server that keeps its pixels in a file.
func (b *bench) startScreen(ctx context.Context) (*screen, error) {
	dir, err := os.MkdirTemp(b.dir, "screen-*")
	if err != nil {
		return nil, err
	}
	s := &screen{pixels: filepath.Join(dir, "Xvfb_screen0"), home: dir}
	s.cmd = exec.CommandContext(ctx, "Xvfb", "-displayfd", "1", "-screen", "0", "1100x800x24", "-nolisten", "tcp", "-fbdir", dir)
	s.cmd.Stderr = &s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a display (Debian package xvfb): %w", err)
	}
	number, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the display says no number: %w", err), s.end())
	}
	s.display = ":" + strings.TrimSpace(number)
	return s, nil
}

// open starts a window, waits until it is painted, lets it settle and closes it.
func (s *screen) open(ctx context.Context, program string, args ...string) (o opened, err error) {
	r := &resident{}
	r.cmd = exec.CommandContext(ctx, program, args...)
	r.cmd.Env = append(os.Environ(), "DISPLAY="+s.display, "HOME="+s.home, "XDG_RUNTIME_DIR="+s.home, "WAYLAND_DISPLAY=", "LANG=en_US.UTF-8", "DBUS_SESSION_BUS_ADDRESS=")
	r.cmd.Stderr = &r.stderr
	start := time.Now()
	if err := r.cmd.Start(); err != nil {
		return o, err
	}
	// A bare window knows nothing of signals and ends by one.
	defer func() {
		ended := r.end()
		var state *exec.ExitError
		if errors.As(ended, &state) && len(args) == 0 {
			ended = nil
		}
		err = errors.Join(err, ended)
	}()
	limit, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		full, err := s.full(len(args) > 0)
		if err != nil {
			return o, err
		}
		if full {
			break
		}
		if err := wait(limit, 5*time.Millisecond); err != nil {
			return o, fmt.Errorf("the window of %s is not painted: %w: %s", program, err, r.stderr.String())
		}
	}
	o.first = time.Since(start)
	if err := wait(ctx, settledWindow); err != nil {
		return o, err
	}
	cost, err := r.cost()
	o.memory = cost.Peak
	return o, err
}

// full reports whether a window fills the screen, and shows the state of the machine if it is
// Beagle's: the colours of its icons are in gui/window/palette.go.
func (s *screen) full(beagle bool) (bool, error) {
	data, err := os.ReadFile(s.pixels)
	if err != nil {
		return false, fmt.Errorf("read the display: %w", err)
	}
	// https://gitlab.freedesktop.org/xorg/proto/xorgproto/-/blob/master/include/X11/XWDFile.h
	if len(data) < 100 {
		return false, nil
	}
	offset := int(binary.BigEndian.Uint32(data)) + int(binary.BigEndian.Uint32(data[76:]))*12 // header, and colours
	painted, state := 0, 0
	for i := offset; i+4 <= len(data); i += 4 {
		switch binary.LittleEndian.Uint32(data[i:]) & 0xffffff {
		case 0:
		case 0x14703a, 0xb3231f, 0x7d5200:
			state++
			painted++
		default:
			painted++
		}
	}
	return painted > 1040*720*9/10 && (!beagle || state > 300), nil
}
