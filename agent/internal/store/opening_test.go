package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"beagle/agent/api"
	"beagle/agent/internal/store"
	"beagle/detectors/catalog"
)

// filled makes a store with many records in dir and closes it.
func filled(t *testing.T, dir string) store.Opening {
	t.Helper()
	s := open(t, dir)
	var seen []catalog.Evidence
	for i := range 80 {
		seen = append(seen, saw("opt", "machine", fmt.Sprintf("app%03d", i)))
	}
	apply(t, s, store.Sweep{Seen: seen}, judge)
	closed(t, s)
	return s.Opening()
}

func TestOpeningANewStore(t *testing.T) {
	// Given a folder that is not there, when a store is opened in it,
	dir := filepath.Join(t.TempDir(), "a b?c%20#", "beagle")
	first := open(t, dir)
	// then it is new, and all of it belongs to its user alone.
	o := first.Opening()
	equal(t, "new", o.New && o.Epoch != "" && o.SetAside == "" && o.Problem == nil, true)
	apply(t, first, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	if runtime.GOOS != "windows" {
		modes(t, dir)
	}
	closed(t, first)
	// When it is opened again, then it is the same one.
	second := open(t, dir)
	equal(t, "new", second.Opening().New, false)
	equal(t, "epoch", second.Opening().Epoch, o.Epoch)
	equal(t, "records", known(t, second), "wps open 1")
	// Another folder has another epoch.
	equal(t, "same epoch", open(t, t.TempDir()).Opening().Epoch == o.Epoch, false)
}

func modes(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "mode of the folder", info.Mode().Perm(), 0o700)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "mode of "+e.Name(), info.Mode().Perm(), 0o600)
	}
}

func TestAFolderOpenToOthersIsClosed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows inherits rights from the parent folder")
	}
	// Given a folder that others may read, when a store is opened in it, then they may not.
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	modes(t, dir)
}

func TestDamagedFilesAreSetAside(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, path string)
		code   string
	}{
		{"header", func(t *testing.T, path string) { overwrite(t, path, 0, "this is no database at all") }, store.CodeDamaged},
		{"half the header", func(t *testing.T, path string) { overwrite(t, path, 20, strings.Repeat("\xff", 60)) }, store.CodeDamaged},
		{"a page in the middle", func(t *testing.T, path string) { overwrite(t, path, size(t, path)/2/4096*4096, garbage()) }, store.CodeDamaged},
		{"the last page", func(t *testing.T, path string) { overwrite(t, path, size(t, path)-4096, garbage()) }, store.CodeDamaged},
		{"cut off in the middle", func(t *testing.T, path string) { truncate(t, path, size(t, path)/2) }, store.CodeDamaged},
		{"cut off in the header", func(t *testing.T, path string) { truncate(t, path, 50) }, store.CodeDamaged},
		{"no content", func(t *testing.T, path string) { truncate(t, path, 0) }, store.CodeEmpty},
		{"a newer version", func(t *testing.T, path string) { execute(t, path, `PRAGMA user_version = 99`) }, store.CodeNewer},
		{"no version", func(t *testing.T, path string) { execute(t, path, `PRAGMA user_version = 0`) }, store.CodeForeign},
		{"something else's database", func(t *testing.T, path string) { execute(t, path, `PRAGMA application_id = 1`) }, store.CodeForeign},
		{"a table is gone", func(t *testing.T, path string) { execute(t, path, `DROP TABLE records`) }, store.CodeDamaged},
		{"the epoch is gone", func(t *testing.T, path string) { execute(t, path, `DELETE FROM store`) }, store.CodeDamaged},
		{"a record that is no JSON", func(t *testing.T, path string) {
			execute(t, path, `UPDATE records SET body = 'x' WHERE app = 'app007'`)
		}, store.CodeDamaged},
		{"a record of another", func(t *testing.T, path string) {
			execute(t, path, `UPDATE records SET body = '{}' WHERE app = 'app007'`)
		}, store.CodeDamaged},
		{"a folder", func(t *testing.T, path string) {
			must(t, os.Remove(path))
			must(t, os.MkdirAll(filepath.Join(path, "x"), 0o700))
		}, store.CodeNotAFile},
		{"a link", func(t *testing.T, path string) {
			must(t, os.Rename(path, path+".elsewhere"))
			if err := os.Symlink(path+".elsewhere", path); err != nil {
				t.Skip("cannot make links here:", err)
			}
		}, store.CodeNotAFile},
		{"only the log is left", func(t *testing.T, path string) {
			must(t, os.Rename(path, path+"-wal"))
		}, store.CodeOrphan},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a store that was damaged while nobody used it,
			dir := t.TempDir()
			before := filled(t, dir)
			path := filepath.Join(dir, "state.db")
			c.damage(t, path)
			// when it is opened,
			s := open(t, dir)
			// then a new one begins,
			o := s.Opening()
			equal(t, "new", o.New && o.Epoch != before.Epoch, true)
			equal(t, "records", known(t, s), "")
			apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
			// and the former file is kept under a name that is said, with the reason.
			equal(t, "name", o.SetAside, path+".corrupt-20261124T080000Z")
			if o.Problem == nil {
				t.Fatal("got no problem")
			}
			equal(t, "code", o.Problem.Code, c.code)
			equal(t, "file", o.Problem.Args["file"], filepath.Base(o.SetAside))
			kept, err := filepath.Glob(o.SetAside + "*")
			if err != nil || len(kept) == 0 {
				t.Errorf("got %q, %v, want the former file", kept, err)
			}
			closed(t, s)
			equal(t, "new", open(t, dir).Opening().New, false)
		})
	}
}

