package main

import (
	"archive/zip"
	"cmp"
	"context"
	"io"
	"regexp"
	"runtime"
	"slices"
	"time"

	"beagle/agent"
	"beagle/agent/api"
)

// A bundle is what a help desk needs to understand an agent from afar: versions, checks,
// conditions, how looking at every area ended, which settings differ and who set them. It is
// made of what is known to be harmless, not by leaving out what is known to be harmful, so
// that nothing new gets in by itself.

// bundleSchema names the format of the documents in a bundle.
const bundleSchema = "beagle.bundle/1"

const bundleReadme = `This is what "beagle doctor --bundle" wrote for a help desk.

doctor.json    what the doctor examined
status.json    versions, times, conditions, and how looking at each area ended
findings.json  how many records there are of each app and verdict
settings.json  which settings differ from the default, and where that is said
system.json    the operating system

It holds no names of people, files, folders or this machine, no texts that the
system or a person wrote, and no secrets. Users appear as user-1, user-2 and so
on: the same user has the same number in the whole bundle. Values that could
name somebody are replaced by "(left out)".
`

// writeBundle writes the zip file. What the agent does not tell is left out of it.
func writeBundle(ctx context.Context, to io.Writer, e *examination) error {
	m := newMask()
	files := []struct {
		name string
		doc  any
	}{
		{"doctor.json", bundleDoctor(e, m)},
		{"status.json", bundleStatus(ctx, e, m)},
		{"findings.json", bundleFindings(e)},
		{"settings.json", bundleSettings(e, m)},
		{"system.json", bundleSystem()},
	}
	z := zip.NewWriter(to)
	w, err := z.Create("README.txt")
	if err == nil {
		_, err = io.WriteString(w, bundleReadme)
	}
	for _, f := range files {
		if err == nil {
			w, err = z.Create(f.name)
		}
		if err == nil {
			err = writeJSON(w, f.doc)
		}
	}
	if err != nil {
		return err
	}
	return z.Close()
}

type bundledDoctor struct {
	Schema  string         `json:"schema"`
	At      time.Time      `json:"at"`
	Answers bool           `json:"answers"`
	Checks  []bundledCheck `json:"checks"`
}

type bundledCheck struct {
	Code   string            `json:"code"`
	Status string            `json:"status"`
	Args   map[string]string `json:"args"`
	// Cause is the system's reason where it is one that is known by its words.
	Cause string `json:"cause,omitempty"`
}

func bundleDoctor(e *examination, m *mask) bundledDoctor {
	doc := bundledDoctor{Schema: bundleSchema, At: e.At, Answers: e.Answers, Checks: []bundledCheck{}}
	for i := range e.Checks {
		c := &e.Checks[i]
		if c.Code == api.CheckSetting {
			continue // they have a file of their own
		}
		doc.Checks = append(doc.Checks, bundledCheck{code(c.Code), code(c.Status), m.args(c.Args), cause(c.Text)})
	}
	return doc
}

type bundledStatus struct {
	Schema         string             `json:"schema"`
	Program        string             `json:"program_version"`
	Agent          string             `json:"agent_version"`
	Catalog        string             `json:"catalog_version"`
	CatalogDate    string             `json:"catalog_date"`
	Privileged     bool               `json:"privileged"`
	Activity       string             `json:"activity"`
	Progress       *api.Progress      `json:"progress"`
	Started        *time.Time         `json:"started"`
	LastSweep      *time.Time         `json:"last_sweep"`
	LastDeep       *time.Time         `json:"last_deep"`
	NextSweep      *time.Time         `json:"next_sweep"`
	NextDeep       *time.Time         `json:"next_deep"`
	WatchProcesses string             `json:"watching"`
	WatchFiles     string             `json:"watching_files"`
	Conditions     []bundledCondition `json:"conditions"`
	Coverage       []bundledArea      `json:"coverage"`
}

type bundledCondition struct {
	Code     string            `json:"code"`
	Severity string            `json:"severity"`
	Since    time.Time         `json:"since"`
	Args     map[string]string `json:"args"`
	Cause    string            `json:"cause,omitempty"`
}

