package watch

import (
	"errors"
	"hash/maphash"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"beagle/detectors"
)

const (
	// atLatest is after how many times the quiet a change is told though there is none.
	atLatest = 5
	// armEvery is how often it is checked that the right folders are watched, as the parent of
	// one can be replaced without a word about it.
	armEvery = 10 * time.Minute
	// armAgain is after what part of the quiet it is tried again to watch the right folders.
	armAgain = 10
	// maxSubs bounds the sub-folders of one place.
	maxSubs = 256
	// thrift is how many times as long as it took to look at a place it is not looked at again:
	// a user's folder may be huge and change all the time.
	thrift = 50
)

// notifier tells of changes in folders.
type notifier interface {
	// add watches one folder and returns a number for it, the same one if it is watched already.
	add(dir string) (int, error)
	remove(id int)
	// name is the notifier's mode.
	name() string
}

// places are all folders and what is known of them.
type places struct {
	l       *loop
	notify  notifier // nil where the folders have to be looked at
	silent  error    // why there is no notifier, where there should be one
	list    []*place
	spots   map[int][]use // by the notifier's number
	foreign map[string]bool
	nextArm time.Time
	nextAsk time.Time
	seed    maphash.Seed
}

// place is one Folder.
type place struct {
	Folder
	dirs    []int  // the notifier's numbers of what is watched for it
	real    string // where it lies, or would, without links
	arm     bool   // what is watched for it may not be right any more
	missing bool
	asked   bool      // it has to be looked at
	spared  time.Time // until then it is not looked at
	mark    mark
	err     error // why it, or a part of it, is not watched

	first, last time.Time // of the changes not told yet
}

// use says what a watched folder is for: a place's own folder or sub-folder, or, if next is
// not empty, the folder in which the next part of the way to a missing place would appear.
type use struct {
	place *place
	next  string
	top   bool // the place's own folder
}

var (
	errForeign = errors.New("on a network or pseudo file system")
	errTooMany = errors.New("more than " + strconv.Itoa(maxSubs) + " sub-folders")
)

func newPlaces(l *loop) *places {
	p := &places{l: l, spots: map[int][]use{}, seed: maphash.MakeSeed()}
	if !l.w.asks {
		p.notify, p.silent = l.system.folders()
	}
	return p
}

// set replaces the folders. Those that were there before keep what is known of them.
func (p *places) set(now time.Time, folders []Folder) {
	old := p.list
	p.list = nil
	for _, f := range folders {
		i := slices.IndexFunc(old, func(o *place) bool {
			return o.Topic == f.Topic && o.Dir == f.Dir && o.Depth == f.Depth && slices.Equal(o.Names, f.Names)
		})
		if i >= 0 {
			p.list = append(p.list, old[i])
			old = slices.Delete(slices.Clone(old), i, i+1)
			continue
		}
		added := &place{Folder: f, arm: true}
		if p.l.begun {
			added.touch(now)
		}
		p.list = append(p.list, added)
	}
	for _, gone := range old {
		p.release(gone, nil)
	}
	p.remounted(now, p.l.w.mounts())
	p.nextArm = now
}

// remounted takes note of a new mount table: what lies at or below a changed mount may be
// something else now, and so may what has one below it.
func (p *places) remounted(now time.Time, mounts []detectors.Mount) {
	before := p.foreign
	p.foreign = map[string]bool{}
	for i := range mounts {
		p.foreign[mounts[i].Path] = !mounts[i].Local() // the last one mounted hides those before
	}
	touches := func(path string) bool {
		return slices.ContainsFunc(p.list, func(f *place) bool {
			return holds(path, f.Dir) || holds(path, f.real) || holds(f.Dir, path) || holds(f.real, path)
		})
	}
	for path, is := range p.foreign {
		if was, known := before[path]; (!known || was != is) && touches(path) {
			p.nextArm = now
		}
	}
	for path := range before {
		if _, still := p.foreign[path]; !still && touches(path) {
			p.nextArm = now
		}
	}
}

// holds says whether a path is a folder or lies in it.
func holds(dir, path string) bool {
	return dir != "" && strings.HasPrefix(path, dir) && (len(path) == len(dir) || strings.HasSuffix(dir, "/") || path[len(dir)] == '/')
}

func (p *places) work(now time.Time) time.Time {
	if !now.Before(p.nextArm) {
		for _, f := range p.list {
			f.arm = true
		}
		p.nextArm = now.Add(armEvery)
	}
	p.armAll(now)
	next := p.nextArm
	if p.ask(now) {
		next = earlier(next, p.nextAsk)
	}
	for _, f := range p.list {
		if f.arm {
			next = earlier(next, latest(f.spared, now.Add(p.l.w.quiet/armAgain)))
		}
		if f.first.IsZero() {
			continue
		}
		due := earlier(f.last.Add(p.l.w.quiet), f.first.Add(atLatest*p.l.w.quiet))
		if due.After(now) {
			next = earlier(next, due)
			continue
		}
		f.first = time.Time{}
		p.l.tell(Event{Kind: Changed, At: now, Topic: f.Topic, Path: f.Dir})
	}
	return next
}

// spare notes how long a look took that began at a time.
func (f *place) spare(began time.Time) {
	now := time.Now()
	f.spared = now.Add(thrift * now.Sub(began))
}

func (f *place) touch(now time.Time) {
	if f.first.IsZero() {
		f.first = now
	}
	f.last = now
}

