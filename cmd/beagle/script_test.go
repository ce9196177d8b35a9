package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"beagle/detectors/hosttest"
)

// TestScripts runs one script for each user story against the built program, as a person
// or a job would.
func TestScripts(t *testing.T) {
	bin := buildProgram(t)
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("CATALOG", filepath.Join(module, "detectors", "catalog", "apps"))
			env.Setenv("POLICIES", filepath.Join(module, "agent", "policy", "policies"))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Getuid() == 0, nil
			case "dpkg":
				_, err := exec.LookPath("dpkg-deb")
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"host":  cmdHost,
			"exit":  cmdExit,
			"until": cmdUntil,
		},
	})
}

// buildProgram builds beagle as it ships: without cgo.
func buildProgram(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	name := "beagle"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(bin, name), ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// host ARCHIVE DIR lays a host archive out.
func cmdHost(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: host ARCHIVE DIR")
	}
	ts.Check(os.MkdirAll(ts.MkAbs(args[1]), 0o755))
	ts.Check(hosttest.Extract(ts.ReadFile(args[0]), ts.MkAbs(args[1])))
}

// exit CODE PROGRAM ARG... runs a program, checks its exit code, and keeps its output for
// stdout and stderr.
func cmdExit(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exit CODE PROGRAM ARG...")
	}
	code := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		code = fmt.Sprint(err)
	}
	if want := "exit status " + args[0]; code != want && !(args[0] == "0" && code == "0") {
		ts.Fatalf("%v: got %s, want %s", args[1:], code, want)
	}
}

// until CODE PATTERN PROGRAM ARG... runs a program again and again until it ends with the exit
// code and prints what the pattern matches, or with "!" until it prints nothing of the kind. The
// code "any" takes any. The last output is kept. It waits for what another program does; a
// minute is for a busy machine.
func cmdUntil(ts *testscript.TestScript, not bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: [!] until CODE PATTERN PROGRAM ARG...")
	}
	pattern, err := regexp.Compile(`(?m)` + args[1])
	ts.Check(err)
	again := time.NewTicker(250 * time.Millisecond) // agents refuse those who ask all the time
	defer again.Stop()
	enough := time.After(time.Minute)
	for {
		code := "exit status 0"
		if err := ts.Exec(args[2], args[3:]...); err != nil {
			code = err.Error()
		}
		out := ts.ReadFile("stdout")
		if (args[0] == "any" || code == "exit status "+args[0]) && pattern.MatchString(out) != not {
			return
		}
		select {
		case <-again.C:
		case <-enough:
			ts.Fatalf("%v: still %s and not as %q:\n%s%s", args[2:], code, args[1], out, ts.ReadFile("stderr"))
		}
	}
}
