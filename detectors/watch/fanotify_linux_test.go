package watch_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"beagle/detectors"
	"beagle/detectors/watch"
	"beagle/detectors/watch/watchtest"
)

func TestWhatIsToldOfAStart(t *testing.T) {
	// Given everything is wanted,
	dir := t.TempDir()
	s := asRoot(t, watch.New(liveHost(t), watch.Options{}), "fanotify")
	// when a program starts that needs the dynamic loader, and a script,
	tool := copyOf(t, "cat", filepath.Join(dir, "tool"))
	pid, end := program(t, tool)
	end()
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!"+tool+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	scriptPID, end := program(t, script)
	end()
	marker := filepath.Join(dir, "marker")
	if err := watchtest.Noop(marker); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(marker).Run(); err != nil {
		t.Fatal(err)
	}
	for _, pid := range []int{pid, scriptPID} {
		s.told("the start", func(ev watch.Event) bool { return ev.PID == pid && ev.Path == tool })
	}
	s.told("the marker", func(ev watch.Event) bool { return ev.Path == marker })
	// then of both processes the one program is told that they came to run.
	for _, pid := range []int{pid, scriptPID} {
		var told []string
		for _, ev := range s.all() {
			if ev.PID == pid {
				told = append(told, string(ev.Kind)+" "+ev.Path)
			}
		}
		if want := []string{"process_started " + tool}; !slices.Equal(told, want) {
			t.Errorf("process %d: told %q, want %q", pid, told, want)
		}
	}
}

