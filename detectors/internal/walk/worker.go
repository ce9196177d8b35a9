package walk

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
)

// errTooDeep says that the package's own limit ended a walk downwards.
var errTooDeep = fmt.Errorf("more than %d levels", maxDepth)

// flushEvery is how many batches are read between two looks at the clock.
const flushEvery = 16

// worker visits trees depth first and without recursion.
type worker struct {
	pool  *pool
	stack []frame
	path  []byte // of the innermost directory
	names []byte // the pending names of all frames, each followed by a NUL byte
	buf   []byte // scratch memory of the folder being read

	// For the directory being read.
	deeper  bool // its sub-directories are visited
	subs    int  // how many of those the part being read has
	refused bool // it has some that are not visited because of maxDepth
	wanted  []Entry

	batches int
	stats   Stats   // since the last flush
	done    float64 // share of all work done since the last flush
}

// frame is a directory that is not finished. Its pending names go from next to the
// start of the frame above: the worker takes the last, others are given the first.
type frame struct {
	dir         folder
	closed      bool // its handle was given up for a while
	last        bool // it was read to its end
	parts       int  // how often it was read
	depth       int
	path        int // length of its path
	start, next int
	each        float64 // share of all work of one pending name
	rest        float64 // share of all work of what is not read yet
}

// visit walks the tree of j. It says whether it came to its end, which it does unless
// ctx ends.
func (w *worker) visit(ctx context.Context, j job) bool {
	w.path = append(w.path[:0], j.path...)
	w.push(j.dir, j.depth, j.share)
	for len(w.stack) > 0 {
		if ctx.Err() != nil {
			for len(w.stack) > 0 {
				w.pop()
			}
			return false
		}
		w.pool.give(ctx, w)
		top := &w.stack[len(w.stack)-1]
		switch {
		case top.next == len(w.names) && top.last:
			w.pop()
		case top.closed && !w.reopen(top):
			pending := bytes.Count(w.names[top.next:], []byte{0})
			w.done += top.rest + top.each*float64(pending)
			w.pop()
		case top.next < len(w.names):
			w.descend(top)
		default:
			w.readPart(ctx, top)
		}
	}
	return true
}

// push makes dir, whose path is in w.path, the innermost directory.
func (w *worker) push(dir folder, depth int, share float64) {
	w.stats.Dirs++
	if i := len(w.stack) - w.pool.lim.near; i > 0 {
		w.giveUp(i)
	}
	w.stack = append(w.stack, frame{
		dir: dir, depth: depth, path: len(w.path),
		start: len(w.names), next: len(w.names), rest: share,
	})
}

// pop leaves the innermost directory and forgets what is pending there.
func (w *worker) pop() {
	i := len(w.stack) - 1
	if !w.stack[i].closed {
		w.stack[i].dir.close()
	}
	w.names = w.names[:w.stack[i].start]
	w.stack[i] = frame{}
	w.stack = w.stack[:i]
}

// reopen opens the innermost directory again, one frame after the other from the nearest
// open one; there is one, as the outermost is never closed. The last few stay open, as
// the walk is on its way up.
func (w *worker) reopen(top *frame) bool {
	w.path = w.path[:top.path]
	last := len(w.stack) - 1
	i := last - 1
	for w.stack[i].closed {
		i--
	}
	for ; i < last; i++ {
		from, to := &w.stack[i], &w.stack[i+1]
		if err := to.dir.resume(from.dir, w.path[from.path:to.path], w.path[:to.path]); err != nil {
			w.failed("open", w.path, err)
			return false
		}
		to.closed = false
		if i < last-w.pool.lim.near/2 {
			w.giveUp(i)
		}
	}
	return true
}

// giveUp closes the directory of a frame for a while, unless it is one to start from.
func (w *worker) giveUp(i int) {
	f := &w.stack[i]
	if i%w.pool.lim.far != 0 && !f.closed {
		f.dir.close()
		f.closed = true
	}
}

