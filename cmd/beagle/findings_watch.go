package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"beagle/agent/api"
	"beagle/agent/policy"
)

// How long to wait before an agent that went away is asked again: at first hardly, since a
// service restarts in no time, then ever longer.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 10 * time.Second
)

// What a line of --watch says besides [api.RecordOpened] and its like.
const watchedPresent = "present" // it was there when the watching began

// watched is one line of --watch.
type watched struct {
	Time time.Time `json:"time"`
	// What is "present", "opened", "reopened", "changed" or "closed".
	What string `json:"what"`
	// Reason is why a record was closed, or what differs when it changed; otherwise empty.
	Reason string     `json:"reason"`
	Record api.Stored `json:"record"`
}

// follower prints what changes at an agent, and waits for it where it goes away.
type follower struct {
	env   Env
	link  *link
	json  bool
	zone  *time.Location
	clock func() time.Time
	wait  time.Duration // before the next try

	state api.Snapshot
	began time.Time // when the first snapshot came; zero before
	away  bool      // it did not answer last, and that was said
}

func newFollower(l *link, env Env, format string) *follower {
	return &follower{env: env, link: l, json: format == "json", zone: time.Local, clock: time.Now, wait: firstWait}
}

// run follows until ctx ends, or until something answers that is no agent of this kind. The
// error has the exit code of the last state.
func (f *follower) run(ctx context.Context) error {
	for {
		err := f.link.client.Events(ctx, func(e api.Event) error { return f.take(ctx, e) })
		var failed printError
		switch {
		case errors.As(err, &failed):
			return failed.error
		case ctx.Err() != nil:
			return f.end()
		case errors.Is(err, api.ErrUntrusted), errors.Is(err, api.ErrBadAnswer):
			return f.link.failed(ctx, err)
		}
		f.lost(err)
		if !f.pause(ctx, err) {
			return f.end()
		}
	}
}

// end is how a watching ends that somebody stopped.
func (f *follower) end() error {
	if f.away || f.began.IsZero() {
		return exit{code: exitUnreachable}
	}
	if code := snapshotExit(&f.state); code != exitClean {
		return exit{code: code}
	}
	return nil
}

// printError is a line that could not be written: whoever read them has gone.
type printError struct{ error }

func (f *follower) lost(err error) {
	if f.away {
		return
	}
	f.away = true
	fmt.Fprintf(f.env.Stderr, "beagle: %s; waiting for it\n", clean(err.Error()))
}

