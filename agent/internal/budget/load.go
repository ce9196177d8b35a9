package budget

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// How much is much, for each way in which systems tell it.
const (
	// muchPressure is the share of time in which some program had to wait for a processor.
	muchPressure = 0.2
	// muchQueue is how many programs run or wait for each processor.
	muchQueue = 1.0
	// muchBusy is the share of time in which the processors are not idle.
	muchBusy = 0.75
)

// pressure reads the line of /proc/pressure/cpu that tells of the last ten seconds
// (Documentation/accounting/psi.rst in the kernel's source).
func pressure(text string) (float64, error) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "some" {
			continue
		}
		value, ok := strings.CutPrefix(fields[1], "avg10=")
		percent, err := strconv.ParseFloat(value, 64)
		if ok && err == nil {
			return percent / 100 / muchPressure, nil
		}
	}
	return 0, fmt.Errorf("read the pressure: unusable answer %.60q", text)
}

// queue reads /proc/loadavg: the average of the last minute comes first (proc_loadavg(5)).
func queue(text string, processors int) (float64, error) {
	first, _, _ := strings.Cut(text, " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0, fmt.Errorf("read the load: unusable answer %.60q", text)
	}
	return load / float64(processors) / muchQueue, nil
}

// loadavg reads what the sysctl vm.loadavg of macOS answers: three averages as whole numbers
// of 32 bits, then by what they are multiplied, as a long (struct loadavg in sys/resource.h).
func loadavg(raw []byte, processors int) (float64, error) {
	const size, scaleAt = 24, 16
	if len(raw) != size {
		return 0, fmt.Errorf("read the load: an answer of %d bytes", len(raw))
	}
	scale := binary.NativeEndian.Uint64(raw[scaleAt:])
	if scale == 0 {
		return 0, errors.New("read the load: unusable answer")
	}
	return float64(binary.NativeEndian.Uint32(raw)) / float64(scale) / float64(processors) / muchQueue, nil
}
