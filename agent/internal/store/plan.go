package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"beagle/agent/api"
)

// plan is what is known after a sweep, worked out before anything is written, and in what the
// disk differs from it. The next plan begins with one that the disk did not take.
type plan struct {
	at       time.Time
	evidence []kept // all that is believed
	records  []row  // as they are then, in the order of app and owner when they were read
	base     int64  // see comparison

	withdrawn []int64
	coverage  map[place]api.Coverage
	retired   []string
	upserts   []row
	changes   []api.Change
	dropped   int64 // changes that there were too many of
}

// maxUnkept bounds the changes that wait for a disk, beside the evidence, the areas and the
// records, which are bounded by themselves.
const maxUnkept = 1000

func (s *Store) plan(ctx context.Context, sweep Sweep, judge Judge) (*plan, Change, error) {
	from := s.owed()
	if from == nil {
		var err error
		if from, err = s.load(ctx); err != nil {
			return nil, Change{}, err
		}
	}
	p := *from
	if p.at = sweep.At; p.at.IsZero() {
		p.at = s.now()
	}
	p.at = toMicro(p.at)
	mark := s.mark.Add(1)
	m := merge(from.evidence, &sweep, s.ended, p.at, mark)
	s.remember(sweep.Gone, mark)
	p.evidence = m.all
	p.withdrawn = append(slices.Clip(p.withdrawn), m.withdrawn...)
	p.retired = append(slices.Clip(p.retired), sweep.Retired...)
	p.coverage = from.covered(coverage(sweep.Areas, m.cut, p.at), sweep.Retired)
	known := believed(m.all)
	c := comparison{
		at: p.at, epoch: s.opening.Epoch, base: p.base,
		fates: m.fates, seen: lastSeen(known), stored: p.records, open: []api.Stored{},
	}
	if err := c.compare(judge(known)); err != nil {
		return nil, Change{}, fmt.Errorf("compare records: %w", err)
	}
	p.records, p.upserts = newest(p.records, c.upserts), newest(p.upserts, c.upserts)
	p.changes = append(slices.Clip(p.changes), c.changes...)
	if over := len(p.changes) - maxUnkept; over > 0 && len(from.changes) > 0 {
		p.changes, p.dropped = p.changes[over:], p.dropped+int64(over)
	}
	return &p, Change{Changes: c.changes, Records: c.open}, nil
}

// load reads what a sweep is compared with. Nobody else writes in between.
func (s *Store) load(ctx context.Context) (*plan, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	var p plan
	var err error
	db := s.files.write
	if p.evidence, err = readEvidence(ctx, db); err != nil {
		return nil, classify(err)
	}
	if p.records, err = readRows(ctx, db, s.opening.Epoch, ""); err != nil {
		return nil, classify(err)
	}
	err = db.QueryRowContext(ctx, `SELECT base FROM store`).Scan(&p.base)
	return &p, classify(err)
}

// covered returns how areas ended, with those that the disk has yet to take. What is kept of
// an earlier look at an area is when it was last looked at fully.
func (p *plan) covered(list []api.Coverage, retired []string) map[place]api.Coverage {
	all := maps.Clone(p.coverage)
	if all == nil {
		all = map[place]api.Coverage{}
	}
	maps.DeleteFunc(all, func(where place, _ api.Coverage) bool { return slices.Contains(retired, where.probe) })
	for _, c := range list {
		where := place{c.Probe, c.Area}
		if c.LastFinished == nil {
			c.LastFinished = all[where].LastFinished
		}
		all[where] = c
	}
	return all
}

// newest puts rows in the place of older ones of the same record.
func newest(rows, upserts []row) []row {
	rows = slices.Clone(rows)
	for i := range upserts {
		at := slices.IndexFunc(rows, func(r row) bool { return r.id == upserts[i].id })
		if at < 0 {
			rows = append(rows, upserts[i])
		} else {
			rows[at] = upserts[i]
		}
	}
	return rows
}

func (p *plan) write(ctx context.Context, tx *sql.Tx) error {
	if err := writeEvidence(ctx, tx, p.evidence, p.withdrawn); err != nil {
		return err
	}
	if err := writeCoverage(ctx, tx, p.coverage, p.retired); err != nil {
		return err
	}
	for i := range p.upserts {
		if err := writeRecord(ctx, tx, &p.upserts[i]); err != nil {
			return err
		}
	}
	for i := range p.changes {
		c := &p.changes[i]
		if err := writeHistory(ctx, tx, c); err != nil {
			return err
		}
		if err := trimHistory(ctx, tx, c.Record.ID); err != nil {
			return err
		}
		if err := post(ctx, tx, c); err != nil {
			return err
		}
	}
	if err := addDropped(ctx, tx, p.dropped); err != nil {
		return err
	}
	return tidy(ctx, tx, p.at)
}

// owe notes what the disk has yet to take after an attempt. An attempt that ended for another
// reason than the disk changes nothing.
func (s *Store) owe(p *plan, committed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case committed:
		s.unkept, s.behind = nil, err != nil
	case errors.Is(err, ErrUnwritable):
		s.behind = true
		if p != nil {
			s.unkept = p
		}
	}
}

func (s *Store) owed() *plan {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.unkept
}

// Behind says that the disk did not take the last sweep, or only under a name that is gone.
// To keep another one, also an empty one, is to try again.
func (s *Store) Behind() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.behind
}

// overCoverage puts what the disk has yet to take in the place of what it has.
func (p *plan) overCoverage(list []api.Coverage) []api.Coverage {
	list = slices.DeleteFunc(list, func(c api.Coverage) bool { return slices.Contains(p.retired, c.Probe) })
	over := maps.Clone(p.coverage)
	for i := range list {
		where := place{list[i].Probe, list[i].Area}
		if c, newer := over[where]; newer {
			if c.LastFinished == nil {
				c.LastFinished = list[i].LastFinished
			}
			list[i] = c
			delete(over, where)
		}
	}
	list = slices.AppendSeq(list, maps.Values(over))
	slices.SortFunc(list, func(a, b api.Coverage) int {
		return cmp.Or(cmp.Compare(a.Probe, b.Probe), cmp.Compare(a.Area, b.Area))
	})
	return list
}

// overHistory puts what the disk has yet to take before what it has.
func (p *plan) overHistory(list []api.HistoryEntry, limit int, id string) []api.HistoryEntry {
	all := []api.HistoryEntry{}
	for i := range slices.Backward(p.changes) {
		if c := &p.changes[i]; id == "" || c.Record.ID == id {
			r := &c.Record
			all = append(all, api.HistoryEntry{
				Time: c.Time, RecordID: r.ID, What: c.What, App: r.App.ID, Owner: r.Owner, Verdict: r.Verdict,
				Reason: c.Reason, Revision: r.Revision,
			})
		}
	}
	all = append(all, list...)
	return all[:min(limit, len(all))]
}
