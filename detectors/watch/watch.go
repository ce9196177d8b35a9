// Package watch tells what happens on this machine while it happens: programs that start and
// end, and changes in the folders where software lands.
//
// A [Watcher] takes the best way the system offers and the rights allow, says which
// ([Watcher.Mode], [ModeChanged]), and falls back at run time when a way fails. It promises no
// completeness but honesty: whatever may have been missed is told as [Lost], and the answer to
// that is to look at everything once.
//
// How starts are noticed:
//
//	fanotify        Linux: the kernel passes on every file that is opened to be executed, so the
//	                path is known of the shortest process too. Needs CAP_SYS_ADMIN.
//	proc_connector  Linux: the kernel passes on numbers; a process that ended before it could be
//	                looked at has no path and is missed. Needs CAP_NET_ADMIN.
//	polling         any system: what ends between two looks is missed.
//
// A program in another mount namespace, such as a container or a Flatpak, is told with its path
// in the file tree that it sees, which is what a sweep finds too. By fanotify it is told if its
// file system is mounted where this program runs; that of a rootless container is not.
//
// Files are watched by inotify on Linux and otherwise by looking at the time of change of each
// folder. That needs no handle: an open one would keep disks from being ejected and hives of
// the registry from being unloaded, and on macOS, where every file in a folder needs one, a
// user could use them all up.
package watch

import (
	"context"
	"sync"
	"time"

	"beagle/detectors"
)

// Kind says what happened.
type Kind string

// The kinds of events.
const (
	// ProcessStarted: PID began to run the program Path. Path is what the kernel opened to be
	// executed or what the process runs, in the process's own file tree. The same start may be
	// told twice.
	ProcessStarted Kind = "process_started"
	// ProcessEnded: PID, which was to be followed, ended or went on to another program.
	ProcessEnded Kind = "process_ended"
	// Changed: in the folder Path something appeared, vanished, was renamed or was written, and
	// Topic says what for. It is told once the folder has been quiet for a second, or after five.
	Changed Kind = "changed"
	// Lost: events were or may have been lost; Problem says why.
	Lost Kind = "lost"
	// ModeChanged: what Mode returns changed, or the reason why it is not better: Problem, which
	// is nil when nothing better is known. The first tells that watching has begun.
	ModeChanged Kind = "mode"
)

// Event is one thing that happened, noticed at At.
type Event struct {
	Kind    Kind
	At      time.Time
	PID     int
	Path    string
	Topic   string
	Problem *detectors.Problem
}

// Problem codes besides those of package detectors.
const (
	// CodeFallback: a lesser way had to be taken: what ("processes" or "files"), wanted, mode.
	CodeFallback = "watch_fallback"
	// CodePartly: in some places starts are noticed by polling only: path and type of the first.
	CodePartly = "watch_partly"
	// CodeOverflow: the system kept more events than it has room for: source.
	CodeOverflow = "watch_overflow"
	// CodeFailed: what the system said could not be read: source.
	CodeFailed = "watch_failed"
)

// The ways in which Options.Processes can be chosen.
const (
	Auto    = "auto"    // the best there is
	Kernel  = "kernel"  // only what the kernel tells, nothing by polling
	Polling = "polling" // also where the kernel would tell
	Off     = "off"
)

// Options say what to watch.
type Options struct {
	// Processes is Auto, Kernel, Polling or Off; "" means Auto.
	Processes string
	// Poll is how often to look where the kernel does not tell; 0 means two seconds.
	Poll time.Duration
	// Wants reports whether the start of a program is of interest. It is called for every start
	// on the machine, from the goroutine of Run, so it must be quick. On Linux a no for a program
	// that is root's is remembered by the kernel: see [Watcher.Reconsider]. Nil wants all.
	Wants func(path string) bool
	// Folders are where software lands; see [Landings].
	Folders []Folder
}

// Folder is one place to watch. It need not exist: that it appears is a change too. Places on
// network and pseudo file systems are not watched.
type Folder struct {
	// Topic says what for: the name of the probe that has to look again.
	Topic string
	// Dir is the folder, or on Windows a key of the registry as [detectors.Registry] spells it.
	Dir string
	// Names, if any, are the only entries that matter.
	Names []string
	// Depth 1 includes the folder's own sub-folders, as far as there are not too many.
	Depth int
}

const (
	defaultPoll = 2 * time.Second
	// quietFor is how long a folder must be quiet until its changes are told.
	quietFor = time.Second
	// bufferSize holds ten thousand starts as the proc connector keeps them, at 832 bytes.
	bufferSize = 8 << 20
	// maxFollowed bounds how many processes are followed: each takes a descriptor on Linux.
	maxFollowed = 1024
)

