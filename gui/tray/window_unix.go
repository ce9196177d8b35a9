//go:build unix

package tray

import (
	"os/exec"
	"syscall"
)

// detach keeps signals for this program's terminal away from another.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
