package agent

import (
	"beagle/agent/api"

	"golang.org/x/sys/unix"
)

// heldRights asks the kernel which of the rights that the doctor knows this process has
// (capabilities(7)). Without an answer it is taken for having none: what it lacks is then
// what a person is told to look at.
func heldRights() []string {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3} // of this process
	var sets [2]unix.CapUserData                                           // 32 capabilities each
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return nil
	}
	effective := uint64(sets[1].Effective)<<32 | uint64(sets[0].Effective)
	has := func(capability int) bool { return effective&(1<<capability) != 0 }
	var held []string
	if has(unix.CAP_DAC_READ_SEARCH) || has(unix.CAP_DAC_OVERRIDE) {
		held = append(held, api.RightReadAll)
	}
	if has(unix.CAP_SYS_PTRACE) {
		held = append(held, api.RightSeeProcesses)
	}
	return held
}
