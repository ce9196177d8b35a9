package detectors

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"beagle/detectors/catalog"
	"beagle/detectors/internal/magic"
	"beagle/detectors/internal/walk"
)

// Search looks for files by name in one folder and what lies below.
type Search struct {
	Index *catalog.Index
	// Dir is where to begin, in the host's notation.
	Dir string
	// MaxDepth limits how deep to go; 1 is the folder's own entries, 0 no limit.
	MaxDepth int
	// Skip are folders not to descend into, as paths of this machine.
	Skip map[string]bool
	// Progress hears how much is done, from 0 to 1.
	Progress func(float64)
}

// maxCandidates bounds how many files of wanted names one search opens. A home full of
// decoys must not stall a scan; what is beyond is reported as left out.
const maxCandidates = 20_000

// Run reports every regular file whose name some indicator asks for: its format, read from
// the first bytes, and what lies beside it. Nothing else is opened.
func (s *Search) Run(ctx context.Context, host *Host, area *Area) {
	var before int64
	candidates := 0
	skip := s.Skip
	if skip == nil {
		skip = host.ForeignMounts()
	}
	dir, err := host.Files.Resolve(s.Dir)
	if err != nil {
		area.Fail(err)
		return
	}
	_, err = walk.Walk(ctx, host.Local(dir), walk.Options{
		MaxDepth:  s.MaxDepth,
		SkipPaths: skip,
		Wanted:    func(name []byte) bool { return s.Index.WantsFile(host.OS, name) },
		Found: func(dir string, entries []walk.Entry) {
			beside := s.neighbours(host, area, dir)
			for _, e := range entries {
				if !e.Type.IsRegular() {
					continue
				}
				if candidates++; candidates > maxCandidates {
					area.End(Partial, Problem{Code: CodeLimit, Args: map[string]string{"limit": "20000 candidates"}})
					return
				}
				if ctx.Err() != nil {
					return
				}
				path := host.HostPath(filepath.Join(dir, e.Name))
				area.Found(Candidate(host, s.Index, path, beside, area.Unread))
				area.report.rest()
			}
		},
		Failed: func(path string, err error) {
			if !errors.Is(err, fs.ErrNotExist) {
				area.Unread(host.HostPath(path), err)
			}
		},
		Progress: func(p walk.Progress) {
			area.Examined(p.Entries - before)
			before = p.Entries
			if s.Progress != nil {
				s.Progress(p.Fraction)
			}
		},
	})
	if err != nil && ctx.Err() == nil && !errors.Is(err, fs.ErrNotExist) {
		area.Fail(err)
	}
}

// neighbours returns a function that lists a folder of this machine, once for all candidates
// in it.
func (s *Search) neighbours(host *Host, area *Area, dir string) func() []string {
	return sync.OnceValue(func() []string {
		folder := host.HostPath(dir)
		names, err := host.Neighbours(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			area.Unread(folder, err)
		}
		return names
	})
}

// Candidate describes a file as a [Search] reports it, without probe and area. Of beside, which
// lists the file's folder, use is made only if some indicator asks what lies there. Unread
// hears what could not be read.
func Candidate(host *Host, index *catalog.Index, path string, beside func() []string, unread func(what string, err error)) catalog.Evidence {
	name := path[strings.LastIndexAny(path, separators(host.OS))+1:]
	attributes := map[string]string{}
	format, err := Sniff(host, path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		unread(path, err)
	}
	if err == nil {
		attributes["format"] = string(format)
	}
	if index.AsksBeside(host.OS) {
		if found := index.Beside(host.OS, name, beside()); found != "" {
			attributes[catalog.AttrBeside] = found
		}
	}
	if code := LeftoverCode(path); code != "" {
		attributes[catalog.AttrGone] = code
	}
	return catalog.Evidence{
		Kind: catalog.KindFile, OS: host.OS, Value: name, Path: path,
		Owner: host.OwnerOf(path), Attributes: attributes,
	}
}

// separators are those of paths in a system's notation. A backslash may be part of a name
// where it is none.
func separators(system catalog.OS) string {
	if system == catalog.Windows {
		return `/\`
	}
	return "/"
}

// Sniff tells the format of a file by its first bytes.
func Sniff(host *Host, path string) (magic.Format, error) {
	f, err := host.Files.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	return magic.Sniff(head[:n]), nil
}
