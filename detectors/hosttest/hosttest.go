// Package hosttest makes a host out of a text archive, so that a machine can be recorded,
// read and reviewed as text and every probe be tested on any system.
//
// An archive is a txtar file (golang.org/x/tools/txtar). Its files are the host's files. The
// comment on top holds one directive a line; other lines are prose:
//
//	os: linux                                  linux, macos or windows
//	hostname: desk-17
//	dir: /home/bob                             an empty folder
//	link: /usr/bin/qq -> /opt/QQ/qq            a symbolic link
//	program: /opt/QQ/qq elf                    a file that begins like an elf, pe, macho or script
//	fifo: /home/bob/pipe                       a named pipe, on systems that have them
//	process: 4711 alice /opt/QQ/qq             a running program; then any of: deleted, kernel
//	process: 4712 bob - qq                     one whose path cannot be read, by its short name
//
// A file whose name ends in .reg, but for those of Wine, is turned into a registry hive
// without the .reg: Windows/System32/config/SOFTWARE.reg becomes SOFTWARE.
package hosttest

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest/hivefile"
)

//go:embed testdata/hosts/*.txtar
var hosts embed.FS

// Names lists the recorded hosts.
func Names(t testing.TB) []string {
	t.Helper()
	entries, err := fs.ReadDir(hosts, "testdata/hosts")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".txtar"))
	}
	return names
}

// Recorded returns a recorded host by name.
func Recorded(t testing.TB, name string) *detectors.Host {
	t.Helper()
	data, err := hosts.ReadFile(path.Join("testdata/hosts", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	return New(t, string(data))
}

// New lays the archive out in a temporary folder and returns it as a host. A host with
// process lines counts as live.
func New(t testing.TB, archive string) *detectors.Host {
	t.Helper()
	dir := t.TempDir()
	b := builder{dir: dir, system: catalog.Linux}
	if err := b.build(txtar.Parse([]byte(archive))); err != nil {
		t.Fatal(err)
	}
	host, err := detectors.Offline(context.Background(), dir, b.system)
	if err != nil {
		t.Fatal(err)
	}
	if b.hostname != "" {
		host.Hostname = b.hostname
	}
	if len(b.processes) > 0 {
		host.Processes, host.Offline = b.processes, false
	}
	return host
}

// Extract lays the archive out in dir, for programs that are given a root.
func Extract(archive, dir string) error {
	b := builder{dir: dir, system: catalog.Linux}
	return b.build(txtar.Parse([]byte(archive)))
}

// processes is a fixed list of running programs.
type processes []detectors.Process

func (p processes) List(context.Context) ([]detectors.Process, error) { return slices.Clone(p), nil }

type builder struct {
	dir       string
	system    catalog.OS
	hostname  string
	processes processes
}

func (b *builder) build(ar *txtar.Archive) error {
	for _, f := range ar.Files {
		if err := b.file(f.Name, f.Data); err != nil {
			return err
		}
	}
	for line := range strings.Lines(string(ar.Comment)) {
		word, rest, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		if err := b.directive(word, strings.TrimSpace(rest)); err != nil {
			return fmt.Errorf("directive %q: %w", strings.TrimSpace(line), err)
		}
	}
	return nil
}

func (b *builder) directive(word, rest string) error {
	switch word {
	case "os":
		b.system = catalog.OS(rest)
	case "hostname":
		b.hostname = rest
	case "dir":
		return os.MkdirAll(b.place(rest), 0o755)
	case "link":
		from, to, _ := strings.Cut(rest, " -> ")
		if err := os.MkdirAll(filepath.Dir(b.place(from)), 0o755); err != nil {
			return err
		}
		return os.Symlink(to, b.place(from))
	case "program":
		name, format, _ := cutLast(rest, " ")
		head, ok := heads()[format]
		if !ok {
			return fmt.Errorf("unknown format %q", format)
		}
		return b.file(name, []byte(head))
	case "fifo":
		if err := os.MkdirAll(filepath.Dir(b.place(rest)), 0o755); err != nil {
			return err
		}
		return makeFIFO(b.place(rest))
	case "process":
		return b.process(rest)
	}
	return nil
}

func (b *builder) process(text string) error {
	pid, text, _ := strings.Cut(text, " ")
	user, exe, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(pid)
	if err != nil {
		return err
	}
	p := detectors.Process{PID: n, User: user, Started: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
	for {
		rest, mark, ok := cutLast(exe, " ")
		if !ok || mark != "deleted" && mark != "kernel" {
			break
		}
		exe = rest
		p.Deleted = p.Deleted || mark == "deleted"
		p.Kernel = p.Kernel || mark == "kernel"
	}
	if name, unreadable := strings.CutPrefix(exe, "- "); unreadable {
		p.Name, p.Err = name, fs.ErrPermission
		if p.Kernel {
			p.Err = nil
		}
	} else {
		p.Exe, p.Name = exe, exe[strings.LastIndexAny(exe, `/\`)+1:]
	}
	b.processes = append(b.processes, p)
	return nil
}

func (b *builder) file(name string, data []byte) error {
	if base := path.Base(name); strings.HasSuffix(base, ".reg") && base != "system.reg" && base != "user.reg" {
		node, err := hivefile.FromReg(string(data))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		name, data = strings.TrimSuffix(name, ".reg"), hivefile.Write(node)
	}
	place := b.place(name)
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return err
	}
	return os.WriteFile(place, data, 0o644)
}

// place returns where a name of the host lies; Windows names lose their drive.
func (b *builder) place(name string) string {
	name = strings.ReplaceAll(strings.TrimPrefix(name, "C:"), `\`, "/")
	return filepath.Join(b.dir, filepath.FromSlash(name))
}

// heads are the first bytes of program files: enough to be recognised, nothing to run.
func heads() map[string]string {
	return map[string]string{
		"elf":    "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 57),
		"pe":     "MZ" + strings.Repeat("\x00", 58) + "\x40\x00\x00\x00PE\x00\x00" + strings.Repeat("\x00", 60),
		"macho":  "\xcf\xfa\xed\xfe\x0c\x00\x00\x01" + strings.Repeat("\x00", 56),
		"script": "#!/bin/sh\n",
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
