package main

import "strings"

// watchText says how something is noticed that happens between two looks, by the names of
// [api.Snapshot].
func watchText(mode string) string {
	switch mode {
	case "", "none":
		return "only at the next look"
	case "polling":
		return "by looking every few seconds"
	case "fanotify", "inotify":
		return "at once (" + mode + ")"
	case "fanotify+polling", "inotify+polling":
		return "at once (" + strings.TrimSuffix(mode, "+polling") + "), in some places by looking every few seconds"
	case "proc_connector":
		return "at once, but for those that end in an instant (proc connector)"
	}
	return clean(mode)
}

// watchTodo says what helps where things are not noticed at once.
func watchTodo(problem string) string {
	switch problem {
	case "watch_fallback":
		return "the better way needs the rights of the system's service, and a kernel and a container that allow it"
	case "watch_partly":
		return "nothing: looks cover those places"
	case "watch_failed", "watch_overflow":
		return "the next look makes up for it; report it if it stays"
	}
	return ""
}
