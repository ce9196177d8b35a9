package budget

import "time"

// Sources are where figures come from. They are asked often and must be cheap.
type Sources interface {
	// CPU is what this process used so far, in all its threads.
	CPU() (time.Duration, error)
	// Memory is how many bytes of this process are resident.
	Memory() (int64, error)
	// Power tells what the machine runs on.
	Power() (Power, error)
	// Load tells how much the processors of the machine are wanted by everybody: 1 is where
	// deep sweeps should keep away.
	Load() (float64, error)
}

// Power is what a machine runs on.
type Power string

// The kinds of power. One that is unknown holds nothing: most such machines are servers.
const (
	Mains        Power = "mains"
	Battery      Power = "battery"
	UnknownPower Power = "unknown"
)
