package budget

import (
	"os"
	"path/filepath"
	"testing"
)

func TestKernel(t *testing.T) {
	// Given a kernel without pressure, as RHEL starts it by default, where only the load is told,
	k := kernel{t.TempDir(), t.TempDir()}
	put := func(name, text string) {
		t.Helper()
		path := filepath.Join(k.proc, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.Load(); err == nil {
		t.Error("a load out of nothing")
	}
	put("loadavg", "1000000 0 0 1/2 3\n")
	if load, err := k.Load(); err != nil || load < 1 {
		t.Errorf("got %v, %v", load, err)
	}
	put("pressure/cpu", "some avg10=5.00 avg60=0.00 avg300=0.00 total=1\n")
	if load, err := k.Load(); err != nil || load != 0.25 {
		t.Errorf("got %v, %v", load, err)
	}
	// and memory that comes in another form than known, then that is an error and no figure.
	for _, text := range []string{"", "1", "1 many"} {
		put("self/statm", text)
		if n, err := k.Memory(); err == nil {
			t.Errorf("%q: got %d", text, n)
		}
	}
	put("self/statm", "100 7 3 1 0 2 0\n")
	if n, err := k.Memory(); err != nil || n != int64(7*os.Getpagesize()) {
		t.Errorf("got %d, %v", n, err)
	}
}
