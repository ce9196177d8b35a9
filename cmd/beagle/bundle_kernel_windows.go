package main

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// kernel asks for the version of the kernel.
func kernel() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("%d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}
