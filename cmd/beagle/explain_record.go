package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"beagle/agent/api"
	"beagle/agent/policy"
)

// recordLike reports whether a text may be the id of a record, or the beginning of one.
func recordLike(text string) bool {
	ok, err := regexp.MatchString(`^[0-9a-f]{4,64}$`, text)
	return err == nil && ok
}

// presence is what an agent knows about one app on this machine.
type presence struct {
	link    *link // nil if no agent answers
	records []api.Stored
	// verdict is what the worst policy would say of the app if it were here.
	verdict *api.Verdict
}

// lookUp asks the agent about an app. It is no error that none answers.
func lookUp(ctx context.Context, env Env, flags agentFlags, app string) *presence {
	l, err := flags.connect(ctx, env)
	if err != nil {
		return &presence{}
	}
	here := presence{link: l}
	for _, r := range l.now.Records {
		if r.App.ID == app {
			here.records = append(here.records, r)
		}
	}
	sortRecords(here.records)
	if page, err := l.client.App(ctx, app); err == nil {
		here.verdict = worst(page.Verdicts)
	}
	return &here
}

func worst(verdicts []api.Verdict) *api.Verdict {
	if len(verdicts) == 0 {
		return nil
	}
	v := slices.MinFunc(verdicts, func(a, b api.Verdict) int { return rank(a.Verdict) - rank(b.Verdict) })
	return &v
}

// here says whether the app is on this machine.
func (p *explainPage) here(at *presence) {
	if at.link == nil {
		p.line("%s", p.style.dim("Whether it is on this machine is not known: no agent answers (beagle status says why)."))
		p.blank()
		return
	}
	s := &at.link.now
	clock := clockwork{s.At, time.Local}
	p.line("%s", p.style.bold("On this machine"))
	if !s.Privileged {
		p.line("  %s", p.style.ruling(policy.Pending, rightsLine(at.link.own)))
	}
	for i := range at.records {
		r := &at.records[i]
		p.long("  "+p.style.ruling(policy.Ruling(r.Verdict), padded(verdictWord(r.Verdict), 11))+" ",
			ownerText(r.Owner)+" ("+clean(strings.Join(r.Presence, ", "))+"), first seen "+clock.at(r.FirstSeen)+"; "+p.style.dim("more: beagle explain "+shortID(r.ID)))
	}
	if len(at.records) == 0 {
		p.absent(s, clock, at.verdict)
	}
	p.blank()
}

func (p *explainPage) absent(s *api.Snapshot, clock clockwork, verdict *api.Verdict) {
	switch {
	case s.LastSweep == nil:
		p.line("  not known yet: the first look is not done")
	case !s.Summary.Complete:
		p.line("  not found, but not everything could be looked at; last looked %s", clock.ago(*s.LastSweep))
	default:
		p.line("  not found; last looked %s", clock.ago(*s.LastSweep))
	}
	if verdict != nil {
		p.beside("  ", "if it were here: "+clean(rulingText(verdict.Verdict)+" by policy "+verdict.Policy+", "+reasonText(verdict.Reason)))
	}
}

// explainRecord prints everything about one record.
func explainRecord(ctx context.Context, env Env, flags agentFlags, id string) error {
	l, err := flags.connect(ctx, env)
	if err != nil {
		return err
	}
	r, err := l.record(ctx, id)
	if err != nil {
		return err
	}
	e := explained{record: r, titles: map[string]string{}}
	if e.history, err = l.client.History(ctx, r.ID, 0); err != nil {
		return l.failed(ctx, err)
	}
	// What follows makes the page fuller; without it the page is still true.
	if app, err := l.client.App(ctx, r.App.ID); err == nil {
		e.steps = stepsFor(&r.Record, app.Removal)
	}
	for i := range r.Verdicts {
		if p, err := l.client.Policy(ctx, r.Verdicts[i].Policy); err == nil {
			e.titles[p.ID] = p.Title
		}
	}
	p := recordPage{
		scanPage: scanPage{page: env.page()},
		clock:    clockwork{l.now.At, time.Local},
	}
	return p.print(&e)
}

