package agent

import (
	"slices"
	"strconv"
	"strings"

	"beagle/agent/api"
)

// Version is the version of all four programs.
const Version = api.Version

// OlderThan reports whether this agent is older than a version such as 1.2.3. A version
// that cannot be read is taken for newer: what it guards must not be used by guesswork.
func OlderThan(version string) bool {
	own, _ := parseVersion(Version)
	other, ok := parseVersion(version)
	return !ok || slices.Compare(own, other) < 0
}

func parseVersion(text string) ([]int, bool) {
	var parts []int
	for field := range strings.SplitSeq(text, ".") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 0 {
			return nil, false
		}
		parts = append(parts, n)
	}
	return parts, len(parts) == 3
}
