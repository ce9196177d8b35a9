package main

import (
	"log/slog"

	"golang.org/x/sys/windows/svc/eventlog"
)

// systemLog returns the event log, for warnings and errors: administrators watch it, and it
// has no room for everyday news. Its source is registered by `beagle service install`;
// without that the events are kept as well, with a remark that their source is unknown.
func systemLog() (slog.Handler, func() error, error) {
	events, err := eventlog.Open(serviceName)
	if err != nil {
		return nil, nil, err
	}
	// The ids are those of EventCreate.exe, which holds the texts (they are empty frames).
	const warning, failure = 2, 3
	write := func(level slog.Level, line string) error {
		if level >= slog.LevelError {
			return events.Error(failure, line)
		}
		return events.Warning(warning, line)
	}
	return newLines(&slog.HandlerOptions{Level: slog.LevelWarn}, write), events.Close, nil
}