// record finds a record by its id or a beginning of it that only one has, open or closed.
func (l *link) record(ctx context.Context, id string) (api.Stored, error) {
	r, err := l.client.Record(ctx, id)
	var refusal *api.Refusal
	if err == nil || !errors.As(err, &refusal) || refusal.Problem.Code != api.CodeNotFound {
		return r, l.failed(ctx, err)
	}
	named := map[string]string{}
	for i := range l.now.Records {
		r := &l.now.Records[i]
		named[r.ID] = r.App.ID + " " + ownerText(r.Owner)
	}
	history, err := l.client.History(ctx, "", 1000)
	if err != nil {
		return r, l.failed(ctx, err)
	}
	for _, e := range history {
		if named[e.RecordID] == "" {
			named[e.RecordID] = e.App + " " + ownerText(e.Owner)
		}
	}
	var found []string
	for have := range named {
		if strings.HasPrefix(have, id) {
			found = append(found, have)
		}
	}
	slices.Sort(found)
	switch len(found) {
	case 0:
		return r, fmt.Errorf("neither an app nor a record begins with %q (beagle findings lists the records, beagle catalog list the apps)", id)
	case 1:
		r, err = l.client.Record(ctx, found[0])
		return r, l.failed(ctx, err)
	}
	for i, have := range found {
		found[i] = have + " (" + named[have] + ")"
	}
	return r, fmt.Errorf("several records begin with %q: %s", id, strings.Join(found, ", "))
}

// explained is all that is known about one record.
type explained struct {
	record  api.Stored
	history []api.HistoryEntry // the newest first
	titles  map[string]string  // of policies, by id
	steps   []string
}

// recordPage explains one record.
type recordPage struct {
	scanPage
	clock clockwork
}

func (p *recordPage) print(e *explained) error {
	r := &e.record
	if r.ClosedAt == nil {
		p.heading(&r.Record)
	} else {
		p.line("%s  %s, %s", p.style.dim("WAS "+verdictWord(r.Verdict)), p.style.bold(appName(&r.App)), ownerText(r.Owner))
	}
	p.line("  record %s, first seen %s, last seen %s", clean(r.ID), p.clock.at(r.FirstSeen), p.clock.at(r.LastSeen))
	if r.ClosedAt != nil {
		p.line("  %s", p.style.ruling(policy.Allowed, "gone since "+p.clock.at(*r.ClosedAt)+": "+closedText(r.ClosedReason)))
	}
	p.blank()
	p.line("%s", p.style.bold("What was found"))
	p.copies(&r.Record)
	p.blank()
	p.line("%s", p.style.bold("Why"))
	for i := range r.Verdicts {
		p.why(&r.Verdicts[i], e.titles)
	}
	p.blank()
	p.past(e.history)
	p.asked(e.record.Requests)
	p.removal(e)
	return p.err
}

// why prints the answer of one policy and what it rests on.
func (p *recordPage) why(v *api.Verdict, titles map[string]string) {
	title := ""
	if t := titles[v.Policy]; t != "" {
		title = ", " + clean(t)
	}
	p.long("  ", p.style.ruling(policy.Ruling(v.Verdict), clean(rulingText(v.Verdict)))+" by policy "+p.style.bold(clean(v.Policy))+title)
	p.wrapped("    ", clean(reasonText(v.Reason)))
	rests := v.Citation
	if v.SourceDate != "" {
		rests += "; newest source " + v.SourceDate
	}
	p.wrapped("    ", clean(rests))
}

func (p *recordPage) past(history []api.HistoryEntry) {
	if len(history) == 0 {
		return
	}
	p.line("%s", p.style.bold("What happened"))
	for listed := 0; len(history) > 0; listed++ {
		if listed == maxHistory {
			p.line("  and more before that")
			break
		}
		alike := 1
		for alike < len(history) && sameEvent(&history[0], &history[alike]) {
			alike++
		}
		p.event(&history[0], &history[alike-1], alike)
		history = history[alike:]
	}
	p.blank()
}

// maxHistory is how many lines of the past the page shows: an app that runs every day changes
// with every start.
const maxHistory = 20

func sameEvent(a, b *api.HistoryEntry) bool {
	return a.What == b.What && a.Reason == b.Reason && a.Verdict == b.Verdict
}

// event prints what happened last and, if it is one of several alike in a row, since when.
func (p *recordPage) event(last, first *api.HistoryEntry, times int) {
	text := ""
	switch last.What {
	case api.RecordClosed:
		text = ": " + closedText(last.Reason)
	case api.RecordChanged:
		text = ": " + changeText(last.Reason)
	}
	if times > 1 {
		text += fmt.Sprintf(" (%d times since %s)", times, p.clock.stamp(first.Time))
	}
	verdict := p.style.ruling(policy.Ruling(last.Verdict), clean(rulingText(last.Verdict)))
	p.beside("  "+p.clock.stamp(last.Time)+"  "+padded(watchWord(last.What), 8)+" ", verdict+text)
}

func (p *recordPage) removal(e *explained) {
	p.line("%s", p.style.bold("How to remove it"))
	switch {
	case e.record.ClosedAt != nil:
		p.line("  nothing to do: it is gone")
	case len(e.steps) == 0:
		p.line("  no steps are known for how it is there; beagle explain %s shows them all", clean(e.record.App.ID))
	}
	if e.record.ClosedAt != nil {
		return
	}
	for _, step := range e.steps {
		p.beside("  - ", step)
	}
}
