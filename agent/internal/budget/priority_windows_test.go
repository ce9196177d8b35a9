package budget_test

import (
	"testing"

	"golang.org/x/sys/windows"

	"beagle/agent/internal/budget"
)

func TestIdleThread(t *testing.T) {
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
		t.Skip("Wine has no background mode")
	}
	// Given a goroutine that asks for an idle thread twice, one after the other,
	done := make(chan error)
	go func() {
		for range 2 {
			restore, err := budget.IdleThread()
			restore()
			done <- err
		}
		close(done)
	}()
	// then it gets it both times: a thread that was not given back would refuse.
	for err := range done {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestLower(t *testing.T) {
	if err := budget.Lower(); err != nil {
		t.Fatal(err)
	}
	if class, err := windows.GetPriorityClass(windows.CurrentProcess()); class != windows.BELOW_NORMAL_PRIORITY_CLASS {
		t.Errorf("the class is %#x, %v", class, err)
	}
}
