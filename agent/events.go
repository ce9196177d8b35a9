package agent

import (
	"context"
	"fmt"
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
	live := s.live.Load()
	for i := range batch {
		e := &batch[i]
		switch e.Kind {
		case watch.ProcessStarted:
			if ev, ours := live.Started(*e); ours {
				started = append(started, ev)
			}
		case watch.ProcessEnded:
			s.exited = append(s.exited, s.followed[e.PID]...)
			delete(s.followed, e.PID)
		case watch.Changed:
			s.queue(changed(e))
		case watch.Lost:
			s.conditions.set(api.ConditionEventsLost, api.SeverityInfo, problemArgs(e.Problem))
			s.queue(task{kind: taskInventory})
		case watch.ModeChanged:
			s.showMode(e.Problem)
			// What started before the watching began, or under another watcher, is looked for once.
			s.queue(task{kind: taskPart, probes: []string{probeProcesses}})
		}
	}
	if len(started) > 0 {
		if err := s.sweep(ctx, look{index: s.rules.catalog, seen: started}); err != nil {
			return err
		}
		for i := range started {
			s.track(started[i])
			s.lookAround(&started[i])
		}
	}
	if err := s.withdrawExited(ctx); err != nil {
		return err
	}
	return s.next(ctx)
}

// changed is what to look at when something changed.
func changed(e *watch.Event) task {
	if e.Topic == probePortable {
		return task{kind: taskFolder, folder: e.Path}
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
	s.queue(task{kind: taskFolder, folder: folder})
}

// folderOf is where the file of evidence lies, "" if nobody knows.
func folderOf(ev *evidence) string {
	return ev.Path[:max(strings.LastIndexAny(ev.Path, `/\`), 0)]
}

const (
	aroundEvery = 10 * time.Minute
	maxAround   = 1000
)

// track waits for the end of a running program.
func (s *sweeper) track(ev evidence) {
	pid, err := strconv.Atoi(ev.Attributes[attrPID])
	if err != nil {
		return // a process without a number is nobody's to follow
	}
	if w := s.watcher.Load(); w != nil {
		w.Follow(pid) // whether it can or not: the next sweep sees it too
	}
	s.followed[pid] = append(s.followed[pid], ev)
}

// attrPID is the attribute of process evidence that holds its number.
const attrPID = "pid"

// follow waits for the end of every running program that is known, which a sweep may have
// seen first.
func (s *sweeper) follow(ctx context.Context) error {
	store, _ := s.memory.now()
	believed, err := store.Evidence(ctx)
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
	for folder := range s.left {
		s.queue(task{kind: taskFolder, folder: folder})
	}
	clear(s.left)
}

// withdrawExited keeps that programs ended.
func (s *sweeper) withdrawExited(ctx context.Context) error {
	if len(s.exited) == 0 {
		return nil
	}
	gone := s.exited
	s.exited = nil
	for i := range gone {
		if folder := folderOf(&gone[i]); folder != "" {
			s.left[folder] = true
		}
	}
	return s.sweep(ctx, look{index: s.rules.catalog, gone: gone})
}

// watchOptions are what the settings want to be noticed.
func (a *Agent) watchOptions(host *detectors.Host) watch.Options {
	w := a.rules.settings().Settings.Watch
	opt := watch.Options{
		Processes: string(w.Processes), Poll: w.Poll.Duration(),
		Wants: func(path string) bool { return a.live.Load().Wants(path) },
	}
	if w.Files {
		opt.Folders = watch.Landings(host)
	}
	return opt
}

// watch hands what the watcher sees to the sweeper. While the sweeper is busy the kernel
// keeps what happens, and says so when it cannot. Other settings mean another watcher.
func (a *Agent) watch(ctx context.Context) error {
	for ctx.Err() == nil {
		host, err := a.world.host(ctx)
		if err != nil {
			return ending(ctx, fmt.Errorf("look at this machine: %w", err))
		}
		running, stop := context.WithCancel(ctx)
		watcher := watch.New(host, a.watchOptions(host))
		a.watcher.Store(&watching{watcher, stop})
		err = watcher.Run(running, func(batch []watch.Event) {
			select {
			case a.events <- batch:
			case <-running.Done():
			}
		})
		if err != nil { // what sweeps see is all there is, until the settings change
			a.log.Error("nothing can be watched", "error", err)
			a.conditions.set(api.ConditionWatchDegraded, api.SeverityWarning, map[string]string{
				"processes": "none", "files": "none", "problem": watch.CodeFailed, "text": err.Error(),
			})
			<-running.Done()
		}
		stop()
	}
	return nil
}

// watching is a watcher at work, and how to end it.
type watching struct {
	*watch.Watcher
	stop context.CancelFunc
}

// refresh takes over who has a profile now, and which drives are there.
func (a *Agent) refresh(host *detectors.Host) {
	a.live.Store(all.NewLive(host, a.rules.catalog))
	if w := a.watcher.Load(); w != nil && a.rules.settings().Settings.Watch.Files {
		w.SetFolders(watch.Landings(host))
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