// pause waits for the next try and reports whether there is to be one.
func (f *follower) pause(ctx context.Context, err error) bool {
	wait := f.wait
	var refusal *api.Refusal
	if errors.As(err, &refusal) {
		wait = max(wait, refusal.RetryAfter)
	}
	f.wait = min(2*f.wait, lastWait)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// take prints what an event changes.
func (f *follower) take(ctx context.Context, e api.Event) error {
	before, first := f.state, f.began.IsZero()
	f.state = f.state.With(e)
	if e.Kind == api.EventSnapshot {
		f.wait = firstWait
		if f.away {
			fmt.Fprintln(f.env.Stderr, "beagle: the agent answers again")
		}
		f.away = false
	}
	if first {
		f.began = f.state.At
		return f.start()
	}
	for _, line := range f.differences(ctx, &before, e) {
		if err := f.print(line); err != nil {
			return err
		}
	}
	return nil
}

// start prints what is there when the watching begins.
func (f *follower) start() error {
	records := slices.Clone(f.state.Records)
	sortRecords(records)
	if len(records) == 0 && !f.json {
		text := "nothing was found so far; waiting for changes"
		if f.state.LastSweep == nil {
			text = "the first look is not done yet; waiting for what it finds"
		}
		if _, err := fmt.Fprintln(f.env.Stdout, text); err != nil {
			return printError{err}
		}
	}
	for _, r := range records {
		if err := f.print(watched{Time: f.clock(), What: watchedPresent, Record: r}); err != nil {
			return err
		}
	}
	return nil
}

// differences are what an event changed: one record, or after a new snapshot any.
func (f *follower) differences(ctx context.Context, before *api.Snapshot, e api.Event) []watched {
	var lines []watched
	for _, r := range f.state.Records {
		old := find(before.Records, r.ID)
		switch {
		case old == nil:
			lines = append(lines, watched{Time: f.clock(), What: f.opened(ctx, &r), Record: r})
		default:
			if reason := changed(&old.Record, &r.Record); reason != "" {
				lines = append(lines, watched{Time: f.clock(), What: api.RecordChanged, Reason: reason, Record: r})
			}
		}
	}
	for _, r := range before.Records {
		if find(f.state.Records, r.ID) == nil {
			lines = append(lines, f.closed(ctx, r, e))
		}
	}
	return lines
}

// opened tells a record that is new from one that is back. Only one that was seen before the
// watching began can be either.
func (f *follower) opened(ctx context.Context, r *api.Stored) string {
	if !r.FirstSeen.Before(f.began) {
		return api.RecordOpened
	}
	history, err := f.link.client.History(ctx, r.ID, 10)
	if err != nil {
		return api.RecordOpened // it was not open before, which is what counts
	}
	for _, e := range history {
		if e.What == api.RecordOpened || e.What == api.RecordReopened {
			return e.What
		}
	}
	return api.RecordOpened
}

// closed says of a record that is not among the open ones any more what the agent knows.
func (f *follower) closed(ctx context.Context, r api.Stored, e api.Event) watched {
	switch {
	case e.Record != nil && e.Record.ID == r.ID:
		r = *e.Record
	default:
		if now, err := f.link.client.Record(ctx, r.ID); err == nil {
			r = now
		}
	}
	line := watched{Time: f.clock(), What: api.RecordClosed, Reason: r.ClosedReason, Record: r}
	if r.ClosedAt != nil {
		line.Time = *r.ClosedAt
	}
	return line
}

func find(records []api.Stored, id string) *api.Stored {
	i := slices.IndexFunc(records, func(r api.Stored) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &records[i]
}

// changed says what differs between two states of a record, the weightiest first, or "".
func changed(a, b *api.Record) string {
	switch {
	case a.Verdict != b.Verdict:
		return api.ChangedVerdict
	case !slices.Equal(a.Presence, b.Presence):
		return api.ChangedPresence
	case a.Confidence != b.Confidence:
		return api.ChangedConfidence
	case !alike(a.Instances, b.Instances):
		return api.ChangedCopies
	case !alike(a.Verdicts, b.Verdicts):
		return api.ChangedPolicies
	case !alike(a, b):
		return api.ChangedDetails
	}
	return ""
}

// alike compares what would be printed as JSON, where nil and empty are the same to a reader.
func alike(a, b any) bool {
	x, failed := json.Marshal(a)
	y, err := json.Marshal(b)
	return failed == nil && err == nil && string(x) == string(y)
}

func (f *follower) print(line watched) error {
	if f.json {
		line.Time = line.Time.UTC()
		if err := json.NewEncoder(f.env.Stdout).Encode(line); err != nil {
			return printError{err}
		}
		return nil
	}
	st := style{f.env.Color}
	r := &line.Record
	word := padded(verdictWord(r.Verdict), 11)
	if line.What == api.RecordClosed {
		word = st.dim(padded("", 11))
	}
	_, err := fmt.Fprintf(f.env.Stdout, "%s  %s %s %s, %s: %s\n", st.dim(line.Time.In(f.zone).Format(time.TimeOnly)), padded(watchWord(line.What), 8),
		st.ruling(policy.Ruling(r.Verdict), word), st.bold(appName(&r.App)), ownerText(r.Owner), watchReason(&line))
	if err != nil {
		return printError{err}
	}
	return nil
}

func watchWord(what string) string {
	switch what {
	case watchedPresent:
		return "there"
	case api.RecordOpened:
		return "new"
	case api.RecordReopened:
		return "back"
	case api.RecordClosed:
		return "gone"
	}
	return what
}

// watchReason says in short why a line is there.
func watchReason(line *watched) string {
	r := &line.Record
	if line.What == api.RecordClosed {
		return closedText(line.Reason)
	}
	how := clean(strings.Join(r.Presence, ", "))
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Verdict == r.Verdict {
			how += "; " + clean(reasonText(v.Reason)+" ("+v.Policy+")")
			break
		}
	}
	if line.What == api.RecordChanged {
		how = changeText(line.Reason) + "; " + how
	}
	return how
}
