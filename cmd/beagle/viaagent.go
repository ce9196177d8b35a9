package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
)

// checkViaAgent refuses options that would quietly have no effect.
func checkViaAgent(cmd *cobra.Command, viaAgent bool) error {
	if !viaAgent {
		if cmd.Flags().Changed("socket") {
			return errors.New("--socket is only for --via-agent: without it no agent is asked")
		}
		return nil
	}
	var refused []string
	for _, name := range []string{"root", "os", "paths", "no-processes", "settings", "kind", "as-of", "catalog", "policies"} {
		if cmd.Flags().Changed(name) {
			refused = append(refused, "--"+name)
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("%s cannot go with --via-agent: the agent looks at this machine, by its own settings", strings.Join(refused, ", "))
	}
	return nil
}

// errNoResult says that the agent stopped looking and nothing came of it.
var errNoResult = errors.New("the agent stopped looking before it was done; its log says why")

// idleTime is long for an agent that was granted a wish: it puts that in line at most behind
// a look that is under way.
const idleTime = 10 * time.Second

// request is a look that an agent is asked for.
type request struct {
	link *link
	deep bool
	show func(detectors.Progress)
	say  func(string) // what a person should know meanwhile
	// patience is how long an agent may have nothing to do while its result is waited for.
	patience time.Duration
	state    api.Snapshot
	// before is when the last look of this kind had ended when it was asked for; nil: never.
	before *time.Time
	began  time.Time // of the look, zero if the agent does not tell
	held   bool      // that the look waits was said
}

// viaAgent has an agent look and returns what it knows then.
func (f *scanFlags) viaAgent(ctx context.Context, env Env, meter *meter) (*agentScan, error) {
	l, err := f.agent.connect(ctx, env)
	if err != nil {
		return nil, err
	}
	l.notice(env)
	r := request{link: l, deep: f.probes.Deep, patience: idleTime, show: meter.show, say: func(text string) {
		if !f.quiet {
			meter.clear()
			fmt.Fprintln(env.Stderr, "beagle: "+text)
		}
	}}
	if err := r.run(ctx); err != nil {
		meter.clear()
		return nil, err
	}
	meter.clear()
	return r.result(ctx)
}

// run asks, and waits until the look is done.
func (r *request) run(ctx context.Context) error {
	following, stop := context.WithCancel(ctx)
	events, ended := make(chan api.Event), make(chan error, 1)
	var group sync.WaitGroup
	group.Go(func() {
		ended <- r.link.client.Events(following, func(e api.Event) error {
			select {
			case events <- e:
				return nil
			case <-following.Done():
				return context.Cause(following)
			}
		})
	})
	err := r.follow(ctx, events, ended)
	stop()
	group.Wait()
	return err
}

func (r *request) follow(ctx context.Context, events <-chan api.Event, ended chan error) error {
	idle := time.NewTimer(r.patience)
	defer idle.Stop()
	for {
		select {
		case err := <-ended:
			return r.link.failed(ctx, err)
		case <-idle.C:
			return exit{exitIncomplete, errNoResult}
		case e := <-events:
			first := r.state.Schema == ""
			r.state = r.state.With(e)
			if first {
				r.before = r.last(&r.state)
				if err := r.ask(ctx); err != nil {
					return err
				}
			}
			if r.done() {
				return nil
			}
			r.progress()
			idle.Reset(r.patience)
			if r.state.Activity != "idle" {
				idle.Stop()
			}
		}
	}
}

// ask asks for the look. One that is under way will do.
func (r *request) ask(ctx context.Context) error {
	err := r.link.client.RequestScan(ctx, r.deep)
	var refusal *api.Refusal
	if !errors.As(err, &refusal) {
		if r.state.Activity == "idle" {
			r.began = r.state.At // it has nothing else to do first
		}
		return r.link.failed(ctx, err)
	}
	switch refusal.Problem.Code {
	case api.CodeScanning:
		r.say("the agent is looking already; waiting for what it finds")
		return nil
	case api.CodeTooSoon:
		return exit{exitUnreachable, fmt.Errorf("the agent looks again in %s at the earliest; what it knows: beagle findings", span(refusal.RetryAfter))}
	}
	return exit{exitUnreachable, fmt.Errorf("the agent will not look: %w", err)}
}

// done reports whether a look of the wanted kind has ended since it was asked for.
func (r *request) done() bool {
	last := r.last(&r.state)
	return last != nil && (r.before == nil || !last.Equal(*r.before))
}

// last is when the last look of the wanted kind ended.
func (r *request) last(s *api.Snapshot) *time.Time {
	if r.deep {
		return s.LastDeep
	}
	return s.LastSweep
}

func (r *request) progress() {
	if paused := r.state.Activity == "paused"; paused != r.held {
		if r.held = paused; paused {
			r.say(activityText(&r.state, clockwork{r.state.At, time.Local}))
		}
	}
	at := r.state.Progress
	if at == nil || at.Deep != r.deep {
		return
	}
	if !at.Began.IsZero() {
		r.began = at.Began
	}
	r.show(detectors.Progress{Probe: at.Probe, Unit: at.Unit, Examined: at.Examined, Share: at.Share})
}

// agentScan is what an agent knows as the document of a scan. What an agent does not keep is
// null: how long each probe took, and when a look began that was under way already.
type agentScan struct {
	api.Scan
	Started *time.Time   `json:"started"`
	Probes  []agentProbe `json:"probes"`
}

type agentProbe struct {
	api.Probe
	DurationMS *float64 `json:"duration_ms"`
}

func (r *request) result(ctx context.Context) (*agentScan, error) {
	now, err := r.link.client.Snapshot(ctx)
	if err != nil {
		return nil, r.link.failed(ctx, err)
	}
	coverage, err := r.link.client.Coverage(ctx)
	if err != nil {
		return nil, r.link.failed(ctx, err)
	}
	sortRecords(now.Records)
	doc := agentScan{Scan: api.Scan{
		Schema: api.ScanSchema, AgentVersion: now.AgentVersion, CatalogVersion: now.CatalogVersion, Host: now.Host,
		Started: r.began.UTC(), AsOf: string(policy.DateOf(now.At.Local())),
		Probes: covered(coverage), Findings: make([]api.Record, 0, len(now.Records)), Summary: now.Summary,
	}}
	if last := r.last(&now); last != nil {
		doc.Finished = last.UTC()
	}
	if !r.began.IsZero() {
		doc.Started = &doc.Scan.Started
	}
	for i := range now.Records {
		doc.Findings = append(doc.Findings, now.Records[i].Record)
	}
	doc.Probes = make([]agentProbe, 0, len(doc.Scan.Probes))
	for _, p := range doc.Scan.Probes {
		doc.Probes = append(doc.Probes, agentProbe{Probe: p})
	}
	return &doc, nil
}

// covered gathers areas by their probes, in the order in which they come. Areas of one look
// share what its probe examined.
func covered(coverage []api.Coverage) []api.Probe {
	type look struct {
		probe string
		at    time.Time
	}
	counted := map[look]bool{}
	probes := []api.Probe{}
	for i := range coverage {
		c := &coverage[i]
		at := slices.IndexFunc(probes, func(p api.Probe) bool { return p.Name == c.Probe })
		if at < 0 {
			at = len(probes)
			probes = append(probes, api.Probe{Name: c.Probe, Unit: c.Unit})
		}
		p := &probes[at]
		if this := (look{c.Probe, c.At.UTC()}); !counted[this] {
			counted[this] = true
			p.Examined += c.Examined
		}
		p.Areas = append(p.Areas, api.Area{Area: c.Area, Status: c.Status, Error: c.Error})
	}
	for i := range probes {
		probes[i].Status = together(probes[i].Areas)
	}
	return probes
}

// together is how a probe ended whose areas ended so, see [detectors.ProbeResult].
func together(areas []api.Area) string {
	count := map[detectors.Outcome]int{}
	for _, a := range areas {
		count[detectors.Outcome(a.Status)]++
	}
	bad := count[detectors.Failed] + count[detectors.Unreachable]
	switch {
	case count[detectors.Skipped] == len(areas):
		return string(detectors.Skipped)
	case bad > 0 && count[detectors.Finished]+count[detectors.Partial] == 0:
		return string(detectors.Failed)
	case bad+count[detectors.Partial] > 0:
		return string(detectors.Partial)
	}
	return string(detectors.Finished)
}
