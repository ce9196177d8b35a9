// Package walk finds files by name among millions.
//
// Software that was unpacked and never installed leaves no record to read, only names
// in a tree, so the deep scan has to list every directory of the host. This package
// does that at a cost near the system calls themselves: nothing is sorted, no file is
// stat-ed or opened, and a name nobody wants is compared where the kernel wrote it.
//
// Promises: no symbolic link is followed, not even one put in place of a directory
// during the walk (systems other than Linux guarantee this for the last element of a
// path only). Nothing but directories is opened. On Linux access times stay untouched
// where the system allows it.
//
// Bounds: memory depends neither on the number of files nor on the number of
// directories. Each worker holds at most 64 open directories and about half a MiB of
// names of directories yet to visit; a directory too wide for that is read in parts. No
// directory deeper than 4,096 levels is visited. A system call that never returns, as
// on a dead network mount, cannot be interrupted: keep such mounts out with
// [Options.SkipPaths].
package walk

import (
	"context"
	"io/fs"
	"path/filepath"
	"time"
)

// Entry is one name in a directory.
type Entry struct {
	Name string
	Type fs.FileMode // type bits only, 0 for a regular file
}

// Options says what a walk looks for. The zero value visits everything and tells nobody.
type Options struct {
	// MaxDepth limits the levels listed: 1 lists the root's own entries only, 0 is no
	// limit but the package's own.
	MaxDepth int

	// SkipPaths are directories not to visit, spelled as Found would spell them. The root
	// itself is never skipped. They are compared byte for byte, also on systems that
	// ignore case.
	SkipPaths map[string]bool

	// SkipNames are base names of directories not to visit, wherever they are.
	SkipNames map[string]bool

	// Wanted is asked for every entry, also for directories and those skipped. It must not
	// keep or change name, and must allow concurrent calls when Workers is above 1.
	// Nil wants every entry.
	Wanted func(name []byte) bool

	// Found receives the wanted entries of a directory, before anything below it. A
	// directory with thousands of wanted entries or sub-directories is handed over in
	// several calls. The slice is valid during the call only; the strings may be kept.
	Found func(dir string, entries []Entry)

	// Failed receives each directory that could not be opened or read to its end, such as
	// one removed in the meantime ([fs.ErrNotExist]). The walk goes on.
	Failed func(path string, err error)

	// Progress is called about ten times a second at most, and once at the end of a
	// complete walk.
	Progress func(Progress)

	// Workers is how many directories may be read at the same time, 0 meaning 1 and 16
	// being the most. Found, Failed and Progress never run at the same time as one
	// another, however many workers there are.
	Workers int
}

// Progress says how far a walk is.
type Progress struct {
	Entries int64 // entries seen
	Dirs    int64 // directories opened

	// Fraction is the share of the work done, from 0 to 1. It never falls. The share of a
	// directory is split evenly among its sub-directories.
	Fraction float64
}

// Stats counts what a walk did.
type Stats struct {
	Entries int64 // entries seen, without "." and ".."
	Dirs    int64 // directories opened, the root included
	Wanted  int64 // wanted entries among them
	Failed  int64 // calls of Failed
}

// Walk lists the tree below the directory root, depth first and in no particular order
// within a directory. It fails if root cannot be opened or is not a directory (a link to
// one is not), and with the error of ctx if that ends first; the counts are then those
// so far.
func Walk(ctx context.Context, root string, opt Options) (Stats, error) {
	return walk(ctx, root, opt, openRoot, usual())
}

// walk is Walk with its surroundings given: how the root is opened, and the bounds.
func walk(ctx context.Context, root string, opt Options, open opener, lim limits) (Stats, error) {
	if err := ctx.Err(); err != nil {
		return Stats{}, err
	}
	root = filepath.Clean(root)
	dir, err := open(root)
	if err != nil {
		return Stats{}, err
	}
	return newPool(opt, lim).run(ctx, job{dir: dir, path: root, share: 1})
}

const (
	// readSize is the size of a batch of entries: 64 KiB measured best with getdents64.
	readSize = 64 << 10

	// maxDepth ends bind-mount loops and trees made to exhaust the walker.
	maxDepth = 4096

	// maxWorkers keeps the sum of the workers' memory and open directories small.
	maxWorkers = 16
)

// limits are the bounds that tests tighten to reach what would take a huge tree.
type limits struct {
	// every is the shortest time between two calls of Options.Progress.
	every time.Duration

	// part is how many bytes of names of sub-directories are collected before the walk
	// descends into them and reads the rest of their parent later.
	part int

	// names is how many bytes of names a worker keeps pending before it reads in batches
	// of small bytes, visiting the sub-directories of each before reading the next.
	names, small int

	// found is how many wanted entries are collected before they are handed over.
	found int

	// near is how many of the innermost directories stay open. Of those further out only
	// each far-th does, from which the others can be reached again.
	near, far int
}

// usual returns the limits of the package comment: with near and far as they are, 64
// directories are open at most in a tree of maxDepth.
func usual() limits {
	return limits{
		every: 100 * time.Millisecond,
		part:  256 << 10,
		names: 512 << 10,
		small: 4 << 10,
		found: 1024,
		near:  32,
		far:   maxDepth / 32,
	}
}

// opener opens the directory a walk starts at, which may not be a link.
type opener func(path string) (folder, error)

// folder is a directory being walked. Closing one only lets go of the system's handle:
// resume continues where reading stopped.
type folder interface {
	// read hands the next entries to w, a batch of about size bytes, and says whether they
	// were the last.
	read(w *worker, size int) (last bool, err error)

	// open opens the sub-directory called name, of which path is the whole path.
	open(name, path []byte) (folder, error)

	// resume opens a closed directory again: by path, or by the names in rel, beginning at
	// the open directory near.
	resume(near folder, rel, path []byte) error

	close()
}

// skips holds the directories not to visit by base name, as most names are none of them
// and a path is worth building only for those that may be.
type skips struct {
	names map[string]bool // true: skipped everywhere, false: if its path is in paths
	paths map[string]bool
}

func newSkips(opt Options) skips {
	s := skips{names: make(map[string]bool), paths: make(map[string]bool)}
	for path, on := range opt.SkipPaths {
		if on {
			path = filepath.Clean(path)
			s.paths[path] = true
			s.names[filepath.Base(path)] = false
		}
	}
	for name, on := range opt.SkipNames {
		if on {
			s.names[name] = true
		}
	}
	return s
}
