package agent

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"beagle/agent/api"
	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
	"beagle/detectors/watch"
)

// happened takes what the watcher saw. Starts of one batch are kept together, in one
// transaction; what else they ask for is put in line.
func (s *sweeper) happened(ctx context.Context, batch []watch.Event) error {
	var started []evidence
	running, over := map[int][]int{}, map[int]bool{} // of those, by number and by place
	live := s.live.Load()
	for i := range batch {
		e := &batch[i]
		switch e.Kind {
		case watch.ProcessStarted:
			if ev, ours := live.Started(*e); ours {
				running[e.PID] = append(running[e.PID], len(started))
				started = append(started, ev)
			}
		case watch.ProcessEnded:
			s.exited = append(s.exited, s.followed[e.PID]...)
			for _, i := range running[e.PID] {
				over[i] = true
			}
			delete(s.followed, e.PID)
			delete(running, e.PID)
		case watch.Changed:
			s.queue(changed(e))
		case watch.Lost:
			s.lost(e.Problem)
		case watch.ModeChanged:
			s.showMode(e.Problem)
			// What started before the watching began, or under another watcher, is looked for once.
			s.queue(task{kind: taskPart, probes: []string{probeProcesses}})
		}
	}
	if len(started) > 0 {
		if err := s.sweep(ctx, &look{index: s.rules.catalog, seen: started}); err != nil {
			return err
		}
		// A number that was given out again, to the same program.
		s.exited = slices.DeleteFunc(s.exited, func(ev evidence) bool {
			return slices.ContainsFunc(running[pidOf(&ev)], func(i int) bool { return started[i].Path == ev.Path })
		})
	}
	for i := range started {
		s.lookAround(&started[i])
		if over[i] { // that it ran is kept first
			s.exited = append(s.exited, started[i])
		} else {
			s.track(started[i])
		}
	}
	if err := s.withdrawExited(ctx); err != nil {
		return err
	}
	s.next(ctx)
	return nil
}

// lost has everything looked at again. An inventory does not look into the folders to which
// people unpack programs, so these are looked into as well.
func (s *sweeper) lost(p *detectors.Problem) {
	s.conditions.set(api.ConditionEventsLost, api.SeverityInfo, problemArgs(p))
	s.queue(task{kind: taskInventory})
	if unpacked := s.unpacked.Load(); unpacked != nil && p != nil && p.Args["source"] == sourceFolders {
		s.queue(task{kind: taskFolders, folders: *unpacked})
	}
}

// sourceFolders is what tells of changes in folders.
const sourceFolders = "inotify"

// changed is what to look at when something changed.
func changed(e *watch.Event) task {
	if e.Topic == probePortable {
		return task{kind: taskFolders, folders: []string{e.Path}}
	}
	return task{kind: taskPart, probes: []string{e.Topic}}
}

// probePortable is the probe of deep sweeps, of which events ask for one folder at a time.
const probePortable = "portable"

// lookAround looks into the folder of a program that started, once in a while: that it ended
// does not mean that it is gone.
func (s *sweeper) lookAround(ev *evidence) {
	folder := folderOf(ev)
	now := s.world.clocks().wall
	if age := now.Sub(s.around[folder]); folder == "" || age >= 0 && age < aroundEvery {
		return
	}
	if len(s.around) >= maxAround {
		clear(s.around)
	}
	s.around[folder] = now
	s.queue(task{kind: taskFolders, folders: []string{folder}})
}

