package tray

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// detach keeps events of this program's console away from another.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS}
}
