// Package agent is where the rooms meet: it lets the probes look, the catalog match, the
// policies judge and the store keep, and is the only place that knows them all.
//
// [Scan] looks once. [Serve] keeps what is known about a machine true until its context
// ends: it looks on a schedule and when something happens, remembers, and answers.
package agent

import (
	"context"
	"time"

	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
	"beagle/detectors/catalog"
)

// Rules are what evidence is matched and judged by.
type Rules struct {
	Catalog  *catalog.Index
	Policies []policy.Policy
	// Question is what verdicts depend on besides the finding.
	Question policy.Question
}

// Records is the middle of the path that every observation takes, Evidence → Finding →
// Record. It is pure: the same evidence, rules and day make the same records.
func (r *Rules) Records(evidence []catalog.Evidence) []api.Record {
	// Match: all evidence together, since one app may need two probes.
	findings := r.Catalog.Match(evidence)

	// Judge: verdict and reason travel together.
	records := make([]api.Record, len(findings))
	for i := range findings {
		verdicts := policy.Judge(r.Policies, policy.SubjectOf(&findings[i]), r.Question)
		records[i] = record(&findings[i], verdicts)
	}
	return records
}

// Config is what a single look needs.
type Config struct {
	Host   *detectors.Host
	Probes []detectors.Probe
	Rules  Rules
	// Progress hears how far the look is; it may be nil.
	Progress func(detectors.Progress)
}

// Scan looks once and returns what it saw. It always returns a document: what could not be
// looked at is said in it.
func Scan(ctx context.Context, config Config) api.Scan {
	started := time.Now()
	seen := detectors.Run(ctx, config.Host, config.Probes, detectors.Limits{Progress: config.Progress})
	return document(&config, started, seen.Probes, config.Rules.Records(seen.Evidence))
}

// sweep is the same path for an agent that remembers. It is taken by a look at the whole
// machine as by a single program that started.
func (a *Agent) sweep(ctx context.Context, l *look) error {
	if l.began == (moment{}) {
		l.began = a.memory.mark()
	}
	// Look: every probe, each with its time limit.
	seen := detectors.Run(ctx, l.host, a.free(l), l.limits)

	// Match and judge all that is now believed, keep it in one transaction, show it and tell.
	return a.memory.keep(ctx, l.brought(&seen), l.began)
}

// judge is what the memory makes records by: the rules that are in force when it is their turn.
func (a *Agent) judge(believed []evidence) []api.Record { return a.rules.now().Records(believed) }
