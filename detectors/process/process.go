// Package process holds the probe that looks at running programs, and makes evidence of a
// single one in the same way.
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

// Name is the probe's. All its evidence lies in the machine's area, whoever runs the program.
const Name = "processes"

// Probe lists running programs of all users: the file each one runs, also when it was
// renamed or removed, and what lies beside that file. Programs that may not be read are
// counted and shown.
func Probe(index *catalog.Index) detectors.Probe {
	return detectors.Probe{Name: Name, Unit: "processes", Look: func(ctx context.Context, host *detectors.Host, out *detectors.Report) {
		area := out.Area(catalog.MachineOwner)
		if host.Processes == nil {
			area.Skip("an offline host runs nothing")
			return
		}
		list, err := host.Processes.List(ctx)
		if err != nil && ctx.Err() == nil {
			area.Fail(err)
		}
		l := lister{host: host, area: area, names: map[string][]string{}}
		for i := range list {
			p := &list[i]
			area.Examined(1)
			if p.Err != nil {
				area.Unread("process "+strconv.Itoa(p.PID)+" ("+p.Name+")", p.Err)
			}
			if !p.Kernel {
				area.Found(Evidence(host, index, p, l.list))
			}
		}
	}}
}

// lister lists each folder once a sweep.
type lister struct {
	host  *detectors.Host
	area  *detectors.Area
	names map[string][]string
}

func (l *lister) list(dir string) []string {
	names, seen := l.names[dir]
	if !seen {
		var err error
		names, err = l.host.Neighbours(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.area.Unread(dir, err)
		}
		l.names[dir] = names
	}
	return names
}

// Evidence is what a running program shows. List returns the names in a folder; it is called
// at most once, and only if the catalog asks what lies beside programs. Who saw it and when is
// left to the caller, and so is the owner of what lies in no user's place.
func Evidence(host *detectors.Host, index *catalog.Index, p *detectors.Process, list func(dir string) []string) catalog.Evidence {
	ev := catalog.Evidence{Kind: catalog.KindProcess, OS: host.OS, Value: p.Name, Path: p.Exe}
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
	dir, name := Split(p.Exe)
	ev.Value = name
	ev.Owner = host.OwnerOf(p.Exe)
	// Folders of the system hold the programs of many packages, so what lies side by side there
	// says nothing.
	if dir != "" && index.AsksBeside(host.OS) && !systemFolder(host.OS, dir) {
		if beside := index.Beside(host.OS, name, list(dir)); beside != "" {
			ev.Attributes[catalog.AttrBeside] = beside
		}
	}
	return ev
}

// Split cuts the path of a program, in the notation of any system, into folder and name.
func Split(path string) (dir, name string) {
	cut := strings.LastIndexAny(path, `/\`)
	return path[:max(cut, 0)], path[cut+1:]
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
