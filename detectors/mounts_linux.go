package detectors

import "os"

// readMounts reads this machine's mount table. Without one nothing is known to be foreign.
func readMounts() []Mount {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	defer f.Close()
	return parseMountinfo(f)
}
