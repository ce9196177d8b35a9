package local

import (
	"net"
	"sync"
	"time"
)

// Limits of connections: streams, and as many again for questions. They are counted when a
// connection comes, before it has said anything.
const (
	maxConnsOfAccount = 3 * maxStreamsOfUser
	maxConns          = 2 * maxStreams
)

// gate lets no more connections in than the limits allow; others are closed at once.
type gate struct {
	net.Listener

	mu       sync.Mutex
	accounts map[string]int
	conns    int
}

func newGate(l net.Listener) *gate { return &gate{Listener: l, accounts: map[string]int{}} }

func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if peer, ok := conn.(Peer); ok && g.admit(peer.Account()) {
			return &admitted{Peer: peer, leave: sync.OnceFunc(func() { g.leave(peer.Account()) })}, nil
		}
		// Whoever is refused does not care how the connection closes.
		_ = conn.Close()
	}
}

func (g *gate) admit(account string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.conns >= maxConns || g.accounts[account] >= maxConnsOfAccount {
		return false
	}
	g.conns++
	g.accounts[account]++
	return true
}

func (g *gate) leave(account string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conns--
	if g.accounts[account]--; g.accounts[account] == 0 {
		delete(g.accounts, account)
	}
}

// admitted is a connection that is counted until it is closed.
type admitted struct {
	Peer
	leave func()
}

func (c *admitted) Close() error {
	c.leave()
	return c.Peer.Close()
}

// limiter gives every user a number of requests at once and then one every so often. It keeps
// one time for each user: when their bucket will be full again
// (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm).
type limiter struct {
	every time.Duration
	burst int

	mu   sync.Mutex
	full map[string]time.Time
}

// maxRemembered is how many users a limiter knows before it forgets those with a full bucket.
const maxRemembered = 1024

func newLimiter(burst int, every time.Duration) *limiter {
	return &limiter{every: every, burst: burst, full: map[string]time.Time{}}
}

// take takes a token for the user at the time now, or says how long to wait for one.
func (l *limiter) take(user string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.full[user]
	if full.Before(now) {
		full = now
	}
	if wait := full.Sub(now) - time.Duration(l.burst-1)*l.every; wait > 0 {
		return wait
	}
	if len(l.full) >= maxRemembered {
		for name, t := range l.full {
			if !t.After(now) {
				delete(l.full, name)
			}
		}
	}
	l.full[user] = full.Add(l.every)
	return 0
}
