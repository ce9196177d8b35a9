package agent

import (
	"cmp"
	"slices"
	"time"

	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
	"beagle/detectors/catalog"
)

// document puts a scan together, the worst records first and carriers before what they carry.
func document(config *Config, started time.Time, probes []detectors.ProbeResult, records []api.Record) api.Scan {
	slices.SortStableFunc(records, func(x, y api.Record) int {
		return cmp.Or(cmp.Compare(rank(x.Verdict), rank(y.Verdict)), cmp.Compare(implied(x), implied(y)))
	})
	host := config.Host
	doc := api.Scan{
		Schema: api.ScanSchema, AgentVersion: Version, CatalogVersion: config.Rules.Catalog.Version(),
		Host:    api.Host{Hostname: host.Hostname, OS: string(host.OS), Root: host.Root, Offline: host.Offline},
		Started: started.UTC(), Finished: time.Now().UTC(), AsOf: string(config.Rules.Question.On),
		Probes: make([]api.Probe, 0, len(probes)), Findings: records,
	}
	complete, looked := true, false
	for i := range probes {
		doc.Probes = append(doc.Probes, probe(&probes[i]))
		complete = complete && !missedAny(&probes[i])
		looked = looked || probes[i].Examined > 0
	}
	// Where there was nothing at all to look at, nothing was found out.
	doc.Summary = summarise(records, complete && looked)
	return doc
}

// missedAny reports whether a probe may have missed something.
func missedAny(p *detectors.ProbeResult) bool {
	return p.Outcome.Incomplete() || slices.ContainsFunc(p.Areas, func(a detectors.AreaResult) bool {
		return a.Outcome.Incomplete()
	})
}

func implied(r api.Record) int {
	if r.ImpliedBy != nil {
		return 1
	}
	return 0
}

func rank(verdict string) int { return slices.Index(policy.Rulings(), policy.Ruling(verdict)) }

func summarise(records []api.Record, complete bool) api.Summary {
	s := api.Summary{Complete: complete}
	for i := range records {
		switch policy.Ruling(records[i].Verdict) {
		case policy.Prohibited:
			s.Prohibited++
		case policy.Pending:
			s.Pending++
		case policy.SuspendedNow:
			s.Suspended++
		case policy.Exempt:
			s.Exempt++
		case policy.Unconfirmed:
			s.Unconfirmed++
		case policy.Lifted:
			s.Lifted++
		}
	}
	return s
}

func probe(p *detectors.ProbeResult) api.Probe {
	out := api.Probe{
		Name: p.Name, Status: string(p.Outcome), Examined: p.Examined, Unit: p.Unit,
		DurationMS: float64(p.Duration.Microseconds()) / 1000,
		Areas:      make([]api.Area, 0, len(p.Areas)), Error: problem(p.Problem),
	}
	for _, area := range p.Areas {
		out.Areas = append(out.Areas, api.Area{Area: area.Area, Status: string(area.Outcome), Error: problem(area.Problem)})
	}
	return out
}

func problem(p *detectors.Problem) *api.Error {
	if p == nil {
		return nil
	}
	return &api.Error{Code: p.Code, Args: orEmpty(p.Args), Text: p.Text}
}

// record joins a finding with its verdicts.
func record(f *catalog.Finding, verdicts []policy.Verdict) api.Record {
	r := api.Record{
		ID:    f.ID,
		App:   api.App{ID: f.App.ID, Name: f.App.Name, NativeName: f.App.NativeName, Vendor: f.App.Vendor},
		Owner: f.Owner, Presence: texts(f.Presence), Confidence: string(f.Confidence),
		Instances: make([]api.Instance, 0, len(f.Instances)),
		Verdict:   string(policy.Worst(verdicts)),
		Verdicts:  make([]api.Verdict, 0, len(verdicts)),
	}
	if f.ImpliedBy != "" {
		r.ImpliedBy = &f.ImpliedBy
	}
	for i := range f.Instances {
		r.Instances = append(r.Instances, instance(&f.Instances[i]))
	}
	for i := range verdicts {
		r.Verdicts = append(r.Verdicts, Verdict(&verdicts[i]))
	}
	return r
}

func instance(in *catalog.Instance) api.Instance {
	out := api.Instance{
		Root: in.Root, Edition: in.Edition, Version: in.Version, Presence: texts(in.Presence),
		Evidence: make([]api.Evidence, 0, len(in.Evidence)),
	}
	for i := range in.Evidence {
		m := &in.Evidence[i]
		out.Evidence = append(out.Evidence, api.Evidence{
			Kind: string(m.Evidence.Kind), Value: m.Evidence.Value, Path: m.Evidence.Path,
			Area: m.Evidence.Area, Strength: string(m.Strength()), Attributes: orEmpty(m.Evidence.Attributes),
		})
	}
	return out
}

// Verdict turns a verdict into what travels.
func Verdict(v *policy.Verdict) api.Verdict {
	return api.Verdict{
		Policy: v.Policy.ID, Verdict: string(v.Ruling), Since: string(v.Since), Citation: v.Policy.Citation,
		Reason: api.Reason{Code: v.Reason.Code, Args: orEmpty(v.Reason.Args)}, SourceDate: v.Policy.LatestSource,
	}
}

func texts[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
