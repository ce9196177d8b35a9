//go:build !windows

package main

import "log/slog"

// systemLog returns nothing: the service manager reads what the agent writes, and macOS'
// unified log cannot be written to without cgo.
func systemLog() (slog.Handler, func() error, error) { return nil, nil, nil }
