// Package agent is where the rooms meet: it lets the probes look, the catalog match and the
// policies judge, and is the only place that knows all three.
package agent

import (
	"context"
	"time"

	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
	"beagle/detectors/catalog"
)

// Config is what a sweep needs.
type Config struct {
	Host     *detectors.Host
	Probes   []detectors.Probe
	Catalog  *catalog.Index
	Policies []policy.Policy
	// Question is what verdicts depend on besides the finding.
	Question policy.Question
	// Progress hears how far a sweep is; it may be nil.
	Progress func(detectors.Progress)
}

// Agent looks at one host.
type Agent struct {
	config Config
}

// New returns an agent for the host of the config.
func New(config Config) *Agent { return &Agent{config} }

// Sweep takes everything once along its path, Evidence → Finding → Record, and returns what
// it saw. It always returns a document: what could not be looked at is said in it.
func (a *Agent) Sweep(ctx context.Context) api.Scan {
	started := time.Now()

	// Look: every probe, each with its time limit.
	seen := detectors.Run(ctx, a.config.Host, a.config.Probes, detectors.Limits{Progress: a.config.Progress})

	// Match: all evidence together, since one app may need two probes.
	findings := a.config.Catalog.Match(seen.Evidence)

	// Judge: verdict and reason travel together.
	records := make([]api.Record, len(findings))
	for i := range findings {
		verdicts := policy.Judge(a.config.Policies, policy.SubjectOf(&findings[i]), a.config.Question)
		records[i] = record(&findings[i], verdicts)
	}

	return a.document(started, seen.Probes, records)
}
