//go:build !windows

package main

import (
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"beagle/agent/api"
)

// socketChecks looks at who may use the socket, or put another one there.
func socketChecks(path string, system bool) []api.Check {
	c := api.Check{Code: api.CheckSocket, Status: api.CheckOK, Args: map[string]string{"socket": path}}
	socket, err := os.Lstat(path)
	var folder fs.FileInfo
	if err == nil {
		folder, err = os.Stat(filepath.Dir(path))
	}
	if err != nil {
		c.Status, c.Text = api.CheckUnknown, describe(err).Error()
		return []api.Check{c}
	}
	c.Args["mode"] = strconv.FormatUint(uint64(socket.Mode().Perm()), 8)
	c.Args["owner"] = ownerName(socket)
	switch problem := socketProblem(socket, folder, system); problem {
	case "":
	case "closed":
		c.Status, c.Args["problem"] = api.CheckWarning, problem
	default:
		c.Status, c.Args["problem"] = api.CheckError, problem
	}
	return []api.Check{c}
}

// socketProblem says what is wrong with a socket or its folder, "" if nothing is.
func socketProblem(socket, folder fs.FileInfo, system bool) string {
	switch {
	case socket.Mode().Type() != fs.ModeSocket:
		return "no_socket"
	case !rightful(socket, system):
		return "owner"
	case !rightful(folder, system):
		return "folder_owner"
	case folder.Mode().Perm()&0o022 != 0:
		return "folder_open" // whoever may write there can put another socket in its place
	case system && socket.Mode().Perm()&0o006 != 0o006:
		return "closed" // only root can ask, so that nobody's tray shows anything
	}
	return ""
}

// rightful reports whether something belongs to root or, unless it is the system's, to us.
func rightful(info fs.FileInfo, system bool) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || !system && int(stat.Uid) == os.Geteuid())
}

func ownerName(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	id := strconv.FormatUint(uint64(stat.Uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "user " + id
}
