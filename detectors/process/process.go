// Package process holds the probe that looks at running programs.
package process

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"beagle/detectors"
	"beagle/detectors/catalog"
)

// Probe lists running programs of all users: the file each one runs, also when it was
// renamed or removed, and what lies beside that file. Programs that may not be read are
// counted and shown.
func Probe(index *catalog.Index) detectors.Probe {
	return detectors.Probe{Name: "processes", Unit: "processes", Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		area := out.Area(catalog.MachineOwner)
		if host.Processes == nil {
			area.Skip("an offline host runs nothing")
			return
		}
		list, err := host.Processes.List(ctx)
		if err != nil && ctx.Err() == nil {
			area.Fail(err)
		}
		l := looker{host: host, index: index, beside: map[string][]string{}}
		for i := range list {
			p := &list[i]
			area.Examined(1)
			if p.Err != nil {
				area.Unread("process "+strconv.Itoa(p.PID)+" ("+p.Name+")", p.Err)
			}
			if !p.Kernel {
				area.Found(l.evidence(area, p))
			}
		}
	}}
}

type looker struct {
	host   *detectors.Host
	index  *catalog.Index
	beside map[string][]string // names by folder, each listed once a sweep
}

func (l *looker) evidence(area *detectors.Area, p *detectors.Process) catalog.Evidence {
	ev := catalog.Evidence{Kind: catalog.KindProcess, OS: l.host.OS, Value: p.Name, Path: p.Exe}
	ev.Attributes = map[string]string{"pid": strconv.Itoa(p.PID)}
	if p.User != "" {
		ev.Attributes["user"] = p.User
	}
	if !p.Started.IsZero() {
		ev.Attributes["started"] = p.Started.UTC().Format(time.RFC3339)
	}
	if p.Deleted {
		ev.Attributes["deleted"] = "true"
	}
	if p.Exe == "" {
		return ev
	}
	cut := strings.LastIndexAny(p.Exe, `/\`)
	ev.Value = p.Exe[cut+1:]
	ev.Owner = l.host.OwnerOf(p.Exe)
	if beside := l.index.Beside(l.host.OS, ev.Value, l.neighbours(area, p.Exe[:max(cut, 0)])); beside != "" {
		ev.Attributes[catalog.AttrBeside] = beside
	}
	return ev
}

// neighbours lists the folder of a program. Folders of the system are left out: they hold
// the programs of many packages, so what lies side by side there says nothing.
func (l *looker) neighbours(area *detectors.Area, dir string) []string {
	if dir == "" || !l.index.AsksBeside(l.host.OS) || systemFolder(l.host.OS, dir) {
		return nil
	}
	names, seen := l.beside[dir]
	if !seen {
		var err error
		names, err = l.host.Neighbours(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			area.Unread(dir, err)
		}
		l.beside[dir] = names
	}
	return names
}

func systemFolder(system catalog.OS, dir string) bool {
	if system == catalog.Windows {
		return len(dir) >= 10 && strings.EqualFold(dir[1:10], `:\Windows`)
	}
	return slices.Contains([]string{
		"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/lib/systemd", "/lib/systemd",
		"/usr/libexec", "/System/Library/CoreServices",
	}, dir)
}