// folderOf is where the file of evidence lies, "" if nobody knows.
func folderOf(ev *evidence) string {
	folder := ev.Path[:max(strings.LastIndexAny(ev.Path, `/\`), 0)]
	if ev.OS == catalog.Windows && strings.HasSuffix(folder, ":") {
		return folder + `\` // without it, it would be wherever somebody is on that drive
	}
	return folder
}

const (
	aroundEvery = 10 * time.Minute
	maxAround   = 1000
)

// track waits for the end of a running program. One that cannot be followed is none to wait
// for: the next sweep sees that it is gone.
func (s *sweeper) track(ev evidence) {
	pid := pidOf(&ev)
	if w := s.watcher.Load(); pid != 0 && w != nil && w.Follow(pid) {
		s.followed[pid] = append(s.followed[pid], ev)
	}
}

// pidOf is the number of a running program, 0 if it has none.
func pidOf(ev *evidence) int {
	pid, err := strconv.Atoi(ev.Attributes[attrPID])
	if err != nil {
		return 0
	}
	return pid
}

// attrPID is the attribute of process evidence that holds its number.
const attrPID = "pid"

// follow waits for the end of every running program that is known, which a sweep may have
// seen first.
func (s *sweeper) follow(ctx context.Context) error {
	believed, err := s.believed(ctx)
	if err != nil {
		return err
	}
	clear(s.followed)
	for i := range believed {
		if believed[i].Kind == catalog.KindProcess {
			s.track(believed[i])
		}
	}
	return nil
}

// lookWhereLeft looks into the folders of programs that ended since the last tick: whoever
// quits an app may be removing it.
func (s *sweeper) lookWhereLeft() {
	if len(s.left) > 0 {
		s.queue(task{kind: taskFolders, folders: slices.Sorted(maps.Keys(s.left))})
	}
	clear(s.left)
}

// withdrawExited keeps that programs ended. One whose folder is to be looked into has to wait for
// that: otherwise its record would be closed as removed, and opened again when the copy is found.
func (s *sweeper) withdrawExited(ctx context.Context) error {
	var gone, waits []evidence
	for _, ev := range s.exited {
		if len(s.exited) <= maxExited && s.willLook(folderOf(&ev)) {
			waits = append(waits, ev)
		} else {
			gone = append(gone, ev)
		}
	}
	if s.exited = waits; len(gone) == 0 {
		return nil
	}
	for i := range gone {
		if folder := folderOf(&gone[i]); folder != "" {
			s.left[folder] = true
		}
	}
	return s.sweep(ctx, &look{index: s.rules.catalog, gone: gone})
}

// maxExited bounds the programs that wait: anybody can start many.
const maxExited = 1000

// willLook reports whether a folder is being looked into, or in line for it.
func (s *sweeper) willLook(folder string) bool {
	has := func(t task) bool { return slices.Contains(t.folders, folder) }
	return s.main != nil && has(*s.main) || slices.ContainsFunc(s.waiting, has)
}

// watcher is what notices things while they happen; see [watch.Watcher].
type watcher interface {
	Run(ctx context.Context, take func([]watch.Event)) error
	Mode() (processes, files string)
	Follow(pid int) bool
	SetFolders(folders []watch.Folder)
	Reconsider()
}

// watching is a watcher at work, and how to end it.
type watching struct {
	watcher
	stop context.CancelFunc
}

// watchOptions are what the settings want to be noticed.
func (a *Agent) watchOptions(host *detectors.Host, settings *ResolvedSettings) watch.Options {
	w := settings.Settings.Watch
	opt := watch.Options{
		Processes: string(w.Processes), Poll: w.Poll.Duration(),
		Wants: func(path string) bool { return a.live.Load().Wants(path) },
	}
	if w.Files {
		opt.Folders = watch.Landings(host)
	}
	return opt
}

// watch has a watcher at work. One that fails is replaced after a while, or when the settings
// change; until then sweeps are all there is.
func (a *Agent) watch(ctx context.Context) error {
	for ctx.Err() == nil {
		running, stop := context.WithCancel(ctx)
		if err := a.watchOnce(running, stop); err != nil && running.Err() == nil {
			a.unwatched(running, err)
			again := time.NewTimer(watchDelay * a.world.tick)
			select {
			case <-running.Done():
			case <-again.C:
			}
			again.Stop()
		}
		stop()
	}
	return nil
}

// watchDelay is for how many ticks nothing is watched after a failure.
const watchDelay = 30

// watchOnce hands what a watcher sees to the sweeper, until ctx ends. While the sweeper is busy
// the kernel keeps what happens, and says so when it cannot. Other settings end it.
func (a *Agent) watchOnce(ctx context.Context, stop context.CancelFunc) error {
	host, err := a.host(ctx)
	if err != nil {
		return err
	}
	settings := a.rules.settings()
	opt := a.watchOptions(host, settings)
	w := &watching{a.world.watcher(host, opt), stop}
	a.watcher.Store(w)
	a.unpackedIn(opt.Folders)
	if a.rules.settings() != settings {
		return nil // whoever changed them did not know of this watcher
	}
	return w.Run(ctx, func(batch []watch.Event) {
		select {
		case a.events <- batch:
		case <-ctx.Done():
		}
	})
}

// unpackedIn notes the folders to which people unpack programs.
func (a *Agent) unpackedIn(folders []watch.Folder) {
	var dirs []string
	for i := range folders {
		if folders[i].Topic == probePortable {
			dirs = append(dirs, folders[i].Dir)
		}
	}
	a.unpacked.Store(&dirs)
}

// unwatched says that nothing is watched. What happened until somebody noticed may be lost.
func (a *Agent) unwatched(ctx context.Context, err error) {
	a.log.Error("nothing can be watched", "error", err)
	a.board.set(func(s *api.Snapshot) { s.Watching, s.WatchingFiles = modeNone, modeNone })
	a.conditions.set(api.ConditionWatchDegraded, api.SeverityWarning, map[string]string{
		"processes": modeNone, "files": modeNone, "problem": watch.CodeFailed, "text": err.Error(),
	})
	lost := watch.Event{Kind: watch.Lost, At: time.Now(), Problem: &detectors.Problem{Code: watch.CodeFailed, Text: err.Error()}}
	select {
	case a.events <- []watch.Event{lost}:
	case <-ctx.Done():
	}
}

// modeNone is how a watcher works that does not.
const modeNone = "none"

// refresh takes over who has a profile now, and which drives are there.
func (a *Agent) refresh(host *detectors.Host) {
	a.live.Store(all.NewLive(host, a.rules.catalog))
	w := a.watcher.Load()
	if w == nil {
		return
	}
	w.Reconsider()
	if a.rules.settings().Settings.Watch.Files {
		folders := watch.Landings(host)
		a.unpackedIn(folders)
		w.SetFolders(folders)
	}
}

// showMode says how the watcher works now, and why not better.
func (a *Agent) showMode(p *detectors.Problem) {
	processes, files := a.watcher.Load().Mode()
	a.board.set(func(s *api.Snapshot) { s.Watching, s.WatchingFiles = processes, files })
	if p == nil {
		a.conditions.clear(api.ConditionWatchDegraded)
		return
	}
	args := problemArgs(p)
	args["processes"], args["files"] = processes, files
	a.conditions.set(api.ConditionWatchDegraded, api.SeverityWarning, args)
}

// problemArgs are what a condition says of a problem.
func problemArgs(p *detectors.Problem) map[string]string {
	args := map[string]string{}
	if p != nil {
		args["problem"] = p.Code
		if what := p.Args["what"]; what != "" {
			args["what"] = what
		}
		if p.Text != "" {
			args["text"] = p.Text
		}
	}
	return args
}
