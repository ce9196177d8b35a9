package walk_test

import (
	"os"
	"path/filepath"
	"testing"
)

// addOdd adds links out of the tree and back into it, if the user may make any.
func addOdd(t testing.TB, root string) {
	t.Helper()
	odd := mkdir(t, root, "odd")
	for name, target := range map[string]string{"out": t.TempDir(), "up": root, "dangling": "nothing"} {
		if err := os.Symlink(target, filepath.Join(odd, name)); err != nil {
			t.Logf("walking without link %q: %v", name, err)
		}
	}
}
