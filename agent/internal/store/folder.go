package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"beagle/agent/api"
)

// Names in the folder. A new file is made under fileNew and then renamed, so that whatever
// has the name fileState was once complete.
const (
	fileState = "state.db"
	fileNew   = "state.db.new"
)

// journals are what SQLite keeps beside a file: its write-ahead log, the index of that, and
// the rollback journal of other modes.
func journals() []string { return []string{"-wal", "-shm", "-journal"} }

// claim makes the folder, makes it private and takes the lock on it.
func claim(dir string) (*folderLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	lock, err := lockFolder(dir)
	if errors.Is(err, ErrLocked) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	if err := private(dir); err != nil {
		lock.release()
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return lock, nil
}

// openFolder opens the store in a folder, or begins a new one where there is none that can
// be used. The folder is locked.
func openFolder(ctx context.Context, dir string, now func() time.Time) (*files, Opening, error) {
	path := filepath.Join(dir, fileState)
	present, unusable, err := inspect(path)
	if err != nil {
		return nil, Opening{}, err
	}
	if present && unusable == nil {
		f, epoch, err := openChecked(ctx, path)
		if err == nil {
			return f, Opening{Epoch: epoch}, nil
		}
		if !errors.As(err, &unusable) {
			return nil, Opening{}, err
		}
	}
	o := Opening{New: true}
	if unusable != nil {
		if o.SetAside, err = setAside(path, now()); err != nil {
			return nil, Opening{}, err
		}
		o.Problem = unusable.problem(filepath.Base(o.SetAside))
	}
	if o.Epoch, err = create(ctx, dir, now()); err != nil {
		return nil, Opening{}, err
	}
	f, err := openFiles(ctx, path)
	return f, o, err
}

// flaw is why a file cannot be used.
type flaw struct {
	code string
	args map[string]string
	text string
}

func (f *flaw) Error() string { return f.code + ": " + f.text }

func (f *flaw) problem(file string) *api.Error {
	args := map[string]string{"file": file}
	for name, value := range f.args {
		args[name] = value
	}
	return &api.Error{Code: f.code, Args: args, Text: f.text}
}

// inspect tells what can be told without opening the file. SQLite itself would take an empty
// file for a new store, and replay a log that belongs to another file.
func inspect(path string) (present bool, _ *flaw, _ error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if log, err := os.Lstat(path + "-wal"); err == nil && log.Size() > 0 {
			return false, &flaw{code: CodeOrphan, text: "the file itself is gone"}, nil
		}
		return false, nil, removeAll(path, journals())
	case err != nil:
		return false, nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	case !info.Mode().IsRegular():
		return true, &flaw{code: CodeNotAFile, text: "it is " + info.Mode().Type().String()}, nil
	case info.Size() == 0:
		return true, &flaw{code: CodeEmpty, text: "it has no content"}, nil
	}
	return true, nil, nil
}

// openChecked opens a file and looks at everything in it, since a store that answers some
// questions and fails at others would be worse than none. The error is a *flaw if the file
// must be set aside.
func openChecked(ctx context.Context, path string) (*files, string, error) {
	f, err := openFiles(ctx, path)
	if err != nil {
		return nil, "", damage(err)
	}
	epoch, err := f.examine(ctx)
	if err != nil {
		return nil, "", errors.Join(damage(err), f.close())
	}
	return f, epoch, nil
}

// damage turns an error that speaks of damaged data into a *flaw. While a store is opened,
// that includes a missing table or row.
func damage(err error) error {
	err = classify(err)
	var failed *sqlite.Error
	broken := errors.As(err, &failed) && failed.Code()&0xff == sqlite3.SQLITE_ERROR
	if broken || errors.Is(err, ErrCorrupt) || errors.Is(err, sql.ErrNoRows) {
		return &flaw{code: CodeDamaged, text: err.Error()}
	}
	return err
}

// create makes a new store in the folder, complete before it gets its name.
func create(ctx context.Context, dir string, now time.Time) (string, error) {
	draft := filepath.Join(dir, fileNew)
	if err := emptyFile(draft); err != nil {
		return "", err
	}
	epoch, err := fill(ctx, draft, now)
	if err == nil {
		err = settle(dir)
	}
	return epoch, classify(err)
}

// fill makes the file a store without content.
func fill(ctx context.Context, path string, now time.Time) (epoch string, err error) {
	db, err := connect(path, forCreation())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return begin(ctx, db, now)
}

// emptyFile makes an empty private file, in place of whatever a killed process left there.
func emptyFile(path string) error {
	if err := removeAll(path, append(journals(), "")); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return nil
}

// settle gives the new file its name, durably.
func settle(dir string) error {
	draft := filepath.Join(dir, fileNew)
	err := syncFile(draft)
	if err == nil {
		err = os.Rename(draft, filepath.Join(dir, fileState))
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func removeAll(path string, suffixes []string) error {
	for _, suffix := range suffixes {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %w", ErrUnwritable, err)
		}
	}
	return nil
}

// setAside renames what has the store's name, with its journals, and returns the new path.
// The journals keep their endings, so that tools find them.
func setAside(path string, now time.Time) (string, error) {
	stem := path + ".corrupt-" + now.UTC().Format("20060102T150405Z")
	aside := stem
	for n := 2; ; n++ {
		if free, err := unused(aside); err != nil || free {
			break
		}
		aside = stem + "-" + strconv.Itoa(n)
	}
	// The file first: a log that is left behind is recognised as one.
	for _, suffix := range append([]string{""}, journals()...) {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%w: %w", ErrUnwritable, err)
		}
	}
	return aside, nil
}

func unused(path string) (bool, error) {
	for _, suffix := range append(journals(), "") {
		_, err := os.Lstat(path + suffix)
		if err == nil {
			return false, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return true, nil
}
