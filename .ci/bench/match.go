package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"beagle/detectors/catalog"
)

// The design's goals for matching: evidence a second of one core, and how much the cost of
// an evidence may grow with a catalog a hundred times as large.
const (
	matchGoal  = 1e6
	growthGoal = 1.3
	factor     = 100
)

// matched is what the matching role measured: evidence a second of CPU time, by round.
type matched struct {
	Catalog        string
	Apps, ManyApps int
	Evidence, Hits int
	Few, Many      []float64
}

func (b *bench) matchRows(ctx context.Context) ([]row, error) {
	b.say("matching")
	out, err := b.output(ctx, []string{"role-match", strconv.Itoa(b.rounds)})
	if err != nil {
		return nil, err
	}
	var m matched
	if err := json.Unmarshal(out, &m); err != nil {
		return nil, err
	}
	var growth []float64
	for i := range m.Few {
		growth = append(growth, m.Few[i]/m.Many[i])
	}
	few, many, cost := spreadOf(m.Few), spreadOf(m.Many), spreadOf(growth)
	perSecond := func(s spread) string {
		return fmt.Sprintf("%.1f M/s (%.1f–%.1f)", s.median/1e6, s.low/1e6, s.high/1e6)
	}
	return []row{
		{
			what: fmt.Sprintf("matching on one core, %d apps", m.Apps), ours: perSecond(few),
			goal: atLeast(few.median/1e6, matchGoal/1e6, "%.1f M/s"),
			note: fmt.Sprintf("%d evidence a sweep, %.1f %% of it of catalogued apps; the catalog is %s",
				m.Evidence, 100*float64(m.Hits)/float64(m.Evidence), m.Catalog),
		},
		{
			what: fmt.Sprintf("matching, %d apps / %d apps", m.ManyApps, m.Apps),
			ours: perSecond(many), theirs: perSecond(few), ratio: cost.String(),
			goal: atMost(cost.median, growthGoal, "%.1f"),
		},
	}, nil
}

// match measures in a process of its own, so that nothing else of the bench is in its memory.
func match(_ context.Context, args []string) error {
	rounds, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	apps, version, err := knownApps()
	if err != nil {
		return err
	}
	few, err := catalog.New(version, apps)
	if err != nil {
		return err
	}
	many, err := catalog.New(version, multiply(apps, factor))
	if err != nil {
		return err
	}
	evidence, err := sweepOfEvidence(few, apps)
	if err != nil {
		return err
	}
	m := matched{
		Catalog: version, Apps: len(few.Apps()), ManyApps: len(many.Apps()),
		Evidence: len(evidence), Hits: hits(few, evidence),
	}
	if more := hits(many, evidence); more != m.Hits {
		return fmt.Errorf("%d evidence matches the large catalog, %d the small one", more, m.Hits)
	}
	runtime.GOMAXPROCS(1)
	for round := range rounds {
		var a, b float64
		if round%2 == 0 {
			a, b = rate(few, evidence), rate(many, evidence)
		} else {
			b, a = rate(many, evidence), rate(few, evidence)
		}
		m.Few, m.Many = append(m.Few, a), append(m.Many, b)
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

// rate matches the same sweep for a while and returns the evidence a second of CPU time,
// that of the garbage collector included.
func rate(index *catalog.Index, evidence []catalog.Evidence) float64 {
	const enough = 300 * time.Millisecond
	runtime.GC()
	started, done := used(), 0
	for used()-started < enough {
		index.Match(evidence)
		done += len(evidence)
	}
	return float64(done) / (used() - started).Seconds()
}

// used is the CPU time of this process.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return cpu(&u)
}

func hits(index *catalog.Index, evidence []catalog.Evidence) int {
	n := 0
	for i := range evidence {
		hit := false
		index.Recognise(&evidence[i], func(catalog.Matched) { hit = true })
		if hit {
			n++
		}
	}
	return n
}

// The make-up of the evidence.
const (
	sweepSize   = 20_000
	hitsPercent = 1.5
)

// sweepOfEvidence is what a busy machine may yield: its packages, then files and processes
// in equal parts under names of this machine, and a few catalogued apps of many users.
func sweepOfEvidence(index *catalog.Index, apps []catalog.App) ([]catalog.Evidence, error) {
	evidence := catalogued(index, apps, int(sweepSize*hitsPercent/100))
	evidence = append(evidence, packages("/var/lib/dpkg/status")...)
	err := filepath.WalkDir("/usr", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // what cannot be read is not needed
		}
		evidence = append(evidence, somebodys(path, len(evidence)))
		if len(evidence) >= sweepSize {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(1, 2)) // the same order every time
	random.Shuffle(len(evidence), func(i, j int) { evidence[i], evidence[j] = evidence[j], evidence[i] })
	return evidence, nil
}

// catalogued returns n evidence that the index recognises, of apps and users in turn.
func catalogued(index *catalog.Index, apps []catalog.App, n int) []catalog.Evidence {
	var possible []catalog.Indicator
	for i := range apps {
		for _, in := range apps[i].Indicators.Linux {
			ev := imagine(&in, "/opt")
			if hits(index, []catalog.Evidence{ev}) > 0 {
				possible = append(possible, in)
			}
		}
	}
	var evidence []catalog.Evidence
	for i := 0; len(possible) > 0 && i < n; i++ {
		user := fmt.Sprintf("user%02d", i/len(possible))
		ev := imagine(&possible[i%len(possible)], "/home/"+user+"/apps")
		ev.Owner = user
		evidence = append(evidence, ev)
	}
	return evidence
}

// packages returns the packages of a dpkg status file; elsewhere there are none.
func packages(status string) []catalog.Evidence {
	f, err := os.Open(status)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	defer f.Close()
	var evidence []catalog.Evidence
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "Package: "); ok {
			evidence = append(evidence, catalog.Evidence{
				Kind: catalog.KindDpkg, OS: catalog.Linux, Value: name, Path: status, Owner: catalog.MachineOwner,
			})
		}
	}
	return evidence
}

// somebodys turns a file of this machine into evidence of a file or of a process.
func somebodys(path string, n int) catalog.Evidence {
	ev := catalog.Evidence{
		Kind: catalog.KindFile, OS: catalog.Linux, Value: filepath.Base(path), Path: path, Owner: catalog.MachineOwner,
		Attributes: map[string]string{"format": "elf"},
	}
	if n%2 == 0 {
		ev.Kind = catalog.KindProcess
		ev.Attributes = map[string]string{"pid": strconv.Itoa(n), "user": "root", "started": "2026-01-02T03:04:05Z"}
	}
	return ev
}
