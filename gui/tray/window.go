package tray

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"beagle/gui/view"
)

// windowProgram is the program that shows the window.
const windowProgram = "beagle-gui"

// window starts the program that shows the window, which sees to it itself that there is only
// one: a second start shows the page in the first.
type window struct {
	own    string // path of this program
	socket string // of the agent to ask, "" for the system's
	log    *slog.Logger
}

// find returns the program beside this one, or else from the PATH.
func (w *window) find() (string, error) {
	name := windowProgram
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if w.own != "" {
		beside := filepath.Join(filepath.Dir(w.own), name)
		info, err := os.Stat(beside)
		if err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("find the window: %w", err)
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("find the window: %w", err)
	}
	return path, nil
}

// open shows a page. The window outlives the tray.
func (w *window) open(page string) error {
	path, err := w.find()
	if err != nil {
		return err
	}
	var args []string
	if w.socket != "" {
		args = append(args, "--socket", w.socket)
	}
	if page != "" {
		args = append(args, "--show", page)
	}
	cmd := exec.Command(path, args...)
	cmd.Stderr = os.Stderr
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the window: %w", err)
	}
	// Somebody must wait for it, or it would stay in the table of processes.
	go func() {
		if err := cmd.Wait(); err != nil {
			w.log.Warn("the window ended badly", "error", err)
		}
	}()
	return nil
}

// pageOf is the page of the window that an item of the menu or a notification opens.
func pageOf(item view.Item) string {
	switch item.ID {
	case view.ItemFinding:
		return pageOfRecord(item.Record)
	case view.ItemSent:
		return "sent"
	case view.ItemAbout:
		return "about"
	}
	return ""
}

func pageOfRecord(id string) string {
	if id == "" {
		return ""
	}
	return "record:" + id
}
