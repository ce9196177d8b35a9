//go:build !windows

package settings

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// exposureOf goes by owner and mode. Access lists are left out: who sets one on a settings
// file means it.
func exposureOf(f *os.File) (exposure, error) {
	info, err := f.Stat()
	if err != nil {
		return exposure{}, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return exposure{}, errors.New("the system does not tell its owner")
	}
	var e exposure
	path, mode := shellWord(f.Name()), info.Mode().Perm()
	if me := os.Geteuid(); stat.Uid != 0 && int(stat.Uid) != me {
		e.owner = fmt.Sprintf("user %d owns the file: run: chown root %s", stat.Uid, path)
	}
	if mode&0o002 != 0 {
		e.writable = fmt.Sprintf("everybody can write to the file (mode %04o): run: chmod o-w %s", mode, path)
	}
	if mode&0o077 != 0 {
		e.readable = fmt.Sprintf("others can read the file (mode %04o): run: chmod 0600 %s", mode, path)
	}
	return e, nil
}

// shellWord makes a path one word of a command that a person copies.
func shellWord(path string) string {
	if strings.ContainsAny(path, " \t\n'\"\\$`*?[]{}()<>|&;~#!") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

// fileStamp changes when a file or who can get at it does.
func fileStamp(path string) string {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %d %d %o %d", stat.Ino, stat.Size, unix.TimespecToNsec(stat.Ctim), stat.Mode, stat.Uid)
}
