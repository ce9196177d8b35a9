package api

import "golang.org/x/sys/unix"

// listener returns the user who listens at the other end of a socket (unix(4), LOCAL_PEERCRED:
// for the side that connected, the credentials at the time of listen(2)).
func listener(fd int) (uint32, error) {
	cred, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return 0, err
	}
	return cred.Uid, nil
}
