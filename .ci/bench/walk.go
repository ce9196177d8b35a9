package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/exe"
)

// The design's goals for a full walk: CPU beside filepath.WalkDir, and how far the peak
// may rise above that of a scan without --deep.
const (
	walkGoal = 0.8
	peakGoal = 12.0 // MiB
)

func (b *bench) walkRows(ctx context.Context) ([]row, error) {
	b.say("growing a tree of %d files", b.files)
	tree := filepath.Join(b.dir, "tree")
	if err := grow(ctx, tree, b.files); err != nil {
		return nil, err
	}
	b.say("walking through it")
	least := strconv.Itoa(b.files)
	all, err := b.race(ctx,
		contender{args: []string{b.self, "role-portable", tree, least}},
		contender{args: []string{b.self, "role-walkdir", tree, least}},
		contender{args: []string{"find", tree, "-type", "f"}})
	if err != nil {
		return nil, err
	}
	scans, err := b.race(ctx, b.scan("paths.json", "--paths", tree), b.scan("plain.json"))
	if err != nil {
		return nil, err
	}
	if err := b.examined("paths.json", "portable", int64(b.files)); err != nil {
		return nil, err
	}
	what := fmt.Sprintf("walk, %d files", b.files)
	library, find := compare(all[0], all[1]), compare(all[0], all[2])
	first, second := library.row(what+" / filepath.WalkDir"), find.row(what+" / find")
	first.goal = atMost(library.cpu.median, walkGoal, "%.1f")
	return []row{first, second, peakRow(scans[0], scans[1])}, nil
}

// peakRow sets the memory of a scan that walks against that of one that does not.
func peakRow(deep, plain []sample) row {
	var above []float64
	for i := range deep {
		above = append(above, float64(deep[i].Peak-plain[i].Peak)/(1<<20))
	}
	s := spreadOf(above)
	return row{
		what: "peak of a scan with the walk, without it",
		ours: mebibytes(middle(deep).Peak), theirs: mebibytes(middle(plain).Peak),
		ratio: fmt.Sprintf("%+.1f MiB (%+.1f–%+.1f)", s.median, s.low, s.high),
		goal:  atMost(s.median, peakGoal, "%.0f MiB more"),
	}
}

// The shape of the tree, as the note on speed has it: 12 to 16 files a folder.
const (
	leastFiles = 12
	mostFiles  = 16
	branches   = 6
)

// grow makes a tree of empty files in nested folders, with copies of catalogued apps in it.
func grow(ctx context.Context, root string, files int) error {
	dirs := []string{root}
	for made := 0; made < files; {
		i := len(dirs) - 1
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := os.MkdirAll(dirs[i], 0o755); err != nil {
			return err
		}
		for n := range min(leastFiles+i%(mostFiles-leastFiles+1), files-made) {
			name := fmt.Sprintf("%s-%d%s", word(i+n), n, ending(i*7+n))
			if err := os.WriteFile(filepath.Join(dirs[i], name), nil, 0o644); err != nil {
				return err
			}
			made++
		}
		dirs = append(dirs, filepath.Join(dirs[(i+1)/branches], fmt.Sprintf("%s_%d", word(i), i)))
	}
	return plantCopies(dirs[:len(dirs)-1])
}

func word(n int) string {
	words := strings.Fields("report invoice module index README photo budget main test helper config locale style " +
		"draft archive session cache notes data view model route vendor lib common archive2 thumbnail meeting")
	return words[n%len(words)]
}

func ending(n int) string {
	endings := strings.Fields(".txt .js .pdf .jpg .py .go .json .docx .png .so .html .xml .log .md")
	return endings[n%len(endings)]
}

// plantCopies unpacks something like a portable copy of every app that can be found by
// its files, in folders spread over the tree.
func plantCopies(dirs []string) error {
	apps, _, err := knownApps()
	if err != nil {
		return err
	}
	program := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 1017)...)
	n := 0
	for i := range apps {
		for _, in := range apps[i].Indicators.Linux {
			if in.Kind != catalog.KindFile {
				continue
			}
			ev := imagine(&in, "")
			n += len(dirs)/97 + 1
			file := filepath.Join(dirs[n%len(dirs)], ev.Path)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return err
			}
			for _, name := range append([]string{ev.Value}, strings.Split(ev.Attributes[catalog.AttrBeside], "/")...) {
				path := filepath.Join(filepath.Dir(file), name)
				if info, err := os.Stat(path); err == nil && info.IsDir() {
					continue
				}
				if err := os.WriteFile(path, program, 0o755); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// portable walks as a deep scan does.
func portable(ctx context.Context, args []string) error {
	index, err := knownIndex()
	if err != nil {
		return err
	}
	host, err := detectors.Live(ctx)
	if err != nil {
		return err
	}
	place := detectors.Place{Area: "bench", Dir: args[0], Asked: true}
	seen := detectors.Run(ctx, host, []detectors.Probe{exe.Portable(index, []detectors.Place{place})}, detectors.Limits{})
	if len(seen.Evidence) == 0 {
		return errors.New("none of the planted copies was found")
	}
	return enough(seen.Probes[0].Examined, args)
}

// fileNames are the names that the catalog asks a walk for.
func fileNames() (map[string]bool, error) {
	apps, _, err := knownApps()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for i := range apps {
		for _, in := range apps[i].Indicators.Linux {
			if in.Kind != catalog.KindFile {
				continue
			}
			patterns := in.Value
			if len(patterns) == 0 {
				patterns = in.Path
			}
			for _, p := range patterns {
				names[p[strings.LastIndexByte(p, '/')+1:]] = true
			}
		}
	}
	return names, nil
}

// walkDir is the plain way: the library's walk with the same names in a map. It opens
// nothing and only counts.
func walkDir(_ context.Context, args []string) error {
	wanted, err := fileNames()
	if err != nil {
		return err
	}
	var files, found int64
	err = filepath.WalkDir(args[0], func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type().IsRegular() {
			files++
			if wanted[d.Name()] {
				found++
			}
		}
		return nil
	})
	if err == nil && found == 0 {
		err = errors.New("none of the planted copies was found")
	}
	return errors.Join(err, enough(files, args))
}
