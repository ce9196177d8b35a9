package budget

import (
	"encoding/binary"
	"fmt"
)

// taskInfoSize is the size of struct proc_taskinfo of macOS (xnu, bsd/sys/proc_info.h): six
// numbers of 64 bits, of which the second is the resident size, then twelve of 32.
const taskInfoSize = 6*8 + 12*4

func residentOf(taskInfo []byte) (int64, error) {
	if len(taskInfo) != taskInfoSize {
		return 0, fmt.Errorf("read the resident size: an answer of %d bytes", len(taskInfo))
	}
	return int64(binary.NativeEndian.Uint64(taskInfo[8:])), nil
}
