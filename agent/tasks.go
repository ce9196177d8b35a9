package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"beagle/agent/api"
	"beagle/agent/internal/budget"
	"beagle/detectors"
	"beagle/detectors/all"
)

// start begins a look in a goroutine of its own, so that the sweeper stays awake.
func (s *sweeper) start(ctx context.Context, t task) error {
	host, err := s.world.host(ctx)
	if err != nil {
		return fmt.Errorf("look at this machine: %w", err)
	}
	if t.kind == taskDeep {
		s.deep = &t
	} else {
		s.main = &t
	}
	if t.kind == taskInventory {
		s.refresh(host)
	}
	s.board.activity(activityScanning)
	s.looks.Go(func() {
		var err error
		if t.kind == taskDeep {
			err = s.lookDeep(ctx, host, t)
		} else {
			err = s.lookMain(ctx, host, t)
		}
		select {
		case s.done <- finish{t, err}:
		case <-ctx.Done():
		}
	})
	if !s.begun {
		s.begun = true
		s.config.Ready()
	}
	return nil
}

// lookMain looks at what is installed and running, at a part of it, at what a record rests on,
// or into one folder.
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
			l.limits.Progress = s.progress(s.world.clocks().wall.UTC(), false, shareOf(0, 1))
		}
		// What these probes cannot tell of is looked at directly, so that what is gone is gone at
		// once: of a package that was removed, the files that a deep sweep or a start had shown.
		err = s.recheck(ctx, &l, func(ev *evidence) bool { return !l.ran(ev.Probe) })
	case taskFolder:
		l.probes, l.known = []detectors.Probe{all.Folder(host, s.rules.catalog, t.folder, s.rules.settings().Settings.Deep.Paths...)}, nil
		err = s.recheck(ctx, &l, func(ev *evidence) bool { return within(ev.Path, t.folder) })
	case taskRecheck:
		l.known = nil
		err = s.recheckRecord(ctx, &l, t.record)
	}
	if err != nil {
		return err
	}
	return s.sweep(ctx, l)
}

// lookAt prepares a look by some probes.
func (s *sweeper) lookAt(ctx context.Context, host *detectors.Host, work *budget.Task, probes []detectors.Probe) (look, error) {
	known, err := s.Coverage(ctx)
	if err != nil {
		return look{}, fmt.Errorf("read what was looked at: %w", err)
	}
	return look{host: host, index: s.rules.catalog, probes: probes, known: known, limits: detectors.Limits{Pace: work.Pace}}, nil
}

// recheck looks directly where evidence was seen.
func (s *sweeper) recheck(ctx context.Context, l *look, wanted func(*evidence) bool) error {
	believed, err := s.believed(ctx, wanted)
	if err != nil {
		return err
	}
	again := all.Recheck(ctx, l.host, l.index, believed)
	l.seen, l.gone = again.Seen, again.Gone
	return nil
}

// within reports whether a path is a folder or lies in it.
func within(path, folder string) bool {
	rest, inside := strings.CutPrefix(path, folder)
	return inside && (rest == "" || rest[0] == '/' || rest[0] == '\\')
}

// recheckRecord looks directly at what a record rests on, and runs the probes that alone can
// tell of the rest.
func (s *sweeper) recheckRecord(ctx context.Context, l *look, id string) error {
	store, _ := s.memory.now()
	record, found, err := store.Record(ctx, id)
	if err != nil || !found {
		l.probes = nil // it was forgotten in the meantime
		return err
	}
	believed, err := s.believed(ctx, func(ev *evidence) bool { return restsOn(&record, ev) })
	if err != nil {
		return err
	}
	again := all.Recheck(ctx, l.host, l.index, believed)
	l.seen, l.gone, l.probes = again.Seen, again.Gone, byName(l.probes, again.Rerun)
	return nil
}

// believed returns that of the evidence in the store which is wanted.
func (s *sweeper) believed(ctx context.Context, wanted func(*evidence) bool) ([]evidence, error) {
	store, _ := s.memory.now()
	list, err := store.Evidence(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what is known: %w", err)
	}
	return slices.DeleteFunc(list, func(ev evidence) bool { return !wanted(&ev) }), nil
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
	var names []string
	for i, piece := range pieces {
		names = append(names, probeNames(piece.Probes)...)
		if slices.Contains(state.Done, piece.Area) {
			continue
		}
		l, err := s.lookAt(ctx, host, work, piece.Probes)
		if err != nil {
			return err
		}
		l.known = nil // one piece cannot tell what became of the others
		l.limits.Progress, l.limits.Thread = s.progress(state.Started, true, shareOf(i, len(pieces))), s.governor.IdleThread
		if err := s.sweep(ctx, l); err != nil || ctx.Err() != nil {
			return err
		}
		state.Done = append(state.Done, piece.Area)
		s.memory.remember(ctx, metaDeep, state)
	}
	if err := s.missedDeep(ctx, host, names, state.Done); err != nil {
		return err
	}
	s.memory.remember(ctx, metaDeep, nil)
	return nil
}

// missedDeep says what became of the areas that deep sweeps covered once and this one did not:
// users who are no more, drives that are elsewhere.
func (s *sweeper) missedDeep(ctx context.Context, host *detectors.Host, probes, done []string) error {
	known, err := s.Coverage(ctx)
	if err != nil {
		return fmt.Errorf("read what was looked at: %w", err)
	}
	known = slices.DeleteFunc(known, func(c api.Coverage) bool {
		return !slices.Contains(probes, c.Probe) || slices.Contains(done, c.Area)
	})
	return s.sweep(ctx, look{host: host, index: s.rules.catalog, known: known})
}
