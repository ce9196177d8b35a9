package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
)

// The log names no user and no file of one: it leaves the machine with support requests, and
// people may read it who may not read what the agent found. What was found is in the agent's
// answers, which know who asks.

// logTo says where the log goes, and how much of it.
type logTo struct {
	stderr io.Writer
	// file takes the log instead of stderr, "" if none does.
	file  string
	level slog.Leveler
	// system says that the service manager started the program, so that the log of the system
	// takes warnings and errors where there is one beside the file.
	system bool
}

// open returns the log and what closes it.
func (to logTo) open() (*slog.Logger, func() error, error) {
	options := &slog.HandlerOptions{Level: to.level}
	var opened closers
	var handlers []slog.Handler
	switch {
	case to.file != "":
		file, err := openRotating(to.file, maxLog)
		if err != nil {
			return nil, nil, fmt.Errorf("--log %q: %w", to.file, describe(err))
		}
		opened = append(opened, file.Close)
		handlers = append(handlers, slog.NewTextHandler(file, options))
	case readByJournal(to.stderr):
		handlers = append(handlers, newLines(options, func(level slog.Level, line string) error {
			_, err := fmt.Fprintf(to.stderr, "<%d>%s\n", priority(level), line)
			return err
		}))
	default:
		handlers = append(handlers, slog.NewTextHandler(to.stderr, options))
	}
	if to.system {
		handler, shut, err := systemLog()
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("open the log of the system: %w", err), opened.close())
		}
		if handler != nil {
			opened = append(opened, shut)
			handlers = append(handlers, handler)
		}
	}
	return slog.New(slog.NewMultiHandler(handlers...)), opened.close, nil
}

type closers []func() error

func (c closers) close() error {
	var errs []error
	for _, shut := range c {
		errs = append(errs, shut())
	}
	return errors.Join(errs...)
}

// priority is the level in the words of syslog, which is how the journal reads what begins
// with <N> (sd-daemon(3)).
func priority(level slog.Level) int {
	const failure, warning, information, debug = 3, 4, 6, 7
	switch {
	case level >= slog.LevelError:
		return failure
	case level >= slog.LevelWarn:
		return warning
	case level >= slog.LevelInfo:
		return information
	}
	return debug
}

// lines is a handler for a log that keeps time and level itself. It hands over one line for
// each record.
type lines struct {
	text  slog.Handler // writes to out.buffer
	out   *lineBuffer
	level slog.Leveler
}

type lineBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
	write  func(slog.Level, string) error
}

func newLines(options *slog.HandlerOptions, write func(slog.Level, string) error) *lines {
	out := &lineBuffer{write: write}
	text := slog.NewTextHandler(&out.buffer, &slog.HandlerOptions{
		Level: options.Level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
				return slog.Attr{}
			}
			return a
		},
	})
	return &lines{text: text, out: out, level: options.Level}
}

func (l *lines) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level.Level() }

func (l *lines) Handle(ctx context.Context, r slog.Record) error {
	l.out.mu.Lock()
	defer l.out.mu.Unlock()
	l.out.buffer.Reset()
	if err := l.text.Handle(ctx, r); err != nil {
		return err
	}
	return l.out.write(r.Level, string(bytes.TrimSpace(l.out.buffer.Bytes())))
}

func (l *lines) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &lines{l.text.WithAttrs(attrs), l.out, l.level}
}

func (l *lines) WithGroup(name string) slog.Handler {
	return &lines{l.text.WithGroup(name), l.out, l.level}
}

// maxLog bounds a log file; the one before it is kept as well.
const maxLog = 5 << 20

// rotating is a log file that gives way to a new one when it is full, for systems that do
// not do that themselves.
type rotating struct {
	path  string
	limit int64

	mu   sync.Mutex
	file *os.File
	size int64
}

func openRotating(path string, limit int64) (*rotating, error) {
	r := &rotating{path: path, limit: limit}
	return r, r.open()
}

func (r *rotating) open() error {
	file, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	r.file, r.size = file, info.Size()
	return nil
}

func (r *rotating) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file != nil && r.size > 0 && r.size+int64(len(line)) > r.limit {
		r.turn()
	}
	if r.file == nil { // it could not be opened again; perhaps now
		if err := r.open(); err != nil {
			return 0, err
		}
	}
	n, err := r.file.Write(line)
	r.size += int64(n)
	return n, err
}

// turn puts the full file aside. Where that fails it is emptied: a log must not fill a disk.
func (r *rotating) turn() {
	_ = r.file.Close() // all that was written has been
	r.file = nil
	if err := os.Rename(r.path, r.path+".1"); err != nil {
		_ = os.Truncate(r.path, 0)
	}
}

func (r *rotating) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
