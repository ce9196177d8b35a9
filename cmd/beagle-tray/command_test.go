package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		out  string
		err  string
	}{
		{[]string{"--version"}, exitDone, "beagle-tray ", ""},
		{[]string{"--help"}, exitDone, "", "-socket"},
		{[]string{"--colour"}, exitUsage, "", "not defined"},
		{[]string{"now"}, exitUsage, "", `"now"`},
	} {
		var stdout, stderr bytes.Buffer
		code := Main(c.args, Env{Stdout: &stdout, Stderr: &stderr})
		if code != c.code || !strings.Contains(stdout.String(), c.out) || !strings.Contains(stderr.String(), c.err) {
			t.Errorf("%q: exit code %d, want %d; said %q and %q", c.args, code, c.code, stdout.String(), stderr.String())
		}
	}
}
