//go:build !windows

package main

import "golang.org/x/sys/unix"

// kernel asks for the version of the kernel, "" if the system does not tell.
func kernel() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return ""
	}
	return unix.ByteSliceToString(name.Release[:])
}
