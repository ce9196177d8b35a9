// Package window draws what an employee sees of Beagle: the state of this machine, what was
// found and why, how to remove it, what was looked at, and what is known about the reader.
//
// It only draws. Every word comes from package view; every question to the agent goes through
// the [Service] that the program hands in. One goroutine, [Window.Run], follows the agent; it
// turns each event into finished pages and passes them to the toolkit's thread, where fields
// are set and objects refreshed. No widget asks the service or knows of another widget: pages
// connect them by callbacks.
//
// It does not import the toolkit's app package, which needs cgo and a display, so that its
// tests run anywhere, painted by software.
package window
