package store

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
)

// restore makes sure that what is written next can be found again. Where the file or the
// whole folder was removed while in use, the open connections still hold all of it, and it is
// written anew. The caller has the turn.
func (s *Store) restore(ctx context.Context) (restored bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false, ErrClosed
	}
	if s.files != nil {
		if err := s.files.check(); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	if err := s.relock(); err != nil {
		return false, err
	}
	if s.files != nil {
		if err := s.rewrite(ctx); err != nil {
			return false, err
		}
	}
	if s.draft {
		if err := settle(s.dir); err != nil {
			return false, err
		}
		s.draft = false
	}
	s.files, err = openFiles(ctx, filepath.Join(s.dir, fileState))
	return err == nil, classify(err)
}

// relock takes the lock on a folder that was made anew.
func (s *Store) relock() error {
	if s.lock.holds(s.dir) {
		return nil
	}
	lock, err := claim(s.dir)
	if err != nil {
		return err
	}
	s.lock.release()
	s.lock = lock
	return nil
}

// rewrite writes what the connections hold into a new file and closes them: SQLite removes
// the log by its name, which must not be that of the new file's.
func (s *Store) rewrite(ctx context.Context) error {
	draft := filepath.Join(s.dir, fileNew)
	if err := emptyFile(draft); err != nil {
		return err
	}
	if _, err := s.files.write.ExecContext(ctx, `VACUUM INTO ?`, draft); err != nil {
		return errors.Join(classify(err), removeAll(draft, append(journals(), "")))
	}
	err := s.files.close()
	s.files, s.draft = nil, true
	if err != nil {
		return classify(err)
	}
	return removeAll(filepath.Join(s.dir, fileState), journals())
}
