package tray

import (
	"context"
	"os"
	"path/filepath"
)

// openSession claims the place of the session's tray by a socket in the folder of the tray's
// memory. macOS shows notifications of signed bundles only, which packages will make; until
// then there are none.
func openSession(ctx context.Context, o Options) (session, error) {
	folder := o.State
	if folder == "" {
		folder = os.TempDir()
	}
	b, err := claimBell(ctx, filepath.Join(folder, "tray.sock"))
	if err != nil {
		return session{}, err
	}
	return session{called: b.called, close: b.close}, nil
}
