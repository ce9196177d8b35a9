package local

import (
	"runtime"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// accountOf returns the SID of the process that opened a pipe, "" if it cannot be told. The
// process may have ended and its number be another's by now, so that this is good for
// counting only.
func accountOf(pipe windows.Handle) string {
	var pid uint32
	if err := windows.GetNamedPipeClientProcessId(pipe, &pid); err != nil {
		return ""
	}
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return ""
	}
	defer windows.CloseHandle(process)
	var token windows.Token
	if err := windows.OpenProcessToken(process, windows.TOKEN_QUERY, &token); err != nil {
		return ""
	}
	defer token.Close()
	u, err := token.GetTokenUser()
	if err != nil {
		return ""
	}
	return u.User.Sid.String()
}

// clientOf finds out who opened the pipe by being them for a moment. A thread that cannot
// become itself again is not used any more: the goroutine ends without giving it back.
func clientOf(pipe windows.Handle) (Viewer, error) {
	type answer struct {
		who Viewer
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		runtime.LockOSThread()
		token, err := impersonate(pipe)
		if reverted := windows.RevertToSelf(); reverted == nil {
			runtime.UnlockOSThread()
		}
		if err != nil {
			answers <- answer{err: err}
			return
		}
		defer token.Close()
		who, err := viewerOfToken(token)
		answers <- answer{who, err}
	}()
	a := <-answers
	return a.who, a.err
}

// impersonate turns the thread into the client, as far as the client lets it: to identify is
// enough. An anonymous client has no token that could be opened.
func impersonate(pipe windows.Handle) (windows.Token, error) {
	proc := windows.NewLazySystemDLL("advapi32.dll").NewProc("ImpersonateNamedPipeClient")
	if err := proc.Find(); err != nil {
		return 0, err
	}
	if ok, _, err := proc.Call(uintptr(pipe)); ok == 0 {
		return 0, err
	}
	var token windows.Token
	err := windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY, true, &token)
	return token, err
}

func viewerOfToken(token windows.Token) (Viewer, error) {
	u, err := token.GetTokenUser()
	if err != nil {
		return Viewer{}, err
	}
	admin, err := isAdmin(token)
	if err != nil {
		return Viewer{}, err
	}
	sid := u.User.Sid
	who := Viewer{ID: sid.String(), Owner: profileOf(sid.String()), Admin: admin}
	// An account of a domain that cannot be reached has no name now.
	if account, _, _, err := sid.LookupAccount(""); err == nil {
		who.Account = account
	}
	return who, nil
}

// isAdmin reports whether a token has the rights of an administrator now, which that of a
// person gets by confirming; 0 is the token of this process.
func isAdmin(token windows.Token) (bool, error) {
	admins, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return false, err
	}
	return token.IsMember(admins)
}

// profileOf returns the name of a user's folder, by which records know their owner, "" if
// the user has none. Two accounts of one name have folders of different names.
func profileOf(sid string) string {
	const list = `SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\`
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, list+sid, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer key.Close()
	path, _, err := key.GetStringValue("ProfileImagePath")
	if err != nil {
		return ""
	}
	path = strings.TrimRight(path, `\`)
	return path[strings.LastIndexByte(path, '\\')+1:]
}
