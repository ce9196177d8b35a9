package settings

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// What it takes to read a file, and to change it or who may.
const (
	readRights  = windows.FILE_READ_DATA | windows.GENERIC_READ | windows.GENERIC_ALL
	writeRights = windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.DELETE | windows.WRITE_DAC |
		windows.WRITE_OWNER | windows.GENERIC_WRITE | windows.GENERIC_ALL
)

// exposureOf goes by owner and access list. The system, administrators and whoever runs the
// agent may do everything.
func exposureOf(f *os.File) (exposure, error) {
	const what = windows.OWNER_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION
	descriptor, err := windows.GetSecurityInfo(windows.Handle(f.Fd()), windows.SE_FILE_OBJECT, what)
	if err != nil {
		return exposure{}, err
	}
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return exposure{}, err
	}
	owner, _, err := descriptor.Owner()
	if err != nil {
		return exposure{}, err
	}
	var e exposure
	if owner == nil || !insider(owner, me.User.Sid) {
		e.owner = fmt.Sprintf("%s owns the file: run: icacls %s /setowner *S-1-5-32-544", account(owner), quoted(f.Name()))
	}
	acl, _, err := descriptor.DACL()
	if err != nil && !errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND) { // without a list everybody may
		return exposure{}, err
	}
	repair := fmt.Sprintf("icacls %s /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F", quoted(f.Name()))
	if !me.User.Sid.IsWellKnown(windows.WinLocalSystemSid) {
		repair += " *" + me.User.Sid.String() + ":F"
	}
	if who := outsider(acl, me.User.Sid, writeRights); who != "" {
		e.writable = fmt.Sprintf("%s can write to the file: run: %s", who, repair)
	}
	if who := outsider(acl, me.User.Sid, readRights); who != "" {
		e.readable = fmt.Sprintf("%s can read the file: run: %s", who, repair)
	}
	return e, nil
}

// quoted makes a path one word of a command; no path has quotes in it.
func quoted(path string) string {
	return `"` + path + `"`
}

func insider(sid, me *windows.SID) bool {
	return sid.IsWellKnown(windows.WinLocalSystemSid) || sid.IsWellKnown(windows.WinBuiltinAdministratorsSid) || sid.Equals(me)
}

// outsider names the first who is allowed any of the rights and should not be. Entries that
// deny are left out: the order in which they count is not for this place to judge.
func outsider(acl *windows.ACL, me *windows.SID, rights windows.ACCESS_MASK) string {
	if acl == nil {
		return "everybody"
	}
	for i := range uint32(acl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(acl, i, &ace); err != nil {
			return "somebody" // who cannot be told is not trusted
		}
		if ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 || ace.Mask&rights == 0 {
			continue
		}
		if sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart)); !insider(sid, me) {
			return account(sid)
		}
	}
	return ""
}

// account names who a person knows, or else the identifier.
func account(sid *windows.SID) string {
	if sid == nil {
		return "nobody"
	}
	name, domain, _, err := sid.LookupAccount("")
	switch {
	case err != nil:
		return sid.String()
	case domain == "":
		return name
	}
	return domain + `\` + name
}

// fileStamp changes when a file does.
func fileStamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %d %v", info.Size(), info.ModTime().UnixNano(), info.Mode())
}
