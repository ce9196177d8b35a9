package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// systemOnly gives a folder and everything in it to the system and the administrators, and
// inherits nothing (https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format).
const systemOnly = "O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"

// secureFolder makes a folder for the system alone. Every user may make folders in
// %ProgramData%, and so make ours before we do and keep an open door to it. One that belongs
// to somebody else is therefore set aside, with all that is in it, and not repaired.
func secureFolder(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	err := makeSecure(dir)
	if !errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		return err
	}
	trusted, err := ownedBySystem(dir)
	if err != nil {
		return err
	}
	if trusted {
		return setAccess(dir)
	}
	aside := dir + ".untrusted-" + time.Now().UTC().Format("20060102T150405Z")
	if err := os.Rename(dir, aside); err != nil {
		return fmt.Errorf("somebody else made it, and it cannot be set aside: %w", describe(err))
	}
	return makeSecure(dir)
}

func makeSecure(dir string) error {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return err
	}
	access, err := windows.SecurityDescriptorFromString(systemOnly)
	if err != nil {
		return err
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: access}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	return windows.CreateDirectory(name, attributes)
}

// ownedBySystem reports whether dir is a real folder, no link to one, and belongs to the
// system, to the administrators or to whom this runs as. None of them can be named as the
// owner by an ordinary user.
func ownedBySystem(dir string) (bool, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return false, err
	}
	const flags = windows.FILE_FLAG_BACKUP_SEMANTICS | windows.FILE_FLAG_OPEN_REPARSE_POINT
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	handle, err := windows.CreateFile(name, windows.READ_CONTROL|windows.FILE_READ_ATTRIBUTES, share, nil, windows.OPEN_EXISTING, flags, 0)
	if err != nil {
		return false, fmt.Errorf("ask whose it is: %w", err)
	}
	defer windows.CloseHandle(handle)
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(handle, &info); err != nil {
		return false, fmt.Errorf("ask what it is: %w", err)
	}
	const kind = windows.FILE_ATTRIBUTE_DIRECTORY | windows.FILE_ATTRIBUTE_REPARSE_POINT
	if info.FileAttributes&kind != windows.FILE_ATTRIBUTE_DIRECTORY {
		return false, nil
	}
	security, err := windows.GetSecurityInfo(handle, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return false, fmt.Errorf("ask whose it is: %w", err)
	}
	owner, _, err := security.Owner()
	if err != nil || owner == nil {
		return false, errors.Join(errors.New("it belongs to nobody"), err)
	}
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return false, fmt.Errorf("ask who runs this: %w", err)
	}
	return owner.IsWellKnown(windows.WinLocalSystemSid) || owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) ||
		owner.Equals(me.User.Sid), nil
}

// setAccess mends the access to a folder of ours that an administrator may have changed, and
// to what inherits it.
func setAccess(dir string) error {
	access, err := windows.SecurityDescriptorFromString(systemOnly)
	if err != nil {
		return err
	}
	owner, _, err := access.Owner()
	if err != nil {
		return err
	}
	list, _, err := access.DACL()
	if err != nil {
		return err
	}
	const what = windows.OWNER_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	if err := windows.SetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, what, owner, nil, list, nil); err != nil {
		return fmt.Errorf("keep others out: %w", err)
	}
	return nil
}
