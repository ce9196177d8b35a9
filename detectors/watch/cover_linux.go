package watch

import (
	"slices"
	"strings"
	"time"

	"beagle/detectors"
)

// cover has programs on file systems that fanotify cannot watch looked for by polling.
func (k *kernel) cover(now time.Time, mounts []detectors.Mount) {
	open := k.fanotify.uncovered(mounts)
	mode := modeFanotify
	switch {
	case len(open) == 0 || !slices.Contains(k.l.w.ways, modePolling):
		k.uncover()
	case k.l.poller == nil || !slices.Equal(open, k.open):
		k.uncover()
		table, err := newTable()
		if err != nil {
			break
		}
		// What runs there already is told too, for it may have been quicker than this.
		k.table, k.open = table, open
		k.l.poller = newPoller(k.l, table)
		k.l.poller.eager, k.l.poller.only = true, func(path string) bool { return below(path, open) }
	}
	var why *detectors.Problem
	if len(open) > 0 {
		why = &detectors.Problem{Code: CodePartly, Args: map[string]string{"path": open[0].Path, "type": open[0].Type}}
	}
	if k.l.poller != nil {
		mode += "+" + modePolling
	}
	k.l.setMode(now, subjectProcesses, mode, why)
}

// uncover ends the polling that helps fanotify.
func (k *kernel) uncover() {
	if k.table != nil {
		k.table.close()
	}
	k.table, k.open, k.l.poller = nil, nil, nil
}

func below(path string, mounts []detectors.Mount) bool {
	return slices.ContainsFunc(mounts, func(m detectors.Mount) bool {
		return strings.HasPrefix(path, strings.TrimSuffix(m.Path, "/")+"/")
	})
}

// remounted takes note of a new mount table. What was started on a new file system before it
// was marked, and still runs, is told now.
func (k *kernel) remounted(now time.Time) {
	mounts := k.l.w.mounts()
	k.l.places.remounted(now, mounts)
	if k.fanotify == nil {
		return
	}
	added := k.fanotify.markAll(mounts)
	k.cover(now, mounts)
	if len(added) == 0 {
		return
	}
	table := k.fanotify.table
	err := table.each(func(pid int, _ uint64) {
		path, err := table.program(pid)
		if err == nil && below(string(path), added) && k.l.w.opt.Wants(string(path)) {
			k.l.started(now, pid, string(path))
		}
	})
	if err != nil {
		k.l.lose(failed("process list", err))
	}
}
