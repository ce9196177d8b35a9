package linux

import (
	"strconv"

	"beagle/detectors"
)

// malformedProblem says that part of a database could not be understood.
func malformedProblem(count, firstLine int) detectors.Problem {
	return detectors.Problem{Code: detectors.CodeMalformed, Args: map[string]string{
		"count": strconv.Itoa(count), "first": "line " + strconv.Itoa(firstLine),
	}}
}
