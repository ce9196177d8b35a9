package linux_test

import (
	"strings"
	"testing"

	"beagle/packaging/linux"
)

func TestUnitNamesItsProgramOnce(t *testing.T) {
	// Another program is put in its place, so it must be there once, at the beginning.
	if n := strings.Count(linux.Unit, linux.Program); n != 1 {
		t.Errorf("the unit names %s %d times, want once", linux.Program, n)
	}
	if !strings.Contains(linux.Unit, "\nExecStart="+linux.Program+" run\n") {
		t.Errorf("the unit does not start %s run", linux.Program)
	}
}