func TestSettingAsideTwiceKeepsBoth(t *testing.T) {
	// Given a file that was set aside, when another has to be within the same second, then
	// both are kept.
	dir := t.TempDir()
	path := filepath.Join(dir, "state.db")
	for _, want := range []string{".corrupt-20261124T080000Z", ".corrupt-20261124T080000Z-2"} {
		filled(t, dir)
		truncate(t, path, 5000)
		s := open(t, dir)
		equal(t, "name", s.Opening().SetAside, path+want)
		closed(t, s)
		if _, err := os.Stat(path + want); err != nil {
			t.Error(err)
		}
	}
}

func TestALostStoreIsJustNew(t *testing.T) {
	// Given a folder in which only what a killed process left of a new store is there,
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "state.db.new"), []byte("half"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "state.db.new-wal"), []byte("half"), 0o600))
	// when it is opened, then nothing was lost and nothing is set aside.
	o := open(t, dir).Opening()
	equal(t, "new", o.New && o.SetAside == "" && o.Problem == nil, true)
}

func TestDamageWhileInUse(t *testing.T) {
	// Given a store in use whose content is damaged,
	dir := t.TempDir()
	s := open(t, dir)
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	execute(t, filepath.Join(dir, "state.db"), `UPDATE records SET body = 'x'`)
	// when it is read or written, then that is said,
	_, err := s.Records(t.Context(), false)
	failsWith(t, err, store.ErrCorrupt)
	_, err = s.Apply(t.Context(), store.Sweep{}, judge)
	failsWith(t, err, store.ErrCorrupt)
	closed(t, s)
	// and when it is opened again, then a new one begins.
	again := open(t, dir)
	equal(t, "new", again.Opening().New, true)
	equal(t, "code", again.Opening().Problem.Code, store.CodeDamaged)
}

func TestDamagedPagesWhileInUse(t *testing.T) {
	// Given a store in use whose pages are overwritten behind its back,
	dir := t.TempDir()
	s := open(t, dir)
	large := full() // more than is held in memory
	large.App.Vendor = strings.Repeat("x", 2<<20)
	apply(t, s, store.Sweep{}, always(large))
	closed(t, s)
	s = open(t, dir)
	path := filepath.Join(dir, "state.db")
	for offset := int64(4096); offset < size(t, path); offset += 4096 {
		overwrite(t, path, offset, garbage())
	}
	// when it is written, then that is said, and nothing is acknowledged.
	_, err := s.Apply(t.Context(), store.Sweep{}, judge)
	failsWith(t, err, store.ErrCorrupt)
	_ = s.Close() // may fail too
	again := open(t, dir)
	equal(t, "code", again.Opening().Problem.Code, store.CodeDamaged)
}

func TestOneAgentAtATime(t *testing.T) {
	// Given a store in use, when it is opened a second time,
	dir := t.TempDir()
	s := open(t, dir)
	_, err := store.Open(t.Context(), dir, store.Options{})
	// then that fails at once and names the folder.
	failsWith(t, err, store.ErrLocked)
	if err != nil && !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want the folder named", err)
	}
	// When the first is closed, then it can be opened.
	closed(t, s)
	open(t, dir)
}

func TestAFolderThatCannotBe(t *testing.T) {
	// Given a file where the folder should be, when a store is opened, then the disk is to blame.
	path := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, nil, 0o600))
	_, err := store.Open(t.Context(), filepath.Join(path, "beagle"), store.Options{})
	failsWith(t, err, store.ErrUnwritable)
}

func TestAClosedStore(t *testing.T) {
	// Given a store that was closed, when it is used, then it says so.
	s := open(t, t.TempDir())
	closed(t, s)
	_, err := s.Records(t.Context(), true)
	failsWith(t, err, store.ErrClosed)
	_, err = s.Apply(t.Context(), store.Sweep{}, judge)
	failsWith(t, err, store.ErrClosed)
	failsWith(t, s.SetMeta(t.Context(), "a", "b"), store.ErrClosed)
	closed(t, s)
}

func TestMemory(t *testing.T) {
	// Given a store in memory, then it does what one on the disk does, and nothing more.
	s, err := store.Memory(t.Context(), store.Options{Now: start})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "new", s.Opening().New && s.Opening().Epoch != "", true)
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	equal(t, "records", known(t, s), "wps open 1")
	closed(t, s)
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	// Given a store that somebody writes to,
	s := open(t, t.TempDir())
	entered, leave := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		_, err := s.Apply(context.Background(), store.Sweep{}, func([]catalog.Evidence) []api.Record {
			close(entered)
			<-leave
			return nil
		})
		done <- err
	}()
	<-entered
	// when another's time is over, then it does not wait for its turn, while readers need not.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	failsWith(t, s.SetMeta(ctx, "a", "b"), context.Canceled)
	equal(t, "records", known(t, s), "")
	close(leave)
	must(t, <-done)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func garbage() string { return strings.Repeat("\xa5\x00\xff\x13", 1024) }

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.Size()
}

func overwrite(t *testing.T, path string, offset int64, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt([]byte(text), offset)
	must(t, errors.Join(err, f.Close()))
}

func truncate(t *testing.T, path string, to int64) {
	t.Helper()
	must(t, os.Truncate(path, to))
}

// execute changes a file behind the store's back.
func execute(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.Exec(query)
	must(t, errors.Join(err, db.Close()))
}
