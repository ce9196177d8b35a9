package tray

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"unicode/utf16"

	"beagle/gui/view"
)

func TestTextThatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		text, want string
		room       int
	}{
		{"", "", 4},
		{"abc", "abc", 4},
		{"abcd", "ab…", 4},
		{"金山WPS", "金山W…", 5},
		{"a😀", "a😀", 4},
		{"ab😀", "ab…", 4},
		{"😀😀", "😀…", 4},
		{"😀😀", "…", 3},
	} {
		room := make([]uint16, c.room)
		fill(room, c.text)
		end := 0
		for room[end] != 0 {
			end++
		}
		if got := string(utf16.Decode(room[:end])); got != c.want {
			t.Errorf("%q in %d units: %q, want %q", c.text, c.room, got, c.want)
		}
	}
}

func TestMemoryIsKeptOrEmpty(t *testing.T) {
	dir := t.TempDir()
	s := newShelf(filepath.Join(dir, "new"))
	// Given nothing, a memory is empty; what is saved comes back.
	if m, err := s.load(); err != nil || m.Hinted {
		t.Errorf("without a file: %+v, %v", m, err)
	}
	if err := s.save(memory{Hinted: true}); err != nil {
		t.Fatal(err)
	}
	if m, err := newShelf(filepath.Join(dir, "new")).load(); err != nil || !m.Hinted {
		t.Errorf("what was saved: %+v, %v", m, err)
	}
	if info, err := os.Stat(s.path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	// What nobody can read is said, and counts as nothing.
	if err := os.WriteFile(s.path, []byte(`{"hinted": tr`), 0o600); err != nil {
		t.Fatal(err)
	}
	if m, err := newShelf(filepath.Join(dir, "new")).load(); err == nil || m.Hinted {
		t.Errorf("of half a file: %+v, %v", m, err)
	}
	// Without a folder nothing is kept, and that is fine.
	if err := newShelf("").save(memory{}); err != nil {
		t.Error(err)
	}
}

func TestBellCallsTheFirst(t *testing.T) {
	dir, err := os.MkdirTemp("", "bell")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "deep", "s")
	first, err := claimBell(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := claimBell(t.Context(), path); !errors.Is(err, ErrSecond) {
		t.Errorf("a second start: %v, want ErrSecond", err)
	}
	<-first.called
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	// What one that was killed left behind is in nobody's way.
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	next, err := claimBell(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.close(); err != nil {
		t.Fatal(err)
	}
}

func TestPagesOfItems(t *testing.T) {
	for item, want := range map[view.Item]string{
		{ID: view.ItemState}: "", {ID: view.ItemOpen}: "", {ID: view.ItemMore}: "",
		{ID: view.ItemFinding, Record: "ab12"}: "record:ab12", {ID: view.ItemFinding}: "",
		{ID: view.ItemSent}: "sent", {ID: view.ItemAbout}: "about",
	} {
		if got := pageOf(item); got != want {
			t.Errorf("%+v opens %q, want %q", item, got, want)
		}
	}
}
