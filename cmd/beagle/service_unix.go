//go:build !windows

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const usualProgram = "/usr/local/bin/beagle"

func howToBeAdmin(command string) string { return "sudo " + command }

// trusted makes sure that nobody but root can replace the program: whoever can would become
// root. Groups that may write are left to whoever made them.
func trusted(_ Env, program string) error {
	if strings.ContainsFunc(program, odd) {
		return errors.New("service managers would misread this path")
	}
	for path := program; ; path = filepath.Dir(path) {
		info, err := os.Lstat(path)
		if err != nil {
			return describe(err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		switch {
		case !ok || stat.Uid != 0:
			return fmt.Errorf("%s does not belong to root", path)
		case info.Mode().Perm()&0o002 != 0:
			return fmt.Errorf("everybody can write to %s", path)
		}
		if path == filepath.Dir(path) {
			return nil
		}
	}
}

// odd are characters that mean something to a shell or in a unit file.
func odd(r rune) bool {
	return !strings.ContainsRune("/._+@-", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// readDefinition returns "" for a file that is not there.
func readDefinition(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the definition of the service: %w", err)
	}
	return string(text), nil
}
