// Package store is the agent's durable memory: what was seen and is still believed, the
// records made of it with their revisions, how every area was last looked at, what happened
// when, and what has yet to be told to the organisation.
//
// All of it changes in one transaction per sweep, so a kill, a power cut or a full disk
// leaves either everything of a sweep or nothing. A sweep that was acknowledged is on the
// disk. A file that cannot be used is set aside, never deleted, and said so.
//
// One process uses a folder at a time, with one connection that writes and one that reads.
// History and closed records are kept for 400 days, the outbox for 30 days and up to 50 MiB.
// At most 4,000 pieces of evidence are kept per area of a probe, and the newest 1,000 changes of
// a record: anybody can start and end a program all day.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"beagle/agent/api"
)

// What a caller may act upon.
var (
	// ErrUnwritable says that the disk did not take it: full, read-only, failing, gone, or held
	// by another program.
	// What was stored before can still be read, and the next call may work.
	ErrUnwritable = errors.New("the store cannot be written")
	// ErrCorrupt says that the stored data is damaged. Close the store and open it again.
	ErrCorrupt = errors.New("the store is damaged")
	// ErrLocked says that another agent uses the folder.
	ErrLocked = errors.New("another agent uses the store")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("the store is closed")
)

// Why a former file was set aside: codes of [Opening.Problem]. Every one has the argument
// "file", the name under which the former file is kept.
const (
	CodeDamaged  = "store_damaged"    // text
	CodeEmpty    = "store_empty"      // the file was there but held nothing
	CodeForeign  = "store_foreign"    // a database of something else
	CodeNewer    = "store_newer"      // written by a newer agent: version, known
	CodeNotAFile = "store_not_a_file" // a folder, a link or a device of this name
	CodeOrphan   = "store_orphan"     // only the write-ahead log was left
)

// Options of a store. The zero value is right for an agent.
type Options struct {
	// Now tells the time; nil means [time.Now].
	Now func() time.Time
	// OutboxBytes bounds the outbox; 0 means 50 MiB.
	OutboxBytes int64
}

// Opening says what was found when the store was opened.
type Opening struct {
	// Epoch is the name of this store: a new one for each that began empty.
	Epoch string
	// New says that it began empty.
	New bool
	// SetAside is the path under which a former file that could not be used is kept, ""
	// where there was none, and Problem says why.
	SetAside string
	Problem  *api.Error
}

// Store is the memory of one agent. Its methods may be called from several goroutines.
type Store struct {
	dir     string // "" in memory
	now     func() time.Time
	outbox  int64 // bytes at most
	opening Opening
	mark    atomic.Int64

	// writing holds one token, taken by whoever writes. A channel, so that waiting for it
	// ends with a context.
	writing chan struct{}
	ended   map[fact]int64 // what was found gone, by which sweep; for whoever has the turn

	mu     sync.RWMutex // guards what follows: exchanged when the files are
	closed bool
	lock   *folderLock
	files  *files // nil when they could not be opened again
	draft  bool   // what they held is complete under fileNew
	unkept *plan  // what the disk has yet to take, nil if nothing
	behind bool   // it did not take the last sweep
}

// Open opens the store in dir, which is made if need be and then belongs to the agent's user
// alone. A second Open of the same folder fails at once with [ErrLocked]. A file that cannot
// be used is set aside and a new store begins; [Store.Opening] tells. It fails with
// [ErrUnwritable] where not even that is possible, as on a read-only or full disk: an agent
// can then go on with [Memory] and try again later.
func Open(ctx context.Context, dir string, opt Options) (*Store, error) {
	s := newStore(dir, opt)
	lock, err := claim(dir)
	if err != nil {
		return nil, fmt.Errorf("open store in %q: %w", dir, err)
	}
	s.lock = lock
	s.files, s.opening, err = openFolder(ctx, dir, s.now)
	if err != nil {
		lock.release()
		return nil, fmt.Errorf("open store in %q: %w", dir, err)
	}
	if err := s.restoreMark(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store in %q: %w", dir, err), s.Close())
	}
	return s, nil
}

// Memory returns a store that lasts only as long as the process. It begins with an epoch of
// its own.
func Memory(ctx context.Context, opt Options) (*Store, error) {
	s := newStore("", opt)
	f, err := openMemory()
	if err != nil {
		return nil, fmt.Errorf("open store in memory: %w", classify(err))
	}
	s.files = f
	s.opening = Opening{New: true}
	s.opening.Epoch, err = begin(ctx, f.write, s.now())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store in memory: %w", classify(err)), s.Close())
	}
	s.mark.Store(1)
	return s, nil
}

// Opening says what was found when the store was opened.
func (s *Store) Opening() Opening { return s.opening }

// Close waits for a write under way and closes the files. It may be called twice.
func (s *Store) Close() error {
	s.writing <- struct{}{}
	defer s.done()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.files.close()
	s.lock.release()
	if err != nil {
		return fmt.Errorf("close store in %q: %w", s.dir, classify(err))
	}
	return nil
}

func newStore(dir string, opt Options) *Store {
	s := &Store{dir: dir, now: opt.Now, outbox: cmp.Or(opt.OutboxBytes, defaultOutbox), writing: make(chan struct{}, 1), ended: map[fact]int64{}}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// restoreMark continues the counting of sweeps where it stopped. It begins with 1, since 0
// means "not given".
func (s *Store) restoreMark(ctx context.Context) error {
	var highest int64
	err := s.files.read.QueryRowContext(ctx, `SELECT coalesce(max(mark), 0) FROM evidence`).Scan(&highest)
	s.mark.Store(highest + 1)
	return classify(err)
}

// turn waits until nobody else writes.
func (s *Store) turn(ctx context.Context) error {
	select {
	case s.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Store) done() { <-s.writing }

// view runs read with the connection for reading.
func (s *Store) view(read func(*sql.DB) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(); err != nil {
		return err
	}
	return classify(read(s.files.read))
}

// update runs write in a transaction and acknowledges it only when it is on the disk, under
// the name by which it will be looked for. Where it is on the disk, but not under that name, it
// is committed and the error is not nil. The caller has the turn.
func (s *Store) update(ctx context.Context, write func(*sql.Tx) error) (committed bool, _ error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(); err != nil {
		return false, err
	}
	tx, err := s.files.write.BeginTx(ctx, nil)
	if err != nil {
		return false, classify(err)
	}
	if err := write(tx); err != nil {
		_ = tx.Rollback() // SQLite may have done so itself, as on a full disk
		return false, classify(err)
	}
	if err := tx.Commit(); err != nil {
		return false, classify(err)
	}
	return true, s.files.check()
}

func (s *Store) usable() error {
	switch {
	case s.closed:
		return ErrClosed
	case s.files == nil:
		return fmt.Errorf("%w: its files could not be opened again", ErrUnwritable)
	}
	return nil
}
