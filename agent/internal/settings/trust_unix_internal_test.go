//go:build !windows

package settings

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func modesCount() bool { return true }

const (
	stranger  = 12345
	childPath = "BEAGLE_TEST_SETTINGS" // set in a child process of a test: what to resolve
)

// TestOtherOwners gives the file to somebody else, which only root can.
func TestOtherOwners(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := written(t, "log: {level: debug}\n")
	if err := os.Chown(path, stranger, stranger); err != nil {
		t.Fatal(err)
	}
	// A stranger's file does not tell the system's agent what to do, as a file or as
	// preferences; one that a person names for a single scan may.
	want := fmt.Sprintf("settings %s: user %d owns the file: run: chown root %s", path, stranger, path)
	for _, places := range []Places{{File: path}, {File: path, Named: true}, {Preferences: path}} {
		if _, err := Resolve(places); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Load(path); err != nil {
		t.Errorf("a named file: %v", err)
	}
	var g guarded
	if _, errs := (&file{path, []byte("server: {secret: x}\n"), exposure{owner: "somebody owns it"}}).values(guardedKeys(&g)); len(errs) != 1 {
		t.Errorf("got %v, want one problem with the secret", errs)
	}
}

// TestOrdinaryUser resolves as somebody who is not root, for whom root is not a stranger.
func TestOrdinaryUser(t *testing.T) {
	if os.Getenv(childPath) != "" {
		for path := range strings.SplitSeq(os.Getenv(childPath), ":") {
			_, err := Resolve(Places{File: path})
			fmt.Printf("%s: %v\n", filepath.Base(path), err)
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
	dir, err := os.MkdirTemp("/tmp", "beagle")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range []struct {
		name string
		uid  int
		mode os.FileMode
	}{{"roots", 0, 0o644}, {"own", stranger, 0o600}, {"other", stranger + 1, 0o644}, {"closed", 0, 0o600}, {"open", stranger, 0o666}} {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, f.uid, f.uid); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, f.mode); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	binary := filepath.Join(dir, "child") // where go test puts it, only root can look
	program, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(binary, program, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(binary, "-test.run=^TestOrdinaryUser$")
	child.Dir = dir
	child.Env = []string{childPath + "=" + strings.Join(paths, ":")}
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: stranger}}
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{
		"roots: <nil>", "own: <nil>",
		fmt.Sprintf("other: settings %s: user %d owns the file: run: chown root %s", paths[2], stranger+1, paths[2]),
		fmt.Sprintf("closed: settings %q: permission denied", paths[3]),
		fmt.Sprintf("open: settings %s: everybody can write to the file (mode 0666): run: chmod o-w %s", paths[4], paths[4]),
	} {
		if !strings.Contains(string(out), want+"\n") {
			t.Errorf("got %s\nwant among it %s", out, want)
		}
	}
}

func TestPipesAreNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.yaml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Resolve(Places{File: path}); err == nil || !strings.HasSuffix(err.Error(), "not a regular file") {
		t.Errorf("got %v", err)
	}
}

func TestShellWord(t *testing.T) {
	for path, want := range map[string]string{
		"/etc/beagle/settings.yaml":           "/etc/beagle/settings.yaml",
		"/Library/Application Support/Beagle": "'/Library/Application Support/Beagle'",
		"/it's/$HOME":                         `'/it'\''s/$HOME'`,
	} {
		if got := shellWord(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
