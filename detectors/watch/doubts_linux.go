package watch

import (
	"slices"
	"time"
)

// A file that was opened to be executed does not run yet, and need not come to. So that whoever
// hears of a start finds the program running, it is told when the process is seen to run the
// file. It is told too when the process is gone, or has gone on to another file: it may have run
// the first one shortly. That goes for one that was refused, which is known only to the process
// itself; so at the latest after doubtFor the start is told in any case.
//
// The dynamic loader, which the kernel opens right after most programs, is told only if it is
// seen to run.
const (
	doubtFor   = 2 * time.Second
	loaderFor  = 50 * time.Millisecond
	doubtFirst = drainEvery // so that both are done on one wake-up
	maxDoubts  = 1024
)

// doubt is a start not yet seen to have come about.
type doubt struct {
	kind   doubtKind
	pid    int
	file   string
	before string // what the process ran when it was first looked at
	since  time.Time
	next   time.Time
	wait   time.Duration
}

type doubtKind int

const (
	ofProgram doubtKind = iota
	ofLoader
	ofLeaving // a process that is followed would go on to this file
	ofStaying // a process that is followed since just now runs this file, as far as was seen
)

type doubts struct {
	l       *loop
	program func(pid int) ([]byte, error) // what a process runs
	left    func(pid int, file string)    // takes that a followed process went on to a file
	list    []*doubt
}

// started takes the start of a program that is wanted.
func (d *doubts) started(now time.Time, pid int, file string) {
	runs, alive := d.runs(pid)
	loader := isLoader(file)
	switch {
	case alive && runs == file:
		d.l.started(now, pid, file)
	case !alive && loader:
	case loader:
		d.add(now, doubt{kind: ofLoader, pid: pid, file: file})
	case !alive || !d.add(now, doubt{kind: ofProgram, pid: pid, file: file, before: runs}):
		d.l.started(now, pid, file)
	}
}

// leaves takes that a process which is followed opened a file to go on to it.
func (d *doubts) leaves(now time.Time, pid int, file string) {
	d.add(now, doubt{kind: ofLeaving, pid: pid, file: file})
}

// stays takes that a process is followed which runs a file. It may have opened the next before
// it was.
func (d *doubts) stays(now time.Time, pid int, file string) {
	d.add(now, doubt{kind: ofStaying, pid: pid, file: file})
}

func (d *doubts) add(now time.Time, in doubt) bool {
	if len(d.list) >= maxDoubts {
		return false
	}
	in.since, in.wait, in.next = now, doubtFirst, now.Add(doubtFirst)
	d.list = append(d.list, &in)
	return true
}

// runs returns what a process runs; false if it is gone, or may not be asked, or for a moment
// while one of its other threads takes it over to another program.
func (d *doubts) runs(pid int) (string, bool) {
	path, err := d.program(pid)
	return string(path), err == nil
}

// work looks again at what is due and returns when to do so next.
func (d *doubts) work(now time.Time) time.Time {
	var next time.Time
	d.list = slices.DeleteFunc(d.list, func(in *doubt) bool {
		if !now.Before(in.next) {
			if d.settled(now, in) {
				return true
			}
			in.wait *= 2
			in.next = now.Add(in.wait)
		}
		next = earlier(next, in.next)
		return false
	})
	return next
}

// settled tells what can be told by now, and says whether there is nothing more to wait for.
func (d *doubts) settled(now time.Time, in *doubt) bool {
	runs, alive := d.runs(in.pid)
	arrived := alive && runs == in.file
	switch in.kind {
	case ofLeaving:
		if arrived {
			d.left(in.pid, in.file)
		}
		return arrived || now.Sub(in.since) >= doubtFor
	case ofStaying:
		if alive && !arrived {
			d.left(in.pid, runs)
		}
		return alive && !arrived || now.Sub(in.since) >= doubtFor
	case ofLoader:
		if arrived {
			d.l.started(now, in.pid, in.file)
		}
		return !alive || arrived || now.Sub(in.since) >= loaderFor
	}
	if alive && !arrived && runs == in.before && now.Sub(in.since) < doubtFor {
		return false
	}
	d.l.started(now, in.pid, in.file)
	return true
}
