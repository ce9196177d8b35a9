package all

import (
	"context"
	"slices"
	"sync"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/process"
	"beagle/detectors/watch"
)

// Live makes of a program that starts the evidence that a sweep would bring: the same probe and
// area, so that both are one fact. It is safe for concurrent use.
type Live struct {
	host  *detectors.Host
	index *catalog.Index
	// everything: some indicator asks for more of a program than its path and what lies beside
	// it, so that from the path alone nothing can be ruled out.
	everything bool

	mu      sync.Mutex
	folders map[string]*folder
	reader  *detectors.ProcessReader
}

// NewLive prepares for what starts on a live host.
func NewLive(host *detectors.Host, index *catalog.Index) *Live {
	return &Live{
		host: host, index: index, everything: asksMore(host.OS, index),
		folders: map[string]*folder{}, reader: host.ProcessReader(),
	}
}

func asksMore(system catalog.OS, index *catalog.Index) bool {
	apps := index.Apps()
	return slices.ContainsFunc(apps, func(app catalog.App) bool {
		return slices.ContainsFunc(app.Indicators.For(system), func(in catalog.Indicator) bool {
			return in.Kind == catalog.KindProcess && len(in.Where) > 0
		})
	})
}

// Wants reports whether a program may be one of the catalog's, by its name and folder: false
// only if no sweep would recognise it, whatever lies beside it. It takes a few hashes and
// nothing else.
func (l *Live) Wants(path string) bool {
	_, name := process.Split(path)
	ev := catalog.Evidence{Kind: catalog.KindProcess, OS: l.host.OS, Value: name, Path: path}
	return l.everything || l.index.Asks(&ev)
}

// Started describes a program that started: as it is now, if it still runs, and else by what the
// event says. It returns false if the catalog does not recognise it.
func (l *Live) Started(ev watch.Event) (catalog.Evidence, bool) {
	l.mu.Lock()
	p, runs := l.reader.Read(context.Background(), ev.PID)
	l.mu.Unlock()
	switch {
	case runs && p.Err != nil: // somebody else's, and not ours to look at
		p.Exe = ev.Path
	case !runs || p.Exe != ev.Path:
		// Gone, or gone on to another program. Its number, its file and when it was seen are
		// what is left to know.
		p = detectors.Process{PID: ev.PID, Exe: ev.Path, Started: ev.At}
	}
	found := process.Evidence(l.host, l.index, &p, l.names)
	found.Probe, found.Area, found.Seen = process.Name, catalog.MachineOwner, ev.At
	if found.Owner == "" {
		found.Owner = catalog.MachineOwner
	}
	recognised := false
	l.index.Recognise(&found, func(catalog.Matched) { recognised = true })
	return found, recognised
}

const (
	// maxFolders bounds how many folders are remembered.
	maxFolders = 256
	// settledFor is how long a folder must have been as it is before its time of change can be
	// trusted to tell of the next: on some file systems that counts in steps of two seconds.
	settledFor = 3 * time.Second
	// thrift is how many times as long as it took to list a folder the list is used in any case:
	// a huge one that changes all the time must not keep the agent busy.
	thrift = 50
)

// folder is what a folder held.
type folder struct {
	names   []string
	changed time.Time
	listed  time.Time
	took    time.Duration
}

func (f *folder) settled() bool { return f.listed.Sub(f.changed) > settledFor }

// names lists a folder, again only if it changed.
func (l *Live) names(dir string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	known := l.folders[dir]
	if known != nil && now.Sub(known.listed) < thrift*known.took {
		return known.names
	}
	info, err := l.host.Files.Stat(dir)
	if err != nil {
		return nil
	}
	if known != nil && known.settled() && info.ModTime().Equal(known.changed) {
		return known.names
	}
	names, err := l.host.Neighbours(dir)
	if err != nil {
		return nil
	}
	if known == nil && len(l.folders) >= maxFolders {
		l.forget()
	}
	l.folders[dir] = &folder{names, info.ModTime(), now, time.Since(now)}
	return names
}

// forget makes room by dropping the folder listed first.
func (l *Live) forget() {
	oldest := ""
	for dir, f := range l.folders {
		if oldest == "" || f.listed.Before(l.folders[oldest].listed) {
			oldest = dir
		}
	}
	delete(l.folders, oldest)
}
