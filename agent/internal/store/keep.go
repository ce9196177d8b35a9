package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"beagle/agent/api"
)

// comparison compares the records of a sweep with the stored ones.
type comparison struct {
	at    time.Time
	epoch string
	// base is the highest revision of any record that was forgotten: one that comes back
	// must not count from the start.
	base   int64
	fates  map[reference]fate
	seen   map[reference]time.Time
	stored []row

	upserts []row
	changes []api.Change
	open    []api.Stored
}

// compare fails if the records are not what a judge may return, or the stored ones are damaged.
func (c *comparison) compare(judged []api.Record) error {
	before := make(map[string]*row, len(c.stored))
	for i := range c.stored {
		before[c.stored[i].id] = &c.stored[i]
	}
	known := make(map[string]bool, len(judged))
	for i := range judged {
		id := judged[i].ID
		if id == "" || known[id] {
			return fmt.Errorf("the id %q is empty or given twice", id)
		}
		known[id] = true
		if err := c.keep(&judged[i], before[id]); err != nil {
			return err
		}
	}
	for i := range c.stored {
		if r := &c.stored[i]; r.ClosedAt == nil && !known[r.id] {
			if err := c.close(r); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(c.open, compareStored)
	return nil
}

// keep compares a judged record with what is stored of it, nil if nothing is.
func (c *comparison) keep(r *api.Record, before *row) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("record %q: %w", r.ID, err)
	}
	now := row{Stored: api.Stored{Record: *r, Epoch: c.epoch}, id: r.ID, body: body}
	now.FirstSeen, now.LastSeen = c.times(r)
	if before == nil {
		now.Revision = c.base + 1
		c.tell(now, api.RecordOpened, "")
		return nil
	}
	// A clock that was ahead may have dated the first sight after the last.
	if before.FirstSeen.Before(now.LastSeen) {
		now.FirstSeen = before.FirstSeen
	}
	now.Revision = before.Revision
	if before.ClosedAt != nil {
		now.Revision++
		c.tell(now, api.RecordReopened, "")
		return nil
	}
	difference, err := before.difference(body)
	switch {
	case err != nil:
		return err
	case difference != "":
		now.Revision++
		c.tell(now, api.RecordChanged, difference)
		return nil
	}
	c.open = append(c.open, now.Stored)
	same := bytes.Equal(before.body, body) && before.FirstSeen.Equal(now.FirstSeen) && before.LastSeen.Equal(now.LastSeen)
	if !same {
		c.upserts = append(c.upserts, now)
	}
	return nil
}

// difference says in what the content of a record differs from what is stored. Both are
// compared as they look in JSON: names on a machine need not be valid UTF-8, but there they are.
func (r *row) difference(body []byte) (string, error) {
	if bytes.Equal(r.body, body) {
		return "", nil
	}
	before, err := r.decode()
	if err != nil {
		return "", err
	}
	now := row{id: r.id, body: body}
	after, err := now.decode()
	if err != nil {
		return "", err
	}
	return differs(&before.Record, &after.Record), nil
}

func (c *comparison) close(before *row) error {
	last, err := before.decode()
	if err != nil {
		return err
	}
	last.Revision++
	last.ClosedAt, last.ClosedReason = &c.at, c.reason(&last.Record)
	c.tell(row{last, before.id, before.body}, api.RecordClosed, last.ClosedReason)
	return nil
}

// tell notes a change and what is to be stored because of it.
func (c *comparison) tell(r row, what, reason string) {
	c.upserts = append(c.upserts, r)
	c.changes = append(c.changes, api.Change{ID: newID(c.at), Time: c.at, What: what, Reason: reason, Record: r.Stored})
	if what != api.RecordClosed {
		c.open = append(c.open, r.Stored)
	}
}

// reason says why a record is judged no more: by the strongest fate of what it rested on.
func (c *comparison) reason(r *api.Record) string {
	strongest := untouched
	for ref := range references(r) {
		strongest = max(strongest, c.fates[ref])
	}
	switch strongest {
	case looked:
		return api.ClosedRemoved
	case retired:
		return api.ClosedProbeRetired
	}
	return api.ClosedRuleChanged
}

// times tells when the evidence of a record was first and last seen, as far as it is believed.
func (c *comparison) times(r *api.Record) (first, last time.Time) {
	for ref := range references(r) {
		seen, ok := c.seen[ref]
		if !ok {
			continue
		}
		if first.IsZero() || seen.Before(first) {
			first = seen
		}
		if seen.After(last) {
			last = seen
		}
	}
	if first.IsZero() {
		return c.at, c.at
	}
	return first, last
}

// references iterates over what a record rests on.
func references(r *api.Record) func(yield func(reference) bool) {
	return func(yield func(reference) bool) {
		for i := range r.Instances {
			for j := range r.Instances[i].Evidence {
				if !yield(referenceIn(&r.Instances[i].Evidence[j])) {
					return
				}
			}
		}
	}
}

func compareStored(a, b api.Stored) int {
	return cmp.Or(cmp.Compare(a.App.ID, b.App.ID), cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.ID, b.ID))
}
