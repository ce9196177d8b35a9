package watch_test

import (
	"testing"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"beagle/detectors/watch"
)

func TestKeysOfTheRegistry(t *testing.T) {
	// Given a key that is not there, in the hive of whoever runs this,
	who, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	const path = `Software\Beagle watch test`
	key := `HKU\` + who.User.Sid.String() + `\` + path
	for _, sub := range []string{`\a`, `\b`, ``} {
		_ = registry.DeleteKey(registry.CURRENT_USER, path+sub) // what an earlier run left
	}
	w := watch.New(liveHost(t), watch.Options{Processes: watch.Off, Poll: quickly, Folders: []watch.Folder{{Topic: "uninstall", Dir: key}}})
	s := start(t, w.Quiet(quickly))
	create := func(path string) {
		k, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(path string) {
		if err := registry.DeleteKey(registry.CURRENT_USER, path); err != nil {
			t.Fatal(err)
		}
	}
	// when it appears, when keys are added to it and removed, and when it vanishes, then each is told.
	s.changed("uninstall", func() { create(path) })
	s.changed("uninstall", func() { create(path + `\a`) })
	s.changed("uninstall", func() { create(path + `\b`) })
	s.changed("uninstall", func() { remove(path + `\a`) })
	s.changed("uninstall", func() {
		remove(path + `\b`)
		remove(path)
	})
}
