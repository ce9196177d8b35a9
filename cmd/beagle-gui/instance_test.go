//go:build cgo || ci

package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// serving is a window that notes what it is asked to show.
func serving(t *testing.T, folder string) (first *instance, shown *[]string, end func()) {
	t.Helper()
	first, err := claim(folder, ":7")
	if err != nil {
		t.Fatal(err)
	}
	shown = new([]string)
	var group sync.WaitGroup
	group.Go(func() { first.serve(func(page string) { *shown = append(*shown, page) }) })
	end = sync.OnceFunc(func() { first.close(); group.Wait() })
	t.Cleanup(end)
	return first, shown, end
}

func TestOnlyOne(t *testing.T) {
	folder := t.TempDir()
	// Given a window,
	_, shown, end := serving(t, folder)
	// when it is started again, then the first shows the pages.
	for _, page := range []string{"about", "record:" + strings.Repeat("0", 64), ""} {
		if _, err := claim(folder, ":7"); !errors.Is(err, errTaken) {
			t.Fatalf("a second claim: got %v", err)
		}
		if err := askOther(folder, ":7", page); err != nil {
			t.Fatal(err)
		}
	}
	// What is not the name of a page is not asked for.
	for _, page := range []string{"a\nb", strings.Repeat("x", maxPage+1)} {
		if err := askOther(folder, ":7", page); err == nil {
			t.Errorf("%.20q was asked for", page)
		}
	}
	end()
	if want := []string{"about", "record:" + strings.Repeat("0", 64), ""}; !slices.Equal(*shown, want) {
		t.Errorf("shown %q, want %q", *shown, want)
	}
	// And when it is closed, another one may be the first.
	_, _, end = serving(t, folder)
	end()
}

func TestLeftBehind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a pipe ends with its process")
	}
	// Given what a killed window left, a socket that nobody serves,
	folder := t.TempDir()
	for _, ending := range []string{".sock", ".lock"} {
		if err := os.WriteFile(filepath.Join(folder, "window_7"+ending), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// then the next one is the first.
	_, shown, end := serving(t, folder)
	if err := askOther(folder, ":7", "history"); err != nil {
		t.Fatal(err)
	}
	end()
	if !slices.Equal(*shown, []string{"history"}) {
		t.Errorf("shown %q", *shown)
	}
	// Another display has a window of its own.
	other, err := claim(folder, "wayland-1")
	if err != nil {
		t.Fatal(err)
	}
	other.close()
	// And a folder that cannot be used is an error, not a second window.
	if _, err := claim("", ":7"); err == nil || errors.Is(err, errTaken) {
		t.Errorf("without a folder: %v", err)
	}
}
