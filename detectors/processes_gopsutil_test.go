//go:build linux

package detectors

import (
	"context"
	"strings"
	"testing"

	"github.com/shirou/gopsutil/v3/process"
)

func TestProcessesAgreeWithGopsutil(t *testing.T) {
	// Given what our reader says about all processes of this machine,
	list, err := liveProcesses().List(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, p := range list {
		// when gopsutil is asked about those that are still there and ours to read,
		other := &process.Process{Pid: int32(p.PID)}
		exe, err := other.Exe()
		if err != nil || p.Exe == "" {
			continue
		}
		created, _ := other.CreateTime()
		name, _ := other.Username()
		if again, err := other.Exe(); err != nil || again != exe {
			continue // it is ending or becoming another program
		}
		compared++
		// then both say the same; gopsutil counts whole seconds of the boot time.
		if got := strings.TrimSuffix(exe, " (deleted)"); got != p.Exe {
			t.Errorf("process %d: path %q, gopsutil says %q", p.PID, p.Exe, got)
		}
		if name != p.User {
			t.Errorf("process %d: user %q, gopsutil says %q", p.PID, p.User, name)
		}
		if apart := p.Started.UnixMilli() - created; apart > 1500 || apart < -1500 {
			t.Errorf("process %d: started %d ms apart from what gopsutil says", p.PID, apart)
		}
	}
	if compared == 0 {
		t.Error("no process could be compared")
	}
}
