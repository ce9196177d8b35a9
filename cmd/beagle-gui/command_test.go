//go:build cgo || ci

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"beagle/gui/view"
)

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
		page string // "": it ends at once
	}{
		{"none", nil, exitDone, "", "findings"},
		{"a page", []string{"--show", "record:abc", "--socket", "/x", "--theme", "dark"}, exitDone, "", "record:abc"},
		{"the version", []string{"--version"}, exitDone, "beagle-gui ", ""},
		{"help", []string{"--help"}, exitDone, "-show page", ""},
		{"an argument", []string{"about"}, exitUsage, `"about"`, ""},
		{"an option that is none", []string{"--shout"}, exitUsage, "shout", ""},
		{"a theme that is none", []string{"--theme", "pink"}, exitUsage, `"pink"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			o, code := parse(c.args, Env{Stdout: &out, Stderr: &out})
			if code != c.code || !strings.Contains(out.String(), c.says) || (o == nil) != (c.page == "") {
				t.Fatalf("got code %d, options %+v, output %q", code, o, out.String())
			}
			if o != nil && o.page != c.page {
				t.Errorf("got page %q, want %q", o.page, c.page)
			}
		})
	}
}

func TestSocket(t *testing.T) {
	if got := socketOf("/named", Env{Socket: "/env"}); got != "/named" {
		t.Errorf("got %q", got)
	}
	if got := socketOf("", Env{Socket: "/env"}); got != "/env" {
		t.Errorf("got %q", got)
	}
}

// TestTarget hands nothing to the system but a folder or a screen of its settings.
func TestTarget(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "run.desktop")
	if err := os.WriteFile(file, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		action view.Action
		want   string // "": refused
	}{
		{"a folder", view.Action{Kind: view.ActionFolder, Payload: dir}, folderURL(dir).String()},
		{"a file", view.Action{Kind: view.ActionFolder, Payload: file}, ""},
		{"what is gone", view.Action{Kind: view.ActionFolder, Payload: filepath.Join(dir, "gone")}, ""},
		{"a relative folder", view.Action{Kind: view.ActionFolder, Payload: "."}, ""},
		{"settings of Windows", view.Action{Kind: view.ActionSettings, Payload: "ms-settings:appsfeatures"}, "ms-settings:appsfeatures"},
		{"a page of the web", view.Action{Kind: view.ActionSettings, Payload: "https://example.org"}, ""},
		{"a program", view.Action{Kind: view.ActionSettings, Payload: "file:///bin/sh"}, ""},
		{"no address", view.Action{Kind: view.ActionSettings, Payload: "%"}, ""},
		{"a text", view.Action{Kind: view.ActionCopy, Payload: dir}, ""},
	} {
		got, err := target(c.action)
		switch {
		case c.want == "" && err == nil:
			t.Errorf("%s: opens %q", c.name, got)
		case c.want != "" && (err != nil || got.String() != c.want):
			t.Errorf("%s: got %v, %v, want %q", c.name, got, err, c.want)
		}
	}
	if got := folderURL("/home/a b/金山#1").String(); got != "file:///home/a%20b/%E9%87%91%E5%B1%B1%231" {
		t.Errorf("got %q", got)
	}
	if runtime.GOOS == "windows" {
		if got := folderURL(`C:\Program Files`).String(); got != "file:///C:/Program%20Files" {
			t.Errorf("got %q", got)
		}
	}
}

// TestIcon keeps the window's icon the same as the launcher's.
func TestIcon(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("..", "..", "packaging", "linux", "icons", "beagle-128.png"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(icon, want) {
		t.Error("icon.png is not packaging/linux/icons/beagle-128.png: copy it")
	}
}
