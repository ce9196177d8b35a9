package tray

import (
	"errors"

	"beagle/gui/view"
)

// ErrSecond says that this session has a tray already, which was asked to open the window.
var ErrSecond = errors.New("this session has a tray already")

// session is the desktop session that the tray runs in: what it takes, and what it tells.
// Channels that a system has no use for are nil.
type session struct {
	// notices takes what to show. Whoever sends does not wait: a desktop that takes nothing
	// must not hold up the icon.
	notices chan<- notice
	// opened tells which record a notification was about that was clicked, "" for none.
	opened <-chan string
	// called tells that the program was started once more.
	called <-chan struct{}
	// bare tells, once, that the desktop shows no icons.
	bare <-chan struct{}
	// ended is closed when the session is over.
	ended <-chan struct{}
	// close ends it and waits for what runs in it.
	close func() error
}

// notice is a notification with what the desktop needs beside its text.
type notice struct {
	view.Notification
	kind view.Kind // chooses the picture
	open string    // the word for opening the window
}
