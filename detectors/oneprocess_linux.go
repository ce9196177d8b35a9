package detectors

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// bootFor is how long the time of boot is used before it is read again: it moves when the
// clock is set, and on a machine of many processors it takes the kernel a while to write.
const bootFor = 5 * time.Second

// liveReader keeps what is the same for all processes.
type liveReader struct {
	reader procReader
	asked  time.Time
}

func (r *liveReader) read(_ context.Context, pid int) (Process, bool) {
	dir, err := os.Open(procDir)
	if err != nil {
		return Process{}, false
	}
	defer dir.Close()
	if now := time.Now(); now.Sub(r.asked) > bootFor {
		// The names of users are read again too.
		r.reader = procReader{boot: bootTime(), users: map[uint32]string{}, buf: make([]byte, 2*unix.PathMax)}
		r.asked = now
	}
	r.reader.dir = int(dir.Fd())
	return r.reader.read(pid, strconv.Itoa(pid))
}

func (r *liveReader) path(_ context.Context, pid int) (string, error) {
	exe, err := os.Readlink(procDir + "/" + strconv.Itoa(pid) + "/exe")
	return strings.TrimSuffix(exe, " (deleted)"), err
}
