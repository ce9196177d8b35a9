package main

import (
	"os"
	"strings"
	"testing"

	"beagle/packaging/linux"
)

func TestUnit(t *testing.T) {
	// Given the unit that packages bring,
	file, err := os.ReadFile("../../packaging/linux/beagle.service")
	if err != nil {
		t.Fatal(err)
	}

	// then the service gets the same, with another program in one place.
	got := unitFor("/opt/beagle")
	if want := strings.Replace(string(file), "/usr/bin/beagle", "/opt/beagle", 1); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if unitFor(linux.Program) != string(file) {
		t.Error("with the packages' program it is another unit")
	}
	if strings.Contains(got, "{{") {
		t.Error("kardianos/service would take {{ for its own")
	}
	if program := programAfter(got, "ExecStart="); program != "/opt/beagle" {
		t.Errorf("the program in it is %q", program)
	}
}
