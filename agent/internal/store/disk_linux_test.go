package store_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"beagle/agent/api"
	"beagle/agent/internal/store"
	"beagle/detectors/catalog"
)

// smallDisk tells a child of the test where to mount a disk of its own.
const smallDisk = "BEAGLE_STORE_SMALL_DISK"

// onSmallDisk runs the calling test again in a child process in which dir is a disk of one
// mebibyte that nobody else sees, and reports whether this is the child.
func onSmallDisk(t *testing.T) (dir string, child bool) {
	t.Helper()
	if dir = os.Getenv(smallDisk); dir != "" {
		must(t, syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
		must(t, syscall.Mount("none", dir, "tmpfs", 0, "size=1m,mode=0700"))
		return dir, true
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may mount a small disk")
	}
	cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), smallDisk+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil && strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Logf("in a child with a small disk:\n%s", out)
	case strings.Contains(string(out), "operation not permitted") || len(out) == 0:
		t.Skipf("this system allows no mounts of one's own: %v %s", err, out)
	default:
		t.Errorf("in a child with a small disk: %v\n%s", err, out)
	}
	return "", false
}

func TestFullDisk(t *testing.T) {
	disk, child := onSmallDisk(t)
	if !child {
		return
	}
	// Given a store with one record on a disk that then fills up,
	dir := filepath.Join(disk, "beagle")
	s := open(t, dir)
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	ballast := fillUp(t, disk, 200<<10)
	// when sweeps are kept until one is not,
	var change store.Change
	var err error
	before := ""
	tried := 0
	for ; err == nil && tried < 10_000; tried++ {
		before = known(t, s)
		seen := []catalog.Evidence{saw("opt", "machine", "qq", "note", strings.Repeat("x", 2000), "n", fmt.Sprint(tried))}
		change, err = s.Apply(t.Context(), store.Sweep{Seen: seen}, big)
	}
	// then the disk is named as the reason, what would have been kept is told all the same,
	failsWith(t, err, store.ErrUnwritable)
	t.Logf("after %d sweeps: %v", tried, err)
	if told(change.Changes) == "" || len(change.Records) != 2 {
		t.Errorf("got the changes %q and %d records, want what was found", told(change.Changes), len(change.Records))
	}
	// the store holds everything that was acknowledged, and nothing of the rest,
	equal(t, "records", known(t, s), before)
	if tried < 3 {
		t.Errorf("got %d sweeps, want some that are kept", tried)
	}
	failsWith(t, s.SetMeta(t.Context(), "k", strings.Repeat("x", 100_000)), store.ErrUnwritable)
	equal(t, "records after a second failure", known(t, s), before)
	// and when there is space again, then the next sweep is kept.
	must(t, os.Remove(ballast))
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "vmate")}}, big)
	equal(t, "records", known(t, s) != before && strings.Contains(known(t, s), "vmate open 1"), true)
	after := known(t, s)
	closed(t, s)
	again := open(t, dir)
	equal(t, "new", again.Opening().New, false)
	equal(t, "records after opening again", known(t, again), after)
}

// big is a judge whose records change with every sweep and are long.
func big(believed []catalog.Evidence) []api.Record {
	records := judge(believed)
	for i := range records {
		for _, ev := range believed {
			records[i].App.Name = ev.Attributes["n"] + records[i].App.Name
		}
		records[i].App.Vendor = strings.Repeat("v", 500)
	}
	return records
}

// fillUp leaves so many bytes on the disk and returns the file that has to be removed for more.
func fillUp(t *testing.T, disk string, left int64) string {
	t.Helper()
	path := filepath.Join(disk, "ballast")
	f, err := os.Create(path)
	must(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	must(t, f.Close())
	truncate(t, path, size(t, path)-left)
	return path
}

func TestOpeningOnAFullDisk(t *testing.T) {
	disk, child := onSmallDisk(t)
	if !child {
		return
	}
	// Given a store on a disk that is full,
	dir := filepath.Join(disk, "beagle")
	before := filled1(t, dir)
	ballast := fillUp(t, disk, 0)
	// when it is opened, then the disk is to blame, and the file is not.
	s, err := store.Open(t.Context(), dir, store.Options{})
	if err == nil {
		t.Log("it opens even so")
		closed(t, s)
	} else {
		failsWith(t, err, store.ErrUnwritable)
		t.Log(err)
	}
	_, err = store.Open(t.Context(), filepath.Join(disk, "other"), store.Options{})
	failsWith(t, err, store.ErrUnwritable)
	// When there is space again, then everything is there.
	must(t, os.Remove(ballast))
	again := open(t, dir)
	equal(t, "epoch", again.Opening().Epoch, before.Epoch)
	equal(t, "records", known(t, again), "wps open 1")
}

func TestOpeningOnAReadOnlyDisk(t *testing.T) {
	disk, child := onSmallDisk(t)
	if !child {
		return
	}
	// Given a store on a disk that turned read-only,
	dir := filepath.Join(disk, "beagle")
	before := filled1(t, dir)
	must(t, syscall.Mount("none", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	// when it is opened, then the disk is to blame, and the file is not.
	_, err := store.Open(t.Context(), dir, store.Options{})
	failsWith(t, err, store.ErrUnwritable)
	t.Log(err)
	// When it can be written again, then everything is there.
	must(t, syscall.Mount("none", disk, "", syscall.MS_REMOUNT, ""))
	again := open(t, dir)
	equal(t, "epoch", again.Opening().Epoch, before.Epoch)
	equal(t, "records", known(t, again), "wps open 1")
}

// filled1 makes a store with one record.
func filled1(t *testing.T, dir string) store.Opening {
	t.Helper()
	s := open(t, dir)
	apply(t, s, store.Sweep{Seen: []catalog.Evidence{saw("opt", "machine", "wps")}}, judge)
	closed(t, s)
	return s.Opening()
}
