package walk

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// pool lets a few workers share a walk: whoever has nothing left is given the tree that
// another would have come to last. No list of work is kept in between.
type pool struct {
	opt     Options
	skip    skips
	depth   int // directories at this depth are not opened
	workers int32
	lim     limits

	jobs chan job     // never buffered, so that no tree is lost when the walk ends
	idle atomic.Int32 // workers that wait for a job nobody has promised them
	cut  atomic.Bool  // some tree was not walked to its end

	mu    sync.Mutex // held while calling Found, Failed and Progress
	stats Stats
	done  float64
	last  time.Time
}

// job is a tree to walk: an open directory, its path and depth, and what it is worth.
type job struct {
	dir   folder
	path  string
	depth int
	share float64
}

func newPool(opt Options, lim limits) *pool {
	depth := opt.MaxDepth
	if depth <= 0 || depth > maxDepth {
		depth = maxDepth
	}
	return &pool{
		opt:     opt,
		skip:    newSkips(opt),
		depth:   depth,
		workers: int32(min(max(opt.Workers, 1), maxWorkers)),
		lim:     lim,
		jobs:    make(chan job),
		last:    time.Now(),
	}
}

// run walks the tree of first. The first worker is the caller's own goroutine.
func (p *pool) run(ctx context.Context, first job) (Stats, error) {
	var others sync.WaitGroup
	for range p.workers - 1 {
		others.Go(func() {
			if j, ok := p.next(ctx); ok {
				p.work(ctx, j)
			}
		})
	}
	p.work(ctx, first)
	others.Wait()
	if p.cut.Load() {
		return p.stats, ctx.Err()
	}
	if p.opt.Progress != nil {
		p.opt.Progress(Progress{Entries: p.stats.Entries, Dirs: p.stats.Dirs, Fraction: 1})
	}
	return p.stats, nil
}

// work visits one tree after another until there is none left.
func (p *pool) work(ctx context.Context, j job) {
	w := &worker{pool: p}
	for ok := true; ok; j, ok = p.next(ctx) {
		if !w.visit(ctx, j) {
			p.cut.Store(true)
		}
		p.flush(w)
	}
}

// next waits for a job. There will be none once every worker waits.
func (p *pool) next(ctx context.Context) (job, bool) {
	if p.idle.Add(1) == p.workers {
		close(p.jobs)
		return job{}, false
	}
	select {
	case j, ok := <-p.jobs:
		return j, ok
	case <-ctx.Done():
		return job{}, false
	}
}

// give hands the outermost pending tree of w to a worker that has nothing to do, unless
// it is all w has left.
func (p *pool) give(ctx context.Context, w *worker) {
	idle := p.idle.Load()
	if idle == 0 {
		return
	}
	f, end := w.outermost()
	if f == nil || !p.idle.CompareAndSwap(idle, idle-1) {
		return
	}
	// From here on a waiting worker counts on a job, or on the end of ctx.
	name := w.names[f.next:end]
	f.next = end + 1
	path := appendName(bytes.Clone(w.path[:f.path]), name)
	dir, err := f.dir.open(name, path)
	if err != nil {
		p.idle.Add(1)
		w.done += f.each
		w.failed("open", path, err)
		return
	}
	select {
	case p.jobs <- job{dir: dir, path: string(path), depth: f.depth + 1, share: f.each}:
	case <-ctx.Done():
		dir.close()
		p.cut.Store(true)
	}
}

// flush adds the counts of w to those of the walk and reports them if it is time.
func (p *pool) flush(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Entries += w.stats.Entries
	p.stats.Dirs += w.stats.Dirs
	p.stats.Wanted += w.stats.Wanted
	p.stats.Failed += w.stats.Failed
	p.done += w.done
	w.stats, w.done = Stats{}, 0
	if p.opt.Progress == nil {
		return
	}
	if now := time.Now(); now.Sub(p.last) >= p.lim.every {
		p.last = now
		// A sum of many shares can end a little above 1.
		p.opt.Progress(Progress{Entries: p.stats.Entries, Dirs: p.stats.Dirs, Fraction: min(p.done, 1)})
	}
}
