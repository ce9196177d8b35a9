package watch_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"beagle/detectors/watch"
)

func TestTooFewWatches(t *testing.T) {
	if !inside() {
		// In a user namespace of its own a process has limits of its own.
		if os.Geteuid() != 0 {
			t.Skip("needs root, to have limits of its own")
		}
		id := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}}
		inTest(t, t.Name(), &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWUSER, UidMappings: id, GidMappings: id,
		})
		return
	}
	// Given that only two folders may be watched,
	if err := os.WriteFile("/proc/sys/user/max_inotify_watches", []byte("2"), 0); err != nil {
		t.Skip("needs limits of its own: ", err)
	}
	dir := t.TempDir()
	var folders []watch.Folder
	for _, name := range []string{"a", "b", "c", "d"} {
		put(t, filepath.Join(dir, name, "x"), "x")
		folders = append(folders, watch.Folder{Topic: name, Dir: filepath.Join(dir, name)})
	}
	// when four are,
	s := start(t, watch.New(liveHost(t), watch.Options{Processes: watch.Off, Poll: quickly, Folders: folders}).Quiet(quickly))
	// then it is said, and the others are looked at instead.
	why := s.all()[0].Problem
	if _, files := s.Mode(); files != "inotify+polling" || why == nil || why.Code != watch.CodeFallback || why.Args["what"] != "files" {
		t.Errorf("mode %q, %+v", files, why)
	}
	for _, f := range folders {
		s.changed(f.Topic, func() { put(t, filepath.Join(f.Dir, "y"), "x") })
	}
}

func TestNoNotifier(t *testing.T) {
	if !inside() {
		if os.Geteuid() != 0 {
			t.Skip("needs root, to have limits of its own")
		}
		id := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}}
		inTest(t, t.Name(), &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: id, GidMappings: id})
		return
	}
	// Given that inotify may not be used at all, then folders are looked at, and that is said.
	if err := os.WriteFile("/proc/sys/user/max_inotify_instances", []byte("0"), 0); err != nil {
		t.Skip("needs limits of its own: ", err)
	}
	dir := t.TempDir()
	s := start(t, watch.New(liveHost(t), watch.Options{
		Processes: watch.Off, Poll: quickly, Folders: []watch.Folder{{Topic: "x", Dir: dir}},
	}).Quiet(quickly))
	why := s.all()[0].Problem
	if _, files := s.Mode(); files != "polling" || why == nil || why.Code != watch.CodeFallback || why.Args["wanted"] != "inotify" {
		t.Errorf("mode %q, %+v", files, why)
	}
	s.changed("x", func() { put(t, filepath.Join(dir, "y"), "x") })
}

func TestMoreChangesThanTheKernelKeeps(t *testing.T) {
	// Given a watcher whose events nobody takes,
	data, err := os.ReadFile("/proc/sys/fs/inotify/max_queued_events")
	if err != nil {
		t.Fatal(err)
	}
	room, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil || room > 40_000 {
		t.Skipf("needs fs.inotify.max_queued_events of at most 40000, not %s, %v", data, err)
	}
	dir := t.TempDir()
	busy, calm := filepath.Join(dir, "busy"), filepath.Join(dir, "calm")
	put(t, filepath.Join(busy, "a"), "x")
	put(t, filepath.Join(calm, "a"), "x")
	w := watch.New(liveHost(t), watch.Options{Processes: watch.Off, Folders: []watch.Folder{
		{Topic: "busy", Dir: busy}, {Topic: "calm", Dir: calm},
	}}).Quiet(quickly)
	s := start(t, w)
	stalled, release := s.stall()
	put(t, filepath.Join(calm, "b"), "x")
	<-stalled
	// when more happens than the kernel keeps, then it is told that something was lost.
	for i := range room + 100 {
		if err := os.Link(filepath.Join(dir, "calm/a"), filepath.Join(busy, strconv.Itoa(i))); err != nil {
			t.Skip("needs a file system with many links to a file: ", err)
		}
	}
	release()
	lost := s.told("the loss", func(ev watch.Event) bool { return ev.Kind == watch.Lost })
	if lost.Problem.Code != watch.CodeOverflow || lost.Problem.Args["source"] != "inotify" {
		t.Errorf("got %+v", lost.Problem)
	}
}
