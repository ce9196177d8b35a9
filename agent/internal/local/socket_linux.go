package local

import "golang.org/x/sys/unix"

// peerUID returns who connected: the credentials at the time of connect(2) (unix(7),
// SO_PEERCRED). A user of another user namespace without a number in ours is 65534.
func peerUID(fd int) (uint32, error) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, err
	}
	return cred.Uid, nil
}