type bundledArea struct {
	Probe        string            `json:"probe"`
	Area         string            `json:"area"`
	Status       string            `json:"status"`
	Examined     int64             `json:"examined"`
	At           time.Time         `json:"at"`
	LastFinished *time.Time        `json:"last_finished"`
	Problem      string            `json:"problem,omitempty"`
	Args         map[string]string `json:"args,omitempty"`
	Cause        string            `json:"cause,omitempty"`
}

func bundleStatus(ctx context.Context, e *examination, m *mask) bundledStatus {
	doc := bundledStatus{Schema: bundleSchema, Program: agent.Version, Conditions: []bundledCondition{}, Coverage: []bundledArea{}}
	if e.link == nil {
		return doc
	}
	s := &e.link.now
	doc.Agent, doc.Catalog, doc.CatalogDate = version(s.AgentVersion), version(s.CatalogVersion), moment(s.CatalogDate)
	doc.Privileged, doc.Activity = s.Privileged, code(s.Activity)
	doc.Started, doc.LastSweep, doc.LastDeep, doc.NextSweep, doc.NextDeep = &s.Started, s.LastSweep, s.LastDeep, s.NextSweep, s.NextDeep
	doc.WatchProcesses, doc.WatchFiles = mode(s.Watching), mode(s.WatchingFiles)
	if p := s.Progress; p != nil {
		doc.Progress = &api.Progress{Probe: code(p.Probe), Unit: code(p.Unit), Examined: p.Examined, Share: p.Share, Began: p.Began, Deep: p.Deep}
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		doc.Conditions = append(doc.Conditions, bundledCondition{code(c.Code), code(c.Severity), c.Since, m.args(c.Args), cause(c.Args["text"])})
	}
	coverage, err := e.link.client.Coverage(ctx)
	if err != nil {
		return doc
	}
	for i := range coverage {
		doc.Coverage = append(doc.Coverage, m.coverage(&coverage[i]))
	}
	return doc
}

type bundledCount struct {
	App     string `json:"app"`
	Verdict string `json:"verdict"`
	Records int    `json:"records"`
}

type bundledFindings struct {
	Schema   string         `json:"schema"`
	Complete bool           `json:"complete"`
	Records  []bundledCount `json:"records"`
}

// bundleFindings counts the records without saying whose they are or where.
func bundleFindings(e *examination) bundledFindings {
	doc := bundledFindings{Schema: bundleSchema, Records: []bundledCount{}}
	if e.link == nil {
		return doc
	}
	doc.Complete = e.link.now.Summary.Complete
	counts := map[bundledCount]int{}
	for i := range e.link.now.Records {
		r := &e.link.now.Records[i]
		counts[bundledCount{App: code(r.App.ID), Verdict: code(r.Verdict)}]++
	}
	for c, n := range counts {
		c.Records = n
		doc.Records = append(doc.Records, c)
	}
	slices.SortFunc(doc.Records, func(a, b bundledCount) int {
		return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Verdict, b.Verdict))
	})
	return doc
}

type bundledSetting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Layer string `json:"layer"`
	Place string `json:"place"`
}

type bundledSettings struct {
	Schema   string           `json:"schema"`
	Settings []bundledSetting `json:"settings"`
}

func bundleSettings(e *examination, m *mask) bundledSettings {
	doc := bundledSettings{Schema: bundleSchema, Settings: []bundledSetting{}}
	for i := range e.Checks {
		if c := &e.Checks[i]; c.Code == api.CheckSetting {
			a := c.Args
			doc.Settings = append(doc.Settings, bundledSetting{code(a["key"]), plainValue(a["value"]), code(a["layer"]), place(a["place"])})
		}
	}
	return doc
}

type bundledSystem struct {
	Schema string `json:"schema"`
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
	CPUs   int    `json:"cpus"`
}

func bundleSystem() bundledSystem {
	return bundledSystem{
		Schema: bundleSchema, OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: kernelVersion(),
		Go: runtime.Version(), CPUs: runtime.NumCPU(),
	}
}

// kernelVersion is the version without what a builder may have added to it.
func kernelVersion() string {
	return regexp.MustCompile(`^[0-9]+(\.[0-9]+){0,2}`).FindString(kernel())
}
