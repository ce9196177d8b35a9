package watch_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// inTest runs one test of this program in a process with other rights. What it skips is
// skipped here too.
func inTest(t *testing.T, test string, attr *syscall.SysProcAttr) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if attr.Credential != nil { // who may not look into where this program was built
		dir, err := os.MkdirTemp("", "watch-test-*")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		})
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		self = copyOf(t, self, filepath.Join(dir, "watch.test"))
	}
	cmd := exec.Command(self, "-test.v", "-test.run", "^"+test+"$")
	cmd.Env = append(os.Environ(), insideVariable+"=1")
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := bufio.NewScanner(strings.NewReader(string(out)))
	for lines.Scan() {
		if strings.Contains(lines.Text(), "--- SKIP") {
			t.Skip(string(out))
		}
	}
}

const insideVariable = "WATCH_INSIDE"

func inside() bool { return os.Getenv(insideVariable) != "" }

// playHere plays the roles that only Linux has.
func playHere(name string, args []string) error {
	switch name {
	case "attempts": // to run every file in a folder
		return attempts(args[0])
	case "go on": // to another program, when told to
		fmt.Println("ready")
		if _, err := bufio.NewReaderSize(os.Stdin, 1).ReadString('\n'); err != nil {
			return ignoreEOF(err)
		}
		return syscall.Exec(args[0], args[:1], nil)
	}
	return fmt.Errorf("no role %q", name)
}

func attempts(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := dir + "/" + e.Name()
		if err := syscall.Exec(path, []string{path}, nil); !errors.Is(err, syscall.ENOEXEC) {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
