package all_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"beagle/detectors/watch/watchtest"
)

// runs puts a program into a folder and runs it until the test ends.
func runs(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := watchtest.Idle(path); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := input.Close(); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return path
}
