package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/budget"
	"beagle/agent/internal/store"
	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
)

// start begins a look in a goroutine of its own, so that the sweeper stays awake.
func (s *sweeper) start(ctx context.Context, t task) {
	looking := ctx
	if t.kind == taskDeep {
		s.deep = &t
		looking, s.stopDeep = context.WithCancel(ctx)
	} else {
		s.main = &t
	}
	s.board.activity(activityScanning)
	s.looks.Go(func() {
		f := s.look(looking, t)
		select {
		case s.done <- f:
		case <-ctx.Done():
		}
	})
	if !s.begun {
		s.begun = true
		s.config.Ready()
	}
}

// look does a task. That the machine does not answer is said, and tried again.
func (s *sweeper) look(ctx context.Context, t task) (f finish) {
	f.task = t
	host, err := s.host(ctx)
	switch {
	case err != nil:
		f.missed = true
		if ctx.Err() == nil {
			s.log.Warn("a look was not possible", "look", t.kind, "error", err)
			f.err = s.memory.keep(ctx, store.Sweep{Areas: []store.Area{{
				Probe: probeProfiles, Area: catalog.MachineOwner, Outcome: string(detectors.Failed),
				Problem: &api.Error{Code: detectors.CodeError, Args: map[string]string{}, Text: err.Error()},
			}}}, s.memory.mark())
		}
	case t.kind == taskDeep:
		f.err = s.lookDeep(ctx, host, t)
	default:
		f.err = s.lookMain(ctx, host, t)
	}
	if ctx.Err() != nil {
		f.missed, f.err = true, nil
	}
	return f
}

// probeProfiles is the probe that tells who has a profile.
const probeProfiles = "profiles"

// lookMain looks at what is installed and running, at a part of it, at what a record rests on,
// or into some folders.
func (s *sweeper) lookMain(ctx context.Context, host *detectors.Host, t task) error {
	work := s.governor.Begin(t.kindOfWork(), time.Time{})
	defer work.End()
	l, err := s.lookAt(ctx, host, work, all.Probes(host, s.rules.catalog, all.Options{}))
	if err != nil {
		return err
	}
	if t.kind == taskPart {
		l.probes = byName(l.probes, t.probes)
	}
	l.known = slices.DeleteFunc(l.known, func(c api.Coverage) bool { return !l.ran(c.Probe) })
	switch t.kind {
	case taskInventory, taskPart:
		if t.kind == taskInventory {
			s.refresh(host)
			l.limits.Progress = s.progress(s.world.clocks().wall.UTC(), false, shareOf(0, 1))
		}
		// What these probes cannot tell of is looked at directly, so that what is gone is gone at
		// once: of a package that was removed, the files that a deep sweep or a start had shown.
		// So are programs: a number that another one has by now says nothing where a list of them
		// has gaps. What the probes themselves see, they describe better.
		err = s.recheck(ctx, l, func(ev *evidence) bool { return !l.ran(ev.Probe) || ev.Kind == catalog.KindProcess })
		l.seen = slices.DeleteFunc(l.seen, func(ev evidence) bool { return l.ran(ev.Probe) })
	case taskFolders:
		l.probes, l.known, l.partly = nil, nil, true
		for _, folder := range t.folders {
			l.probes = append(l.probes, all.Folder(host, s.rules.catalog, folder, s.rules.settings().Settings.Deep.Paths...))
			l.about = append(l.about, "folder "+folder)
		}
		err = s.recheck(ctx, l, func(ev *evidence) bool {
			return slices.ContainsFunc(t.folders, func(folder string) bool { return within(ev.Path, folder) })
		})
	case taskRecheck:
		err = s.recheckRecord(ctx, l, t.record)
	}
	if err != nil {
		return err
	}
	return s.sweep(ctx, l)
}

// lookAt prepares a look by some probes. Where the memory cannot be read, nothing is known.
func (s *sweeper) lookAt(ctx context.Context, host *detectors.Host, work *budget.Task, probes []detectors.Probe) (*look, error) {
	l := look{
		began: s.memory.mark(), host: host, index: s.rules.catalog, probes: probes, removable: true,
		limits: detectors.Limits{Pace: work.Pace},
	}
	var err error
	if l.known, err = s.Coverage(ctx); err != nil && !errors.Is(err, store.ErrUnwritable) {
		return nil, fmt.Errorf("read what was looked at: %w", err)
	}
	return &l, nil
}

// recheck looks directly where evidence was seen.
func (s *sweeper) recheck(ctx context.Context, l *look, wanted func(*evidence) bool) error {
	again, err := s.lookDirectly(ctx, l, wanted)
	l.seen, l.gone = again.Seen, again.Gone
	return err
}

// lookDirectly looks where evidence was seen, as far as that is told soon: what lies on a dead
// disk must not hold up the rest.
func (s *sweeper) lookDirectly(ctx context.Context, l *look, wanted func(*evidence) bool) (all.Rechecked, error) {
	believed, err := s.believed(ctx)
	if err != nil {
		return all.Rechecked{}, err
	}
	believed = slices.DeleteFunc(believed, func(ev evidence) bool { return !wanted(&ev) })
	if len(believed) == 0 {
		return all.Rechecked{}, nil
	}
	soon, cancel := context.WithTimeout(ctx, s.world.patience)
	defer cancel()
	return all.Recheck(soon, l.host, l.index, believed), nil
}

