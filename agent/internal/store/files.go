package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// files are the connections to one database file. Both are opened at once and kept: they
// still answer when the file's name is gone.
type files struct {
	write, read *sql.DB
	path        string // "" in memory
	info        os.FileInfo
}

// openFiles opens an existing file.
func openFiles(ctx context.Context, path string) (*files, error) {
	write, err := connect(path, forWriting())
	if err != nil {
		return nil, err
	}
	read, err := connect(path, forReading())
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	f := &files{write: write, read: read, path: path}
	if err = write.PingContext(ctx); err == nil {
		err = read.PingContext(ctx)
	}
	if err == nil {
		f.info, err = os.Stat(path)
	}
	if err != nil {
		return nil, errors.Join(classify(err), f.close())
	}
	return f, nil
}

func openMemory() (*files, error) {
	db, err := sql.Open("sqlite", "file::memory:?_txlock=immediate")
	if err != nil {
		return nil, err
	}
	single(db) // a second connection would be a second database
	return &files{write: db, read: db}, nil
}

func (f *files) close() error {
	if f == nil {
		return nil
	}
	if f.read == f.write {
		return f.write.Close()
	}
	return errors.Join(f.read.Close(), f.write.Close()) // the last one empties the log into the file
}

// check reports whether the file still has its name, or else what was written would never be
// found again.
func (f *files) check() error {
	if f.path == "" {
		return nil
	}
	info, err := os.Stat(f.path)
	if err == nil {
		_, err = os.Lstat(f.path + "-wal")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	if !os.SameFile(info, f.info) {
		return fmt.Errorf("%w: %q was replaced while in use", ErrUnwritable, f.path)
	}
	return nil
}

// connect prepares one connection that opens when it is first used and then stays.
func connect(path string, pragmas []string) (*sql.DB, error) {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/... in a URI: https://www.sqlite.org/uri.html
	}
	query := url.Values{"mode": {"rw"}, "_txlock": {"immediate"}, "_pragma": pragmas}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: slashed, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, err
	}
	single(db)
	return db, nil
}

func single(db *sql.DB) {
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
}

// The settings of connections: https://www.sqlite.org/pragma.html. Caches are small because
// the service idles nearly always; the log is kept short because what it holds stays in
// memory. Mapped memory stays off: a failing disk would then kill the process. Waiting for
// another program that holds the file takes less time than the agent has to stop.

func forReading() []string {
	return []string{
		"busy_timeout(2000)", "query_only(1)", "trusted_schema(0)", "cell_size_check(1)",
		"temp_store(memory)", "cache_size(-256)", "mmap_size(0)",
	}
}

func forWriting() []string {
	return []string{
		"busy_timeout(2000)", "journal_mode(wal)", "synchronous(full)", "trusted_schema(0)", "cell_size_check(1)",
		"fullfsync(1)", "checkpoint_fullfsync(1)", // without them macOS leaves it in the disk's cache
		"journal_size_limit(1048576)", "wal_autocheckpoint(256)",
		"temp_store(memory)", "cache_size(-512)", "mmap_size(0)",
	}
}

// forCreation has what can only be set before there is a table.
func forCreation() []string { return append(forWriting(), "auto_vacuum(incremental)") }

// classify marks an error as what a caller may act upon.
func classify(err error) error {
	var failed *sqlite.Error
	if !errors.As(err, &failed) || errors.Is(err, ErrUnwritable) || errors.Is(err, ErrCorrupt) {
		return err
	}
	switch failed.Code() & 0xff { // the higher bits say more: https://www.sqlite.org/rescode.html
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM,
		sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED: // the last two: another program holds it
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PROTOCOL: // the last: the log's index is damaged
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}
