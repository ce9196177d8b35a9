package icons_test

import (
	"testing"

	"beagle/gui/tray/icons"
	"beagle/gui/view"
)

func TestEveryStateHasItsIcon(t *testing.T) {
	seen := map[string]view.Kind{}
	for _, kind := range view.Kinds() {
		data, err := icons.Tray(string(kind))
		if err != nil {
			t.Error(err)
			continue
		}
		if other, twice := seen[string(data)]; twice {
			t.Errorf("%s and %s look the same", kind, other)
		}
		seen[string(data)] = kind
	}
	if _, err := icons.PNG("asleep"); err == nil {
		t.Error("an unknown state has an icon")
	}
}
