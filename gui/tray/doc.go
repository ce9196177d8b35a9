// Package tray is the resident half of what an employee sees: an icon that tells the state of
// this machine, a menu, and notifications. It asks the agent by [api.Client], has the words
// from gui/view, and starts the window for everything that needs more room than a menu.
//
// [Run] holds one icon for as long as the desktop session lives. It waits for events only, of
// the agent, the panel and the notification service, and so costs nothing while nothing
// happens. Of a session there is one tray: a second start asks the first to open the window.
package tray