// within reports whether a path is a folder or lies in it.
func within(path, folder string) bool {
	rest, inside := strings.CutPrefix(path, folder)
	return inside && (rest == "" || rest[0] == '/' || rest[0] == '\\')
}

// recheckRecord looks directly at what a record rests on, and runs the probes that alone can
// tell of the rest.
func (s *sweeper) recheckRecord(ctx context.Context, l *look, id string) error {
	record, found, err := s.Record(ctx, id)
	if err != nil || !found {
		l.probes, l.known = nil, nil // it was forgotten in the meantime
		return err
	}
	again, err := s.lookDirectly(ctx, l, func(ev *evidence) bool { return restsOn(&record, ev) })
	l.seen, l.gone, l.probes = again.Seen, again.Gone, byName(l.probes, again.Rerun)
	l.known = slices.DeleteFunc(l.known, func(c api.Coverage) bool { return !l.ran(c.Probe) })
	return err
}

// believed returns the evidence in the memory, none where that cannot be read.
func (s *sweeper) believed(ctx context.Context) (list []evidence, err error) {
	err = s.memory.read(func(m *store.Store) error {
		list, err = m.Evidence(ctx)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrUnwritable) {
		return nil, fmt.Errorf("read what is known: %w", err)
	}
	return list, nil
}

// restsOn reports whether a record rests on evidence.
func restsOn(r *api.Stored, ev *evidence) bool {
	return slices.ContainsFunc(r.Instances, func(in api.Instance) bool {
		return slices.ContainsFunc(in.Evidence, func(e api.Evidence) bool {
			return e.Kind == string(ev.Kind) && e.Path == ev.Path && e.Value == ev.Value && e.Area == ev.Area
		})
	})
}

// deepState is how far a deep sweep is. It is kept after every place, so that one that was
// interrupted goes on where it stopped.
type deepState struct {
	Started time.Time `json:"started"`
	Done    []string  `json:"done"`
}

// through notes that an area was looked at. One into which nobody could look is tried again by a
// sweep that goes on from here.
func (d *deepState) through(l *look, area string) {
	if !l.failed {
		d.Done = append(d.Done, area)
	}
}

// maxDeepAge is how long a deep sweep may have been interrupted and still go on.
const maxDeepAge = 14 * 24 * time.Hour

// lookDeep walks through one place after the other, each a sweep of its own, on a thread that
// only gets what nobody else wants.
func (s *sweeper) lookDeep(ctx context.Context, host *detectors.Host, t task) error {
	work := s.governor.Begin(t.kindOfWork(), t.due)
	defer work.End()
	state := deepState{Started: s.world.clocks().wall.UTC()}
	var before deepState
	if s.memory.recall(ctx, metaDeep, &before) {
		if age := state.Started.Sub(before.Started); age >= 0 && age < maxDeepAge {
			state = before
		}
	}
	deep := s.rules.settings().Settings.Deep
	pieces := all.Deep(host, s.rules.catalog, deep.Paths...)
	if !deep.Removable {
		pieces = slices.DeleteFunc(pieces, func(p all.Piece) bool { return strings.HasPrefix(p.Area, areaDrive) })
	}
	var names, visited []string
	for i, piece := range pieces {
		names, visited = append(names, probeNames(piece.Probes)...), append(visited, piece.Area)
		if slices.Contains(state.Done, piece.Area) {
			continue
		}
		l, err := s.lookAt(ctx, host, work, piece.Probes)
		if err != nil {
			return err
		}
		l.only(piece.Area) // one piece cannot tell what became of the others
		l.limits.Progress, l.limits.Thread = s.progress(state.Started, true, shareOf(i, len(pieces))), s.governor.IdleThread
		if err := s.sweep(ctx, l); err != nil || ctx.Err() != nil {
			return err
		}
		state.through(l, piece.Area)
		s.memory.remember(ctx, metaDeep, state)
	}
	if err := s.missedDeep(ctx, host, names, visited, deep.Removable); err != nil {
		return err
	}
	s.memory.remember(ctx, metaDeep, nil)
	return nil
}

// missedDeep says what became of the areas that deep sweeps covered once and this one did not
// visit: users who are no more, drives that are elsewhere, folders that are not asked for.
func (s *sweeper) missedDeep(ctx context.Context, host *detectors.Host, probes, visited []string, removable bool) error {
	known, err := s.Coverage(ctx)
	if err != nil {
		return fmt.Errorf("read what was looked at: %w", err)
	}
	known = slices.DeleteFunc(known, func(c api.Coverage) bool {
		return !slices.Contains(probes, c.Probe) || slices.Contains(visited, c.Area)
	})
	return s.sweep(ctx, &look{host: host, index: s.rules.catalog, known: known, removable: removable})
}
