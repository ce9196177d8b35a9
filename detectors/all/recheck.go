package all

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/exe"
)

// Rechecked says what became of recorded evidence. Each piece of it is in one of the lists.
type Rechecked struct {
	// Seen is there, described as it is now. What is there but counts as something else now,
	// since its owner changed, is in Gone as it was and in Seen as it is.
	Seen []catalog.Evidence
	// Gone was looked for and is not there.
	Gone []catalog.Evidence
	// Unknown could not be told: its drive is not there, it cannot be read, only its probe can
	// tell, or ctx ended before.
	Unknown []catalog.Evidence
	// Rerun are the names of those probes of a usual look, in order, that can tell of some of
	// the unknown.
	Rerun []string
}

// Recheck looks at recorded evidence again, without a sweep: files by their path, running
// programs by their number. The host should be a fresh one, with the mounts of now. Recheck
// returns soon after ctx ends, also if the kernel does not answer; what is left is unknown.
func Recheck(ctx context.Context, host *detectors.Host, index *catalog.Index, known []catalog.Evidence) Rechecked {
	type answered struct {
		at int
		answer
	}
	answers := make(chan answered, len(known))
	go func() {
		r := rechecker{host: host, files: exe.Again(host, index, host.Places())}
		for i := range known {
			if ctx.Err() == nil {
				answers <- answered{i, r.look(ctx, &known[i])}
			}
		}
	}()
	all := make([]answer, len(known))
	for range known {
		select {
		case a := <-answers:
			all[a.at] = a.answer
		case <-ctx.Done():
		}
	}
	var out Rechecked
	usual := Probes(host, index, Options{})
	for i := range known {
		ask := all[i].ask && slices.ContainsFunc(usual, func(p detectors.Probe) bool { return p.Name == known[i].Probe })
		out.add(&known[i], all[i])
		if ask {
			out.Rerun = append(out.Rerun, known[i].Probe)
		}
	}
	slices.Sort(out.Rerun)
	out.Rerun = slices.Compact(out.Rerun)
	return out
}

// answer is what became of one piece of evidence; the zero value is that nobody knows.
type answer struct {
	gone bool
	now  *catalog.Evidence // what is there
	ask  bool              // only its probe can tell
}

func (r *Rechecked) add(ev *catalog.Evidence, a answer) {
	changed := a.now != nil && (a.now.Value != ev.Value || a.now.Path != ev.Path || a.now.Owner != ev.Owner)
	if a.now != nil {
		r.Seen = append(r.Seen, *a.now)
	}
	switch {
	case a.gone || changed:
		r.Gone = append(r.Gone, *ev)
	case a.now == nil:
		r.Unknown = append(r.Unknown, *ev)
	}
}

type rechecker struct {
	host  *detectors.Host
	files *exe.Files

	listed    bool
	processes map[string]detectors.Process // by number; nil if they could not be listed
}

func (r *rechecker) look(ctx context.Context, ev *catalog.Evidence) answer {
	if ev.OS != r.host.OS { // such as what lies in a Wine prefix: its path is none of this host's
		return answer{ask: true}
	}
	switch ev.Kind {
	case catalog.KindFile:
		now, err := r.files.File(ev)
		if err == nil {
			return answer{now: &now}
		}
		return answer{gone: errors.Is(err, fs.ErrNotExist)}
	case catalog.KindProcess:
		return r.process(ctx, ev)
	case catalog.KindDesktop, catalog.KindBundle:
		// The path is the thing itself: without it there is nothing to ask the probe.
		if err := r.files.Path(ev); errors.Is(err, fs.ErrNotExist) {
			return answer{gone: true}
		}
	}
	return answer{ask: true}
}

// process goes by number and path: a number is given out again, but hardly to the same program
// while it is thought to run. When it began is no help, as that moves when the clock is set.
func (r *rechecker) process(ctx context.Context, ev *catalog.Evidence) answer {
	if !r.listed {
		r.listed = true
		r.list(ctx)
	}
	if r.processes == nil {
		return answer{}
	}
	p, runs := r.processes[ev.Attributes["pid"]]
	switch {
	case !runs:
		return answer{gone: true}
	case p.Err != nil:
		return answer{}
	case p.Exe != ev.Path && (r.host.OS == catalog.Linux || !strings.EqualFold(p.Exe, ev.Path)):
		return answer{gone: true}
	}
	now := *ev
	now.Seen, now.Attributes = time.Now(), maps.Clone(ev.Attributes)
	delete(now.Attributes, "deleted")
	if p.Deleted {
		now.Attributes["deleted"] = "true"
	}
	return answer{now: &now}
}

func (r *rechecker) list(ctx context.Context) {
	if r.host.Processes == nil {
		return
	}
	list, err := r.host.Processes.List(ctx)
	if err != nil {
		return
	}
	r.processes = make(map[string]detectors.Process, len(list))
	for i := range list {
		r.processes[strconv.Itoa(list[i].PID)] = list[i]
	}
}
