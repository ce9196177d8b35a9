package detectors

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"beagle/detectors/catalog"
)

// maxUsers bounds the profiles of one host. A terminal server has hundreds; more than this
// is a broken list.
const maxUsers = 10_000

// readUsers lists the profiles of a host, also of people who are logged off. An error means
// that some may be missing; those found are returned with it.
func readUsers(_ context.Context, host *Host) ([]User, error) {
	var users []User
	var err error
	switch host.OS {
	case catalog.Windows:
		users, err = windowsUsers(host)
	case catalog.MacOS:
		users, err = homesIn(host, "/Users", "Shared", "Guest", ".localized")
	default:
		users, err = linuxUsers(host)
	}
	// One name may have two homes, such as a moved one and the folder left behind: both count.
	slices.SortStableFunc(users, func(a, b User) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Home, b.Home))
	})
	users = slices.CompactFunc(users, func(a, b User) bool { return a.Name == b.Name && a.Home == b.Home })
	for i := range users {
		if real, err := host.Files.Resolve(users[i].Home); err == nil {
			users[i].Real = real
		}
		if users[i].Name == catalog.MachineOwner { // a person, not the machine
			users[i].Name = "user " + catalog.MachineOwner
		}
	}
	if len(users) > maxUsers {
		return users[:maxUsers], fmt.Errorf("more than %d profiles", maxUsers)
	}
	return users, err
}

// linuxUsers joins the people of /etc/passwd with the folders of /home: people of a
// directory service have a home but no line.
func linuxUsers(host *Host) ([]User, error) {
	data, err := host.ReadFile("/etc/passwd", 16<<20)
	if errors.Is(err, fs.ErrNotExist) && host.Offline {
		err = nil
	}
	users, listErr := parsePasswd(data)
	users = slices.DeleteFunc(users, func(u User) bool {
		info, err := host.Files.Stat(u.Home)
		return errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir()
	})
	more, homeErr := homesIn(host, "/home", "lost+found")
	for _, u := range more {
		if !slices.ContainsFunc(users, func(v User) bool { return v.Home == u.Home }) {
			users = append(users, u)
		}
	}
	return users, errors.Join(err, listErr, homeErr)
}

// parsePasswd returns those lines of passwd(5) that stand for people: root, and everyone
// from uid 1000 (login.defs(5), UID_MIN) but nobody, or with a home under /home.
func parsePasswd(data []byte) ([]User, error) {
	const uidMin, nobody = 1000, 65534
	var users []User
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) < 6 || fields[0] == "" || !strings.HasPrefix(fields[5], "/") || fields[5] == "/" {
			continue
		}
		uid, err := strconv.Atoi(fields[2])
		if err != nil {
			continue
		}
		person := uid == 0 || uid >= uidMin && uid != nobody || strings.HasPrefix(fields[5], "/home/")
		if person {
			users = append(users, User{Name: fields[0], ID: fields[2], Home: strings.TrimRight(fields[5], "/")})
		}
	}
	if err := lines.Err(); err != nil {
		return users, fmt.Errorf("read the list of users: %w", err)
	}
	return users, nil
}

// homesIn takes every folder in dir for a home named like its user.
func homesIn(host *Host, dir string, except ...string) ([]User, error) {
	entries, err := host.Files.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the homes: %w", err)
	}
	var users []User
	for _, e := range entries {
		skip := slices.ContainsFunc(except, func(name string) bool { return strings.EqualFold(name, e.Name()) })
		if e.IsDir() && !skip {
			users = append(users, User{Name: e.Name(), ID: e.Name(), Home: host.Join(dir, e.Name())})
		}
	}
	return users, nil
}

// profileList is where Windows keeps its profiles.
const profileList = `HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList`

// windowsUsers joins the registered profiles with the folders of C:\Users: either can be
// missing on a disk image or a broken machine.
func windowsUsers(host *Host) ([]User, error) {
	users, err := registeredProfiles(host)
	users = slices.DeleteFunc(users, func(u User) bool { return host.Absent(u.Home) })
	folders, dirErr := homesIn(host, `C:\Users`, "Public", "Default", "Default User", "All Users", "defaultuser0")
	for _, u := range folders {
		if !slices.ContainsFunc(users, func(v User) bool { return strings.EqualFold(v.Home, u.Home) }) {
			users = append(users, u)
		}
	}
	return users, errors.Join(err, dirErr)
}

func registeredProfiles(host *Host) ([]User, error) {
	list, err := host.Registry.Key(profileList)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the profile list: %w", err)
	}
	sids, err := list.Subkeys()
	if err != nil {
		err = fmt.Errorf("read the profile list: %w", err)
	}
	var users []User
	for _, sid := range sids {
		// The system's own accounts, which lie in the folder of Windows. Services can have
		// accounts with profiles like those of people (S-1-5-80, S-1-5-82)
		// (https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers).
		if slices.Contains([]string{"S-1-5-18", "S-1-5-19", "S-1-5-20"}, sid) {
			continue
		}
		key, keyErr := list.Key(sid)
		if keyErr != nil {
			err = errors.Join(err, fmt.Errorf("read the profile %s: %w", sid, keyErr))
			continue
		}
		home, ok := key.Value("ProfileImagePath")
		home = strings.TrimRight(ExpandWindows(home, User{}), `\`)
		if ok && len(home) > 3 {
			users = append(users, User{Name: home[strings.LastIndexByte(home, '\\')+1:], ID: sid, Home: home})
		}
	}
	return users, err
}

// ExpandWindows replaces a leading variable, such as %LOCALAPPDATA%, as it stands for user.
func ExpandWindows(path string, user User) string {
	for name, value := range map[string]string{
		"%systemdrive%": "C:", "%systemroot%": `C:\Windows`, "%windir%": `C:\Windows`,
		"%programfiles%": `C:\Program Files`, "%programfiles(x86)%": `C:\Program Files (x86)`,
		"%programdata%": `C:\ProgramData`, "%userprofile%": user.Home,
		"%localappdata%": user.Home + `\AppData\Local`, "%appdata%": user.Home + `\AppData\Roaming`,
	} {
		if len(path) >= len(name) && strings.EqualFold(path[:len(name)], name) {
			return value + path[len(name):]
		}
	}
	return path
}

// Absent reports whether a Windows path is known not to be there. What lies on a drive that is
// not there either may well be where it was: the drive is unplugged, or is another disk of a
// machine of which one is being looked at. Nor does a refused look say anything.
func (h *Host) Absent(path string) bool {
	const drive = `C:\`
	_, err := h.Files.Stat(path)
	if len(path) < len(drive) || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return false
	}
	_, err = h.Files.Stat(path[:len(drive)])
	return err == nil
}

// Profiles says whose profiles there are and which of them cannot be looked into, so that a
// closed home is never taken for a clean one.
func Profiles() Probe {
	return Probe{Name: "profiles", Unit: "profiles", Look: func(ctx context.Context, host *Host, out *Report) {
		if host.UsersErr != nil {
			out.Area(catalog.MachineOwner).Unread("the list of users", host.UsersErr)
		}
		for _, user := range host.Users {
			area := out.Area("user:" + user.Name)
			area.Examined(1)
			if _, err := host.Files.ReadDir(user.Home); err != nil && ctx.Err() == nil {
				area.Unread(user.Home, err)
			}
		}
	}}
}
