package walk

import (
	"context"
	"time"
)

// Func is the shape of Walk.
type Func func(ctx context.Context, root string, opt Options) (Stats, error)

// Portable is Walk as it is on systems other than Linux.
func Portable(ctx context.Context, root string, opt Options) (Stats, error) {
	return walk(ctx, root, opt, openPortable, usual())
}

// Eager returns both walkers with a report of progress whenever the clock is read.
func Eager() map[string]Func { return bounded(func(lim *limits) { lim.every = 0 }) }

// Tight returns both walkers with bounds so small that every directory is read in parts,
// handed over in parts, and closed and opened again.
func Tight() map[string]Func {
	return bounded(func(lim *limits) {
		*lim = limits{every: time.Hour, part: 1, names: 64, small: 512, found: 2, near: 1, far: 3}
	})
}

func bounded(tighten func(*limits)) map[string]Func {
	lim := usual()
	tighten(&lim)
	with := func(open opener) Func {
		return func(ctx context.Context, root string, opt Options) (Stats, error) {
			return walk(ctx, root, opt, open, lim)
		}
	}
	return map[string]Func{"native": with(openRoot), "portable": with(openPortable)}
}
