package settings

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestDefaultPlaces(t *testing.T) {
	t.Setenv("BEAGLE_LOG_LEVEL", "debug")
	system, own := DefaultPlaces(true), DefaultPlaces(false)
	if system.File == own.File || filepath.Base(system.File) != "settings.yaml" || filepath.Base(own.File) != "settings.yaml" {
		t.Errorf("got %q and %q, want two settings files", system.File, own.File)
	}
	if system.Named || !slices.Contains(system.Environ, "BEAGLE_LOG_LEVEL=debug") {
		t.Errorf("got %+v, want a file that may be missing, and the environment", system)
	}
	if (system.Policy != "") != (runtime.GOOS == "windows") || (system.Preferences != "") != (runtime.GOOS == "darwin") {
		t.Errorf("got %+v on %s", system, runtime.GOOS)
	}
}

func TestUserWithoutHome(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems find the folder in other ways")
	}
	t.Setenv("HOME", "")
	t.Setenv("XDG_CONFIG_HOME", "")
	if got := DefaultPlaces(false).File; got != "" {
		t.Errorf("got %q, want no file", got)
	}
	t.Setenv("XDG_CONFIG_HOME", "/x")
	if got := DefaultPlaces(false).File; got != "/x/beagle/settings.yaml" {
		t.Errorf("got %q", got)
	}
}

func TestFingerprint(t *testing.T) {
	dir := folder(t)
	places := Places{File: filepath.Join(dir, "settings.yaml"), Preferences: filepath.Join(dir, "managed.plist")}
	seen := map[string]string{}
	// Whatever happens to a file changes the fingerprint; looking at it does not.
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"nothing there", func() error { return nil }},
		{"made", func() error { return os.WriteFile(places.File, []byte("a: 1\n"), 0o600) }},
		{"written over, same length", func() error {
			next := filepath.Join(dir, "next")
			if err := os.WriteFile(next, []byte("b: 1\n"), 0o600); err != nil {
				return err
			}
			return os.Rename(next, places.File)
		}},
		{"longer", func() error { return os.WriteFile(places.File, []byte("bb: 1\n"), 0o600) }},
		{"other mode", func() error { return os.Chmod(places.File, 0o444) }},
		{"preferences", func() error { return os.WriteFile(places.Preferences, []byte("x"), 0o600) }},
		{"gone", func() error { return os.Remove(places.File) }},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		now := places.Fingerprint()
		if before, ok := seen[now]; ok {
			t.Errorf("%s: the same fingerprint as %s: %q", step.name, before, now)
		}
		seen[now] = step.name
		if _, err := Resolve(Places{File: places.File, Preferences: filepath.Join(dir, "none")}); err == nil && step.name == "made" {
			t.Error("an unknown key passed")
		}
		if again := places.Fingerprint(); again != now {
			t.Errorf("%s: reading changed the fingerprint from %q to %q", step.name, now, again)
		}
	}
}

func TestReload(t *testing.T) {
	// Given settings in force,
	path := written(t, "schedule: {inventory: 30m}\n")
	places := Places{File: path}
	before := resolved(t, places)
	// when the file is written anew, then what changed is named;
	if err := os.WriteFile(path, []byte("schedule: {inventory: 45m}\nlog: {level: warn}\nbans: [{app: x, since: 2026-01-01}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	after := resolved(t, places)
	if got, want := after.Changed(before), []string{"bans", "schedule.inventory", "log.level"}; !slices.Equal(got, want) {
		t.Errorf("changed: got %q, want %q", got, want)
	}
	// when it is broken, then there are no settings that could be taken by mistake.
	if err := os.WriteFile(path, []byte("schedule: {inventory: 45}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := Resolve(places); r != nil || err == nil {
		t.Errorf("got %v, %v", r, err)
	}
}
