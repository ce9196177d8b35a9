package budget_test

import (
	"runtime"
	"testing"

	"beagle/agent/internal/budget"
)

func TestThisMachine(t *testing.T) {
	// Given the machine on which the test runs,
	live := budget.Live()
	// when the process works until its use of CPU moves,
	before, err := live.CPU()
	if err != nil {
		t.Fatal(err)
	}
	for work := 0; ; work++ {
		now, err := live.CPU()
		if err != nil {
			t.Fatal(err)
		}
		if now > before {
			break
		}
		if now < before {
			t.Fatalf("it fell from %s to %s", before, now)
		}
	}
	// and holds more memory than before,
	small, err := live.Memory()
	if err != nil {
		t.Fatal(err)
	}
	const much = 64 << 20
	held := make([]byte, much)
	for i := range held {
		held[i] = byte(i)
	}
	large, err := live.Memory()
	if err != nil {
		t.Fatal(err)
	}
	runtime.KeepAlive(held)
	// then both are seen,
	if small < 1<<20 || large-small < much/2 {
		t.Errorf("resident were %d bytes, with %d more %d", small, much, large)
	}
	// and the machine says what it runs on and how busy it is.
	if power, err := live.Power(); err != nil || power == "" {
		t.Errorf("power: %q, %v", power, err)
	}
	for range 2 { // some compare with the time before
		if load, err := live.Load(); err != nil || load < 0 {
			t.Errorf("load: %v, %v", load, err)
		}
	}
}
