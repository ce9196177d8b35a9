package watch

import (
	"hash/maphash"
	"time"

	"beagle/detectors"
)

// table is how a system lists its processes.
type table interface {
	// each calls visit for every process. Birth tells a process from an earlier one of the same
	// number, and from itself before it went on to another program, where that costs nothing
	// beside listing; else it is 0.
	each(visit func(pid int, birth uint64)) error
	// program returns what a process runs. The text is valid until the next call.
	program(pid int) ([]byte, error)
}

// A process can go on to another program at any time, but hardly any does so after its first
// moments. Where that can only be seen by asking each, the old ones are asked in turn.
const (
	youngRounds = 4
	oldEvery    = 8
)

// poller notices starts by looking at all processes again and again. It allocates nothing for
// a process that goes on as before.
type poller struct {
	l     *loop
	table table
	// only restricts what is told; nil tells all.
	only func(path string) bool
	// eager tells in the first look what runs already.
	eager bool
	next  time.Time

	procs map[int]*polled
	round uint64
	seed  maphash.Seed
}

// polled is a process as it was seen last.
type polled struct {
	birth uint64
	first uint64 // the round in which it was seen first
	last  uint64
	runs  uint64 // hash of the path, 0 if that cannot be read
}

// newPoller makes a poller that tells what starts from now on.
func newPoller(l *loop, t table) *poller {
	return &poller{l: l, table: t, procs: map[int]*polled{}, seed: maphash.MakeSeed()}
}

func (p *poller) work(now time.Time) time.Time {
	if now.Before(p.next) {
		return p.next
	}
	p.look(now)
	p.next = now.Add(p.l.w.opt.Poll)
	return p.next
}

// look compares the processes of now with those of the last look. The first only remembers, unless
// the poller is eager.
func (p *poller) look(now time.Time) {
	p.round++
	err := p.table.each(func(pid int, birth uint64) { p.visit(now, pid, birth) })
	if err != nil {
		p.l.lose(failed("process list", err))
		return // who is missing in half a list may still be there
	}
	for pid, seen := range p.procs {
		if seen.last != p.round {
			delete(p.procs, pid)
		}
	}
}

func (p *poller) visit(now time.Time, pid int, birth uint64) {
	seen := p.procs[pid]
	if seen == nil || seen.birth != birth {
		seen = &polled{birth: birth, first: p.round}
		p.procs[pid] = seen
	}
	seen.last = p.round
	if seen.first != p.round && (birth != 0 && seen.runs != 0 || !p.due(pid, seen)) {
		return
	}
	path, err := p.table.program(pid)
	if err != nil {
		return // gone, part of the kernel, or somebody else's
	}
	runs := maphash.Bytes(p.seed, path)
	if runs == seen.runs {
		return
	}
	seen.runs = runs
	if p.round == 1 && !p.eager {
		return
	}
	text := string(path)
	if (p.only == nil || p.only(text)) && p.l.w.opt.Wants(text) {
		p.l.started(now, pid, text)
	}
}

// due says whether to ask a process what it runs that has been there before.
func (p *poller) due(pid int, seen *polled) bool {
	return p.round-seen.first <= youngRounds || (p.round+uint64(pid))%oldEvery == 0
}

func failed(source string, err error) detectors.Problem {
	return detectors.Problem{Code: CodeFailed, Args: map[string]string{"source": source}, Text: err.Error()}
}

// exits looks for the end of processes where the system does not tell.
type exits struct {
	pids map[int]uint64 // birth by number
	next time.Time
}

// follow returns false if the process is gone.
func (e *exits) follow(l *loop, pid int) bool {
	birth, there := birthOf(pid)
	if !there {
		return false
	}
	if len(e.pids) == 0 {
		e.next = time.Now().Add(l.w.opt.Poll)
	}
	e.pids[pid] = birth
	return true
}

// moved takes that a process went on to another program.
func (e *exits) moved(pid int) {
	if _, ok := e.pids[pid]; ok {
		e.pids[pid], _ = birthOf(pid)
	}
}

func (e *exits) work(l *loop, now time.Time) time.Time {
	if len(e.pids) == 0 {
		return time.Time{}
	}
	if now.Before(e.next) {
		return e.next
	}
	for pid, born := range e.pids {
		if birth, there := birthOf(pid); !there || birth != born {
			delete(e.pids, pid)
			l.ended(pid)
		}
	}
	e.next = now.Add(l.w.opt.Poll)
	return e.next
}
