package watch_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// roleVariable makes this test program play one of the roles in a process of its own.
const roleVariable = "WATCH_ROLE"

func TestMain(m *testing.M) {
	if name := os.Getenv(roleVariable); name != "" {
		if err := play(name, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// role returns a command that plays a role.
func role(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+name)
	cmd.Stderr = os.Stderr
	return cmd
}

// play is what this program does in a role.
func play(name string, args []string) error {
	switch name {
	case "nothing":
		return nil
	case "wait":
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}
	return playHere(name, args)
}
