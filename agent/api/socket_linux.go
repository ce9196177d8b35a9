package api

import "golang.org/x/sys/unix"

// listener returns the user who listens at the other end of a socket: for the side that
// connected, these are the credentials at the time of listen(2) (unix(7), SO_PEERCRED).
func listener(fd int) (uint32, error) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, err
	}
	return cred.Uid, nil
}
