//go:build linux || darwin

package local

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Finding out a name reads a file, or asks a directory service. A name is believed for a
// while, and not for many users at once.
const (
	nameTime = time.Minute
	maxNames = 1024
	maxHomes = 10_000
)

// users turns numbers of users into the names that records use.
type users struct {
	mu    sync.Mutex
	known map[string]knownUser
}

type knownUser struct {
	viewer Viewer
	at     time.Time
}

func newUsers() *users { return &users{known: map[string]knownUser{}} }

// find returns the user of a number, who may have no name.
func (u *users) find(uid string) Viewer {
	now := time.Now()
	u.mu.Lock()
	known, ok := u.known[uid]
	u.mu.Unlock()
	if ok && now.Sub(known.at) < nameTime {
		return known.viewer
	}
	who := Viewer{ID: uid}
	who.Owner, who.Account = namesOf(uid)
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.known) >= maxNames {
		clear(u.known)
	}
	u.known[uid] = knownUser{who, now}
	return who
}

// namesOf finds the names under which probes speak of a user. Records belong to the account
// of /etc/passwd on Linux, and to the folder in /Users on macOS; people of a directory
// service, who have no line in that file, to the folder in /home that they own.
func namesOf(uid string) (owner, account string) {
	u, err := user.LookupId(uid)
	switch {
	case err != nil && runtime.GOOS == "linux":
		return homeOf("/home", uid), uid
	case err != nil:
		return "", uid
	case runtime.GOOS == "darwin" && filepath.Dir(u.HomeDir) == "/Users":
		return filepath.Base(u.HomeDir), u.Username
	}
	return u.Username, u.Username
}

// homeOf returns the folder in dir that belongs to a user, "" if there is none.
func homeOf(dir, uid string) string {
	f, err := os.Open(dir)
	if err != nil {
		return ""
	}
	defer f.Close()
	names, err := f.Readdirnames(maxHomes)
	if err != nil {
		return ""
	}
	for _, name := range names {
		info, err := os.Lstat(filepath.Join(dir, name))
		if err != nil || !info.IsDir() {
			continue
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && strconv.FormatUint(uint64(stat.Uid), 10) == uid {
			return name
		}
	}
	return ""
}
