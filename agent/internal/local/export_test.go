package local

import "time"

// What the tests look at from inside.
const (
	MaxStreamsOfUser  = maxStreamsOfUser
	MaxConnsOfAccount = maxConnsOfAccount
	Heartbeat         = heartbeat
	HeaderTime        = headerTime
	RequestTime       = requestTime
	StreamWriteTime   = streamWriteTime
	ScanBurst         = scanBurst
	ScanEvery         = scanEvery
)

var (
	Visible      = visible
	VisibleEvent = visibleEvent
)

type Limiter = limiter

func NewLimiter(burst int, every time.Duration) *Limiter { return newLimiter(burst, every) }

func (l *limiter) Take(user string, now time.Time) time.Duration { return l.take(user, now) }

func (l *limiter) Remembered() int { return len(l.full) }