// The subjects of a mode, and what it is when nothing is watched.
const (
	subjectProcesses = "processes"
	subjectFiles     = "files"
	modeNone         = "none"
	modePolling      = "polling"
	modeFanotify     = "fanotify"
	modeConnector    = "proc_connector"
)

// Watcher watches one machine. Its methods may be called from any goroutine, also from the
// function that takes the events.
type Watcher struct {
	host *detectors.Host
	opt  Options

	mu      sync.Mutex
	modes   map[string]string
	asked   requests // what the loop has not seen yet
	follows map[int]bool
	nudge   func() // wakes the loop; nil while none runs

	// What tests choose otherwise.
	ways   []string // ways to try, the best first
	buffer int      // room for what the proc connector tells, in bytes
	mounts func() []detectors.Mount
	asks   bool          // look at folders oneself, also where the system tells of changes
	quiet  time.Duration // without a change, until changes are told
}

// New returns a watcher of the live host.
func New(host *detectors.Host, opt Options) *Watcher {
	if opt.Poll <= 0 {
		opt.Poll = defaultPoll
	}
	if opt.Wants == nil {
		opt.Wants = func(string) bool { return true }
	}
	if opt.Processes == "" {
		opt.Processes = Auto
	}
	return &Watcher{
		host: host, opt: opt, asked: requests{folders: opt.Folders},
		modes:   map[string]string{subjectProcesses: modeNone, subjectFiles: modeNone},
		follows: map[int]bool{}, ways: ways(opt.Processes), buffer: bufferSize, mounts: host.MountsNow,
		quiet: quietFor,
	}
}

// Run watches until ctx ends and then returns nil; an error means that nothing can be watched
// at all. It calls take with one or more events in the order in which they were noticed, and
// leaves the slice to it. Take is called from the goroutine of Run, so that while it works the
// system keeps what happens, and says so when it had no room left. The first event is
// [ModeChanged]; what starts after that is told. Only one Run at a time.
func (w *Watcher) Run(ctx context.Context, take func([]Event)) error {
	return newLoop(w, take).run(ctx)
}

// Mode returns how starts of processes and changes of files are noticed.
//
// Processes: "fanotify", "fanotify+polling" if some file systems cannot be watched that way,
// "proc_connector", "polling" or "none". Files: "inotify", "inotify+polling", "polling" or
// "none".
func (w *Watcher) Mode() (processes, files string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.modes[subjectProcesses], w.modes[subjectFiles]
}

// Follow has the end of a process told, once; a process that is gone is told at once. It returns
// false if too many are followed already: then only a sweep notices the end.
func (w *Watcher) Follow(pid int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.follows[pid] {
		return true
	}
	if len(w.follows) >= maxFollowed {
		return false
	}
	w.follows[pid] = true
	w.asked.follow = append(w.asked.follow, pid)
	w.wake()
	return true
}

// SetFolders replaces the folders, as when a user was added. One that was not watched before is
// told as changed, since nobody knows what happened there in the meantime.
func (w *Watcher) SetFolders(folders []Folder) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked.folders, w.asked.moved = folders, true
	w.wake()
}

func (w *Watcher) wake() {
	if w.nudge != nil {
		w.nudge()
	}
}

// Reconsider is to be called when the answers of Options.Wants may have changed, as with a new
// catalog. What runs already is not told then.
func (w *Watcher) Reconsider() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked.again = true
	w.wake()
}

// requests are what others ask of the loop.
type requests struct {
	follow  []int
	folders []Folder
	moved   bool // folders were set anew
	again   bool // Wants has to be asked again
}

// requests returns what was asked for since the last call.
func (w *Watcher) requests() requests {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.asked
	w.asked = requests{folders: asked.folders}
	return asked
}

func (w *Watcher) ended(pid int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.follows, pid)
}

func (w *Watcher) setMode(subject, mode string) (changed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	changed = w.modes[subject] != mode
	w.modes[subject] = mode
	return changed
}

// ways lists what is tried to notice starts, the best first. Of those that a system does not
// have, newSystem knows nothing.
func ways(processes string) []string {
	switch processes {
	case Off:
		return nil
	case Polling:
		return []string{modePolling}
	case Kernel:
		return []string{modeFanotify, modeConnector}
	}
	return []string{modeFanotify, modeConnector, modePolling}
}