// matters says whether an entry of this name is of interest. Hidden files are not: nearly every
// program writes some in a home, and what hides there is for the deep look to find.
func (f *place) matters(name string) bool {
	if len(f.Names) > 0 {
		return slices.Contains(f.Names, name)
	}
	return !strings.HasPrefix(name, ".")
}

// happened takes what the notifier says: that an entry of a folder changed, or with an empty
// name that the folder itself is not what it was.
func (p *places) happened(now time.Time, id int, name string, folder bool) {
	for _, u := range p.spots[id] {
		switch {
		case u.next != "":
			u.place.arm = u.place.arm || name == u.next || name == ""
		case name == "":
			u.place.arm = true
			u.place.touch(now)
		case u.top && !u.place.matters(name):
		default:
			u.place.arm = u.place.arm || folder && u.top && u.place.Depth > 0
			u.place.touch(now)
		}
	}
}

// armAll sees to it that the right folders are watched and tells how that went.
func (p *places) armAll(now time.Time) {
	done := false
	for _, f := range p.list {
		if f.arm && !now.Before(f.spared) {
			f.arm, done = false, true
			began := time.Now()
			p.armOne(now, f)
			f.spare(began)
		}
	}
	if !done {
		return
	}
	mode, why := p.mode()
	p.l.setMode(now, subjectFiles, mode, why)
}

// armOne watches the folders of a place, or where it is missing the nearest there is.
func (p *places) armOne(now time.Time, f *place) {
	f.err, f.asked, f.missing = nil, p.notify == nil, false
	if p.notify == nil {
		return // looking notices by itself what is missing
	}
	real, next, err := p.reach(f.Dir)
	if err != nil {
		f.err = err
		p.release(f, nil)
		return
	}
	f.real, f.missing = real, next != ""
	kept := p.add(f, nil, real, use{place: f, next: next, top: true})
	if f.Depth > 0 && !f.missing {
		for _, sub := range p.subs(f, real) { // listed after the place itself is watched
			kept = p.add(f, kept, sub, use{place: f})
		}
	}
	// What happened in a folder before it was watched was not told.
	added := slices.ContainsFunc(kept, func(id int) bool { return !slices.Contains(f.dirs, id) })
	if added && !f.missing && p.l.begun {
		f.touch(now)
	}
	p.release(f, kept)
	if f.missing {
		again, then, err := p.reach(f.Dir)
		f.arm = f.arm || err != nil || again != real || then != next
	}
}

// add watches one folder for a place. The place itself may be gone in the meantime; then it is
// armed again, and a sub-folder that is gone is none any more.
func (p *places) add(f *place, kept []int, dir string, u use) []int {
	id, err := p.notify.add(dir)
	if errors.Is(err, fs.ErrNotExist) {
		f.arm = f.arm || u.top
		return kept
	}
	if err != nil {
		f.err, f.asked = err, true
		return kept
	}
	p.spots[id] = append(slices.DeleteFunc(p.spots[id], func(o use) bool { return o.place == f }), u)
	return append(kept, id)
}

// release gives up what was watched for a place, but for what is kept.
func (p *places) release(f *place, kept []int) {
	for _, id := range f.dirs {
		if slices.Contains(kept, id) {
			continue
		}
		p.spots[id] = slices.DeleteFunc(p.spots[id], func(u use) bool { return u.place == f })
		if len(p.spots[id]) == 0 {
			delete(p.spots, id)
			p.notify.remove(id)
		}
	}
	f.dirs = kept
}

// subs lists the sub-folders of a place.
func (p *places) subs(f *place, dir string) []string {
	entries, err := p.l.w.host.Files.ReadDir(dir)
	if err != nil {
		f.err = err
		return nil
	}
	var subs []string
	for _, e := range entries {
		path := p.l.w.host.Join(strings.TrimRight(dir, `/\`), e.Name())
		if !e.IsDir() || !f.matters(e.Name()) || p.foreign[path] || strings.HasSuffix(e.Name(), ".app") {
			continue // what is inside an app is the app's
		}
		if len(subs) == maxSubs {
			f.err = errTooMany
			break
		}
		subs = append(subs, path)
	}
	return subs
}

// mode says how the folders are watched and why not better.
func (p *places) mode() (string, *detectors.Problem) {
	if len(p.list) == 0 {
		return modeNone, nil
	}
	if p.notify == nil {
		if p.silent == nil {
			return modePolling, nil
		}
		return modePolling, fallback(subjectFiles, "inotify", modePolling, p.silent)
	}
	mode, asked := p.notify.name(), 0
	var first *place
	for _, f := range p.list {
		if f.asked {
			asked++
		}
		worse := first == nil || f.asked && !first.asked
		if f.err != nil && !errors.Is(f.err, errForeign) && worse {
			first = f
		}
	}
	if asked > 0 {
		mode += "+" + modePolling
	}
	switch {
	case first == nil:
		return mode, nil
	case errors.Is(first.err, errTooMany):
		return mode, &detectors.Problem{Code: detectors.CodeLimit, Args: map[string]string{"limit": strconv.Itoa(maxSubs), "first": first.Dir}, Text: first.err.Error()}
	case first.asked:
		return mode, fallback(subjectFiles, p.notify.name(), mode, first.err)
	}
	return mode, &detectors.Problem{Code: detectors.CodeUnreadable, Args: map[string]string{"first": first.Dir}, Text: first.err.Error()}
}

func fallback(what, wanted, mode string, err error) *detectors.Problem {
	return &detectors.Problem{Code: CodeFallback, Args: map[string]string{"what": what, "wanted": wanted, "mode": mode}, Text: err.Error()}
}
