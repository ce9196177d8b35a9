package watch

import (
	"errors"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"beagle/detectors/catalog"
)

// maxLinks is how many links one name may lead through, as on Linux (MAXSYMLINKS).
const maxLinks = 40

// reach follows a path as far as it goes. It returns the folder it came to, without links, and
// the name that is missing there, "" if it is the folder asked for. It sets no foot on a foreign
// file system, which may hang.
func (p *places) reach(dir string) (real, next string, err error) {
	if p.l.w.host.OS != catalog.Linux {
		return dir, "", nil
	}
	real = "/"
	parts, links := strings.Split(dir, "/"), 0
	for len(parts) > 0 {
		name := parts[0]
		parts = parts[1:]
		path := filepath.Join(real, name)
		switch name {
		case "", ".", "..":
			real = path
			continue
		}
		if p.foreign[path] {
			return "", "", errForeign
		}
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() && info.Mode()&fs.ModeSymlink == 0 {
			return real, name, nil
		}
		if err != nil {
			return "", "", err
		}
		if info.IsDir() {
			real = path
			continue
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", "", err
		}
		if links++; links > maxLinks {
			return "", "", &fs.PathError{Op: "resolve", Path: dir, Err: syscall.ELOOP}
		}
		if filepath.IsAbs(target) {
			real = "/"
		}
		parts = append(strings.Split(target, "/"), parts...)
	}
	return real, "", nil
}

// mark is what a place looked like. Times are cheap to ask for; names are listed only when a
// time changed, since much that changes a folder is of no interest.
type mark struct {
	known bool
	times uint64
	names uint64
}

// ask looks at all places that nobody tells of. It returns false if there are none.
func (p *places) ask(now time.Time) bool {
	due, any := !now.Before(p.nextAsk), false
	for _, f := range p.list {
		if f.asked {
			any = true
			if due && (!f.mark.known || !now.Before(f.spared)) {
				began := time.Now()
				p.compare(now, f)
				f.spare(began)
			}
		}
	}
	if due {
		p.nextAsk = now.Add(p.l.w.opt.Poll)
	}
	return any
}

func (p *places) compare(now time.Time, f *place) {
	times, known := p.times(f)
	if !known || f.mark.known && times == f.mark.times {
		return
	}
	names := p.names(f)
	if f.mark.known && names != f.mark.names {
		f.touch(now)
	}
	f.mark = mark{known: true, times: times, names: names}
}

// times sums up when the place changed; false if that cannot be told now.
func (p *places) times(f *place) (uint64, bool) {
	if key, ok := keyTime(f.Dir); ok {
		return key, true
	}
	dir, next, err := p.reach(f.Dir)
	if err != nil {
		return 0, false
	}
	if next != "" {
		return 0, true
	}
	sum := p.sum()
	sum.file(dir)
	for _, name := range f.Names {
		sum.file(p.l.w.host.Join(dir, name))
	}
	if f.Depth > 0 {
		for _, sub := range p.subs(f, dir) {
			sum.file(sub)
		}
	}
	return sum.Sum64(), true
}

// names sums up the entries of the place that matter. For a key of the registry, and where
// single files are watched, the times say it all.
func (p *places) names(f *place) uint64 {
	times, _ := p.times(f)
	dir, next, err := p.reach(f.Dir)
	if _, key := keyTime(f.Dir); key || len(f.Names) > 0 || err != nil || next != "" {
		return times
	}
	dirs := []string{dir}
	if f.Depth > 0 {
		dirs = append(dirs, p.subs(f, dir)...)
	}
	sum := p.sum()
	for _, dir := range dirs {
		entries, err := p.l.w.host.Files.ReadDir(dir)
		if err != nil {
			continue
		}
		slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
		for _, e := range entries {
			if f.matters(e.Name()) {
				sum.WriteString(dir + "\x00" + e.Name() + "\x00")
			}
		}
	}
	return sum.Sum64()
}

// sum is what several things look like together.
type sum struct{ maphash.Hash }

func (p *places) sum() *sum {
	s := &sum{}
	s.SetSeed(p.seed)
	return s
}

// file adds when a file changed, and how large it is.
func (s *sum) file(name string) {
	info, err := os.Stat(name)
	if err != nil {
		s.WriteByte(0)
		return
	}
	maphash.WriteComparable(&s.Hash, info.ModTime().UnixNano())
	maphash.WriteComparable(&s.Hash, info.Size())
}
