//go:build cgo || ci

package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"

	"beagle/gui/view"
)

var errNoFolder = errors.New("it is no folder, or not there any more")

// opener hands screens and folders to the system.
func opener(a fyne.App) func(view.Action) error {
	return func(action view.Action) error {
		to, err := target(action)
		if err != nil {
			return err
		}
		if err := a.OpenURL(to); err != nil {
			return fmt.Errorf("open %q: %w", action.Payload, err)
		}
		return nil
	}
}

// target is the address of what an action opens. The system starts whatever it is given, so
// nothing but a screen of its settings or a folder that is one now comes through.
func target(action view.Action) (*url.URL, error) {
	switch action.Kind {
	case view.ActionSettings:
		to, err := url.Parse(action.Payload)
		if err != nil {
			return nil, fmt.Errorf("open the settings: %w", err)
		}
		if to.Scheme != "ms-settings" && to.Scheme != "x-apple.systempreferences" {
			return nil, fmt.Errorf("open %q: not a screen of the settings", action.Payload)
		}
		return to, nil
	case view.ActionFolder:
		info, err := os.Stat(action.Payload)
		if err != nil || !info.IsDir() || !filepath.IsAbs(action.Payload) {
			return nil, fmt.Errorf("open %q: %w", action.Payload, errNoFolder)
		}
		return folderURL(action.Payload), nil
	}
	return nil, fmt.Errorf("open %q: %q is no kind of action that opens anything", action.Payload, action.Kind)
}

func folderURL(path string) *url.URL {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive
		path = "/" + path
	}
	return &url.URL{Scheme: "file", Path: path}
}