func TestGoingOnToAnotherProgramIsAnEnd(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		early, wanted bool
	}{
		{"followed before, to something of interest", true, true},
		{"followed before, to something else", true, false},
		{"followed after, to something of interest", false, true},
		{"followed after, to something else", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a program that runs,
			dir := t.TempDir()
			first, second := copyOf(t, self, filepath.Join(dir, "first")), filepath.Join(dir, "second")
			if err := watchtest.Idle(second); err != nil {
				t.Fatal(err)
			}
			wants := func(path string) bool { return path == first || c.wanted && path == second }
			s := asRoot(t, watch.New(liveHost(t), watch.Options{Wants: wants}), "fanotify")
			cmd := role(t, "go on", second)
			cmd.Path = first
			input, output := pipes(t, cmd)
			readLine(t, output)
			pid := cmd.Process.Pid
			s.told("the start", func(ev watch.Event) bool { return ev.PID == pid && ev.Path == first })
			if c.early && !s.Follow(pid) {
				t.Fatal("not followed")
			}
			// when it goes on to another program,
			if _, err := io.WriteString(input, "\n"); err != nil {
				t.Fatal(err)
			}
			waitRuns(t, pid, second)
			if !c.early && !s.Follow(pid) {
				t.Fatal("not followed")
			}
			// then that is the end of what was told, though the process lives,
			s.told("the end", func(ev watch.Event) bool { return ev.Kind == watch.ProcessEnded && ev.PID == pid })
			if c.wanted {
				// and the start of what is told next.
				s.told("the next start", func(ev watch.Event) bool { return ev.PID == pid && ev.Path == second })
				var kinds []watch.Kind
				for _, ev := range s.all()[1:] {
					kinds = append(kinds, ev.Kind)
				}
				if want := []watch.Kind{watch.ProcessStarted, watch.ProcessEnded, watch.ProcessStarted}; !slices.Equal(kinds, want) {
					t.Errorf("told %v, want %v", kinds, want)
				}
			}
			if err := input.Close(); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestOverflowIsTold(t *testing.T) {
	// Given a watcher whose events nobody takes,
	data, err := os.ReadFile("/proc/sys/fs/fanotify/max_queued_events")
	if err != nil {
		t.Skip("needs fanotify: ", err)
	}
	room, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil || room > 40_000 {
		t.Skipf("needs fs.fanotify.max_queued_events of at most 40000, not %s, %v", data, err)
	}
	dir := t.TempDir()
	marker := filepath.Join(dir, "marker")
	if err := watchtest.Noop(marker); err != nil {
		t.Fatal(err)
	}
	s := asRoot(t, watch.New(liveHost(t), watch.Options{Wants: only(dir)}), "fanotify")
	stalled, release := s.stall()
	if err := exec.Command(marker).Run(); err != nil {
		t.Fatal(err)
	}
	<-stalled
	// when more files are opened to be executed than the kernel keeps,
	many := filepath.Join(dir, "many")
	if err := os.Mkdir(many, 0o755); err != nil {
		t.Fatal(err)
	}
	junk := filepath.Join(dir, "junk")
	if err := os.WriteFile(junk, []byte("no program"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range room + 100 {
		if err := os.Link(junk, filepath.Join(many, strconv.Itoa(i))); err != nil {
			t.Skip("needs a file system with many links to a file: ", err)
		}
	}
	if err := role(t, "attempts", many).Run(); err != nil {
		t.Fatal(err)
	}
	release()
	// then it is told that events were lost, and how.
	lost := s.told("the loss", func(ev watch.Event) bool { return ev.Kind == watch.Lost })
	if lost.Problem.Code != watch.CodeOverflow || lost.Problem.Args["source"] != "fanotify" {
		t.Errorf("got %+v", lost.Problem)
	}
}

// ownMounts runs a test in a mount namespace of its own.
func ownMounts(t *testing.T) (skipped bool) {
	t.Helper()
	if inside() {
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Skip("needs a mount table of its own: ", err)
		}
		return false
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount")
	}
	inTest(t, t.Name(), &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS})
	return true
}

func mount(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("watch-test", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Skip("needs to mount: ", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

func TestANewFileSystemIsWatched(t *testing.T) {
	if ownMounts(t) {
		return
	}
	// Given a watcher at work,
	dir := filepath.Join(t.TempDir(), "new disk")
	s := asRoot(t, watch.New(liveHost(t), watch.Options{Wants: only(dir)}), "fanotify")
	// when a file system is mounted and at once a program started from there,
	mount(t, dir)
	lasting := filepath.Join(dir, "lasting")
	if err := watchtest.Idle(lasting); err != nil {
		t.Fatal(err)
	}
	pid, _ := program(t, lasting)
	// then it is told,
	s.told("the lasting one", func(ev watch.Event) bool { return ev.PID == pid && ev.Path == lasting })
	// and from then on the shortest ones too.
	short := filepath.Join(dir, "short")
	if err := watchtest.Noop(short); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(short).Run(); err != nil {
		t.Fatal(err)
	}
	s.told("the short one", func(ev watch.Event) bool { return ev.Path == short })
}

func TestAForeignFileSystemIsPolled(t *testing.T) {
	if ownMounts(t) {
		return
	}
	// Given a file system that looks like one of those that may hang,
	dir := filepath.Join(t.TempDir(), "app image")
	host := liveHost(t)
	w := watch.New(host, watch.Options{Wants: only(dir), Poll: patience / 3000}).Mounts(func() []detectors.Mount {
		mounts := host.MountsNow()
		for i := range mounts {
			if mounts[i].Path == dir {
				mounts[i].Type = "fuse.app"
			}
		}
		return mounts
	})
	s := asRoot(t, w, "fanotify")
	mount(t, dir)
	path := filepath.Join(dir, "app")
	if err := watchtest.Idle(path); err != nil {
		t.Fatal(err)
	}
	// when a program starts from there,
	pid, _ := program(t, path)
	// then it is told all the same, and that this is by polling.
	s.told("the start", func(ev watch.Event) bool { return ev.PID == pid && ev.Path == path })
	if mode, _ := s.Mode(); mode != "fanotify+polling" {
		t.Errorf("mode %q", mode)
	}
	s.told("the reason", func(ev watch.Event) bool {
		return ev.Kind == watch.ModeChanged && ev.Problem != nil && ev.Problem.Code == watch.CodePartly
	})
}

func copyOf(t *testing.T, program, path string) string {
	t.Helper()
	original, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func pipes(t *testing.T, cmd *exec.Cmd) (io.WriteCloser, *bufio.Reader) {
	t.Helper()
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return input, bufio.NewReader(output)
}

func readLine(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// waitRuns waits until a process runs a file, which it is about to.
func waitRuns(t *testing.T, pid int, file string) {
	t.Helper()
	for {
		// There is none for a moment while a thread takes the process over.
		if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && exe == file {
			return
		}
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
}
