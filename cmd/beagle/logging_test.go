package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinesForTheJournal(t *testing.T) {
	// Given a log for a journal that keeps time and level itself,
	var got []string
	log := slog.New(newLines(&slog.HandlerOptions{Level: slog.LevelInfo}, func(level slog.Level, line string) error {
		got = append(got, string(rune('0'+priority(level)))+" "+line)
		return nil
	}))

	// when things are logged,
	log.Debug("not wanted")
	log.Info("agent starts", "version", "1.2.3")
	log.With("probe", "dpkg").WithGroup("area").Warn("skipped", "time", 3)
	log.Error("failed", "error", errors.New("two\nlines"))

	// then each is one line with its priority, and neither is there twice.
	want := []string{
		`6 msg="agent starts" version=1.2.3`,
		`4 msg=skipped probe=dpkg area.time=3`,
		`3 msg=failed error="two\nlines"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestLogFileTurns(t *testing.T) {
	// Given a log file with room for three lines that holds two from before,
	path := filepath.Join(t.TempDir(), "agent.log")
	if err := os.WriteFile(path, []byte("line 1\nline 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := openRotating(path, 3*int64(len("line 0\n")))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	// when five more are written,
	for _, n := range "34567" {
		if _, err := file.Write([]byte("line " + string(n) + "\n")); err != nil {
			t.Fatal(err)
		}
	}

	// then there are the newest and the file before, and no others.
	for name, want := range map[string]string{path: "line 7\n", path + ".1": "line 4\nline 5\nline 6\n"} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s has %q, want %q", filepath.Base(name), got, want)
		}
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 2 {
		t.Errorf("got %v and %v, want two files", files, err)
	}
}

func TestLogFileThatCannotTurn(t *testing.T) {
	// Given a full log file, and a folder in the way of the one before,
	path := filepath.Join(t.TempDir(), "agent.log")
	if err := os.MkdirAll(filepath.Join(path+".1", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := openRotating(path, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for range 100 {
		if _, err := file.Write([]byte("ten bytes\n")); err != nil {
			t.Fatal(err)
		}
	}

	// then it still has an end.
	if info, err := os.Stat(path); err != nil || info.Size() > 10 {
		t.Errorf("got %v and %v, want at most 10 bytes", info, err)
	}
}

func TestLogNames(t *testing.T) {
	// Given a log that goes to a terminal or a pipe, then level and time are in it.
	var stderr strings.Builder
	log, shut, err := logTo{stderr: &stderr, level: slog.LevelInfo}.open()
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("not wanted")
	log.Warn("skipped")
	if err := shut(); err != nil {
		t.Fatal(err)
	}
	if got := stderr.String(); !strings.HasPrefix(got, "time=") || !strings.HasSuffix(got, " level=WARN msg=skipped\n") {
		t.Errorf("got %q", got)
	}
}
