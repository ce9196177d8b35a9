//go:build unix

package walk

import "golang.org/x/sys/unix"

// openDirectory makes the portable walker open directories only, and no links to them.
const openDirectory = unix.O_DIRECTORY | unix.O_NOFOLLOW
