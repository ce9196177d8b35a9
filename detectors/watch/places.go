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
	// latest is after how many times the quiet a change is told though there is none.
	latest = 5
	// armEvery is how often it is checked that the right folders are watched, as the parent of
	// one can be replaced without a word about it.
	armEvery = 10 * time.Minute
	// maxSubs bounds the sub-folders of one place.
	maxSubs = 256
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
	dirs    []int // the notifier's numbers of what is watched for it
	arm     bool  // what is watched for it may not be right any more
	missing bool
	asked   bool // it has to be looked at
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
	p.mounts(now)
}

// mounts takes note of a new mount table: each place may lie somewhere else now.
func (p *places) mounts(now time.Time) {
	p.foreign = map[string]bool{}
	for _, m := range p.l.w.mounts() {
		p.foreign[m.Path] = !m.Local() // the last one mounted hides those before
	}
	p.nextArm = now
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
			next = earlier(next, now.Add(p.l.w.quiet))
		}
		if f.first.IsZero() {
			continue
		}
		due := earlier(f.last.Add(p.l.w.quiet), f.first.Add(latest*p.l.w.quiet))
		if due.After(now) {
			next = earlier(next, due)
			continue
		}
		f.first = time.Time{}
		p.l.tell(Event{Kind: Changed, At: now, Topic: f.Topic, Path: f.Dir})
	}
	return next
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
		if f.arm {
			f.arm, done = false, true
			p.armOne(now, f)
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
	wasMissing := f.missing
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
	f.missing = next != ""
	wanted := []string{real}
	if f.Depth > 0 && !f.missing {
		wanted = append(wanted, p.subs(f, real)...)
	}
	var kept []int
	for i, dir := range wanted {
		id, err := p.notify.add(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			f.arm = i == 0 // gone in the meantime
		case err != nil:
			f.err, f.asked = err, true
		default:
			kept = append(kept, id)
			p.keep(id, use{place: f, next: next, top: i == 0})
		}
	}
	p.release(f, kept)
	if wasMissing && !f.missing {
		f.touch(now)
	}
}

func (p *places) keep(id int, u use) {
	uses := slices.DeleteFunc(p.spots[id], func(o use) bool { return o.place == u.place })
	p.spots[id] = append(uses, u)
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
