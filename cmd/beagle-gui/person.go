//go:build cgo || ci

package main

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"

	"fyne.io/fyne/v2/lang"

	"beagle/gui/view"
)

// System returns the real world. What it does not tell is left out: the window does without.
func System() Env {
	return Env{
		Stdout: os.Stdout, Stderr: os.Stderr, Socket: os.Getenv("BEAGLE_SOCKET"),
		Folder: folder(), Display: display(), Languages: languages(), Viewer: viewer(),
	}
}

// ownOS is the system as records call it.
func ownOS() string {
	if runtime.GOOS == "darwin" {
		return "macos"
	}
	return runtime.GOOS
}

// viewer is the name under which records belong to the person: the account on Linux, the
// folder of the home elsewhere, as the agent has it; "" if neither is known.
func viewer() string {
	if runtime.GOOS == "linux" {
		me, err := user.Current()
		if err != nil {
			return ""
		}
		return me.Username
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Base(home)
}

// languages are those of the environment, else the one of the system.
func languages() []string {
	if list := view.LanguagesOf(os.Getenv); len(list) > 0 || runtime.GOOS == "linux" {
		return list
	}
	return []string{lang.SystemLocale().LanguageString()}
}

func printerFor(env Env) *view.Printer { return view.NewPrinter(env.Languages...) }

// display names the session, where a person may have several.
func display() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	if name := os.Getenv("WAYLAND_DISPLAY"); name != "" {
		return name
	}
	return os.Getenv("DISPLAY")
}

// folder is where the programs of a person find each other, "" if there is none.
func folder() string {
	// https://specifications.freedesktop.org/basedir-spec/latest/
	if dir := os.Getenv("XDG_RUNTIME_DIR"); runtime.GOOS == "linux" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "beagle")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "beagle")
}
