package detectors

import (
	"context"
	"time"
)

// Process is one running program.
type Process struct {
	PID     int
	Name    string // the system's short name
	Exe     string // full path, "" if it could not be read
	User    string // "" if unknown
	Started time.Time
	// Deleted says that the file was removed or replaced while it runs.
	Deleted bool
	// Kernel marks threads of the kernel, which run no file.
	Kernel bool
	// Err says why Exe is missing.
	Err error
}

// Processes lists running programs. A process that ends while being read is left out; one
// that may not be read is listed with what could be read and its Err.
type Processes interface {
	List(ctx context.Context) ([]Process, error)
}