// descend goes into the last pending sub-directory of the innermost directory. If nothing
// is left there then, the sub-directory takes its place, so that a chain of directories,
// however long, needs one open directory.
func (w *worker) descend(top *frame) {
	end := len(w.names) - 1
	begin := top.next + bytes.LastIndexByte(w.names[top.next:end], 0) + 1
	name := w.names[begin:end]
	w.names = w.names[:begin]
	w.path = appendName(w.path[:top.path], name)
	depth, share := top.depth+1, top.each

	dir, err := top.dir.open(name, w.path)
	if begin == top.next && top.last {
		w.pop()
	}
	if err != nil {
		w.done += share
		w.failed("open", w.path, err)
		return
	}
	w.push(dir, depth, share)
}

// readPart reads the innermost directory to its end, or until enough sub-directories are
// pending to visit those first.
func (w *worker) readPart(ctx context.Context, top *frame) {
	w.names, top.next = w.names[:top.start], top.start
	w.path = w.path[:top.path]
	w.deeper = top.depth+1 < w.pool.depth
	w.subs, w.refused = 0, false
	lim := &w.pool.lim
	for !top.last && ctx.Err() == nil {
		size := readSize
		if len(w.names) >= lim.names {
			size = lim.small
		}
		last, err := top.dir.read(w, size)
		top.last = last || err != nil
		if err != nil {
			w.failed("read", w.path, err)
		}
		if len(w.wanted) >= lim.found {
			w.found()
		}
		if w.batches++; w.batches%flushEvery == 0 {
			w.pool.flush(w)
		}
		if w.subs > 0 && (len(w.names) >= lim.names || len(w.names)-top.start >= lim.part) {
			break
		}
	}
	w.found()
	if w.refused {
		w.failed("go below", w.path, errTooDeep)
	}
	w.split(top)
}

// split divides what the part just read is worth among its sub-directories. How many
// parts a directory has is not known before its end: as many as there were so far are
// assumed to follow.
func (w *worker) split(top *frame) {
	part := top.rest
	if top.parts++; !top.last {
		part /= float64(top.parts + 1)
	}
	top.rest -= part
	if w.subs == 0 {
		w.done += part
		return
	}
	top.each = part / float64(w.subs)
}

// entry takes one entry of the directory being read. It may not keep name.
func (w *worker) entry(name []byte, typ fs.FileMode) {
	w.stats.Entries++
	opt := &w.pool.opt
	if opt.Wanted == nil || opt.Wanted(name) {
		w.stats.Wanted++
		if opt.Found != nil {
			w.wanted = append(w.wanted, Entry{Name: string(name), Type: typ})
		}
	}
	if typ != fs.ModeDir || w.skipped(name) {
		return
	}
	if !w.deeper {
		w.refused = w.pool.depth == maxDepth
		return
	}
	w.subs++
	w.names = append(append(w.names, name...), 0)
}

func (w *worker) skipped(name []byte) bool {
	skip := &w.pool.skip
	always, known := skip.names[string(name)]
	if !known || always {
		return known
	}
	return skip.paths[string(appendName(w.path, name))]
}

// outermost returns the first frame that has a name pending and where that name ends, or
// nil if there is none or nothing else is pending.
func (w *worker) outermost() (*frame, int) {
	for i := range w.stack {
		f, limit := &w.stack[i], len(w.names)
		if i+1 < len(w.stack) {
			limit = w.stack[i+1].start
		}
		if f.closed || f.next == limit {
			continue
		}
		end := f.next + bytes.IndexByte(w.names[f.next:limit], 0)
		if end+1 == len(w.names) {
			return nil, 0
		}
		return f, end
	}
	return nil, 0
}

// found hands over the wanted entries collected so far.
func (w *worker) found() {
	if len(w.wanted) == 0 {
		return
	}
	w.pool.mu.Lock()
	defer w.pool.mu.Unlock()
	w.pool.opt.Found(string(w.path), w.wanted)
	clear(w.wanted)
	w.wanted = w.wanted[:0]
}

// failed reports that something could not be done with a directory.
func (w *worker) failed(doing string, path []byte, err error) {
	w.stats.Failed++
	if w.pool.opt.Failed == nil {
		return
	}
	w.pool.mu.Lock()
	defer w.pool.mu.Unlock()
	w.pool.opt.Failed(string(path), fmt.Errorf("%s directory %q: %w", doing, path, err))
}

// appendName returns the path of an entry of the directory path. Only a root ends with a
// separator of its own.
func appendName(path, name []byte) []byte {
	if !os.IsPathSeparator(path[len(path)-1]) {
		path = append(path, os.PathSeparator)
	}
	return append(path, name...)
}
