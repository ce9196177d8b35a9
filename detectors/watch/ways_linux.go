package watch

import (
	"errors"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"beagle/detectors"
)

// begin takes the first way that works.
func (k *kernel) begin(now time.Time) { k.choose(now, k.l.w.ways, nil) }

// choose tries the ways one after the other. Why says why a better one failed.
func (k *kernel) choose(now time.Time, ways []string, why error) {
	for _, way := range ways {
		err := k.take(now, way, why)
		if err == nil {
			return
		}
		why = errors.Join(why, err)
	}
	k.told(now, modeNone, why)
}

func (k *kernel) take(now time.Time, way string, why error) error {
	switch way {
	case modeFanotify:
		mounts := k.l.w.mounts()
		f, err := newFanotify(k, mounts)
		if err != nil {
			return err
		}
		if err := k.hear(f); err != nil {
			return err
		}
		k.fanotify = f
		k.told(now, way, why)
		k.cover(now, mounts)
		return nil
	case modeConnector:
		c, err := newConnector(k)
		if err != nil {
			return err
		}
		if err := k.hear(c); err != nil {
			return err
		}
	default:
		table, err := newTable()
		if err != nil {
			return err
		}
		k.table = table
		k.l.poller = newPoller(k.l, table)
		k.l.poller.work(now)
	}
	k.told(now, way, why)
	return nil
}

// hear listens to who tells of starts.
func (k *kernel) hear(s starts) error {
	if err := k.listen(s.descriptor(), unix.EPOLLIN); err != nil {
		s.close()
		return err
	}
	k.starts = s
	return nil
}

func (k *kernel) told(now time.Time, mode string, why error) {
	var problem *detectors.Problem
	if why != nil {
		problem = fallback(subjectProcesses, k.l.w.ways[0], mode, why)
		problem.Text = strings.ReplaceAll(problem.Text, "\n", "; ")
	}
	k.l.setMode(now, subjectProcesses, mode, problem)
}

// broke goes on with the next way after one failed. Nobody knows what was missed in between.
func (k *kernel) broke(now time.Time, err error) {
	way := k.starts.name()
	k.starts.close()
	k.starts, k.fanotify, k.busy = nil, nil, false
	k.uncover()
	k.l.lose(failed(way, err))
	rest := k.l.w.ways
	for len(rest) > 0 && rest[0] != way {
		rest = rest[1:]
	}
	k.choose(now, rest[1:], err)
}
