package detectors_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
)

func needLinks(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("links and FIFOs need a Unix file system")
	}
}

func read(t *testing.T, host *detectors.Host, name string) (string, error) {
	t.Helper()
	f, err := host.Files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	return string(data), err
}

func TestLinksStayInTheRoot(t *testing.T) {
	needLinks(t)
	// Given a tree with links of every kind, and a file outside of it,
	host := hosttest.New(t, `
link: /absolute -> /etc/inside
link: /relative -> etc/inside
link: /climbing -> ../../../../../../etc/inside
link: /etc/up -> ../etc/../etc/inside
link: /loop -> /loop
link: /a -> /b
link: /b -> /a
link: /dangling -> /nowhere
link: /dir -> /etc
-- etc/inside --
inside
`)
	for _, c := range []struct {
		name, want string
		err        error
	}{
		{"/absolute", "inside\n", nil},
		{"/relative", "inside\n", nil},
		{"/climbing", "inside\n", nil}, // ".." at the root is the root, as in a chroot
		{"/etc/up", "inside\n", nil},
		{"/dir/inside", "inside\n", nil},
		{"/../../etc/inside", "inside\n", nil},
		{"/loop", "", syscall.ELOOP},
		{"/a", "", syscall.ELOOP},
		{"/dangling", "", fs.ErrNotExist},
	} {
		// when a name is read, then what is in the tree answers, and nothing else.
		got, err := read(t, host, c.name)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: got %q, %v; want %q, %v", c.name, got, err, c.want, c.err)
		}
	}
}

func TestLinkOutOfTheRoot(t *testing.T) {
	needLinks(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}
	host := hosttest.New(t, "link: /etc/secret -> "+secret+"\nlink: /etc/dir -> "+filepath.Dir(secret)+"\n-- etc/x --\n")
	for _, name := range []string{"/etc/secret", "/etc/dir/secret"} {
		if got, err := read(t, host, name); err == nil {
			t.Errorf("%s leads outside and gives %q", name, got)
		}
	}
	if _, err := host.Files.ReadDir("/etc/dir"); err == nil {
		t.Error("a folder outside can be listed")
	}
}

func TestOnlyRegularFilesAreOpened(t *testing.T) {
	needLinks(t)
	host := hosttest.New(t, "fifo: /etc/pipe\ndir: /etc/dir\nlink: /etc/link -> pipe\n-- etc/x --\n")
	for _, name := range []string{"/etc/pipe", "/etc/dir", "/etc/link"} {
		if _, err := read(t, host, name); !errors.Is(err, detectors.ErrNotRegular) {
			t.Errorf("%s: got %v, want %v", name, err, detectors.ErrNotRegular)
		}
	}
	live, err := detectors.Live(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(host.Root, "etc/pipe"), "/dev/null"} {
		if _, err := live.Files.Open(name); !errors.Is(err, detectors.ErrNotRegular) {
			t.Errorf("live %s: got %v, want %v", name, err, detectors.ErrNotRegular)
		}
	}
}

func TestWindowsNames(t *testing.T) {
	host := hosttest.New(t, "os: windows\n-- Windows/System32/Drivers/ETC/hosts --\nx\n-- Users/Zoë/Ä.txt --\ny\n")
	for _, name := range []string{`C:\windows\SYSTEM32\drivers\etc\HOSTS`, `c:/Windows/System32/drivers/etc/hosts`, `C:\users\ZOË\ä.TXT`} {
		if _, err := read(t, host, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read(t, host, `D:\Users\x`); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another drive: got %v", err)
	}
	// When a name is resolved, then it comes back as the tree spells it.
	if got, err := host.Files.Resolve(`c:\windows\system32`); got != `C:\Windows\System32` || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got := host.HostPath(host.Local(`C:\Users\Zoë`)); got != `C:\Users\Zoë` {
		t.Errorf("there and back: got %q", got)
	}
}

func TestWinePrefixIsAWindowsHost(t *testing.T) {
	// Given a Wine prefix as its folder lies on a Linux disk,
	host := hosttest.New(t, `
os: windows
-- drive_c/windows/system32/kernel32.dll --
-- drive_c/users/alice/file.txt --
hello
-- system.reg --
WINE REGISTRY Version 2
;; All keys relative to REGISTRY\\Machine

[Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\QQ] 1699999999
"DisplayName"="QQ"
-- user.reg --
WINE REGISTRY Version 2
;; All keys relative to REGISTRY\\User\\S-1-5-21-0-0-0-1000

[Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\Shell Folders] 1699999999
"AppData"="C:\\users\\alice\\AppData\\Roaming"

[Software\\Kingsoft] 1699999999
"Mine"="yes"
`)
	// then its drive, its machine's and its user's registry are read.
	if got, _ := read(t, host, `C:\users\alice\file.txt`); got != "hello\n" {
		t.Errorf("got %q", got)
	}
	key, err := host.Registry.Key(`HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\qq`)
	if err != nil {
		t.Fatal(err)
	}
	if name, _ := key.Value("displayname"); name != "QQ" {
		t.Errorf("got %q", name)
	}
	if len(host.Users) != 1 || host.Users[0].Name != "alice" {
		t.Fatalf("users: %v", host.Users)
	}
	mine, err := host.Registry.Key(`HKU\alice\Software\Kingsoft`)
	if err != nil {
		t.Fatal(err)
	}
	if value, _ := mine.Value("Mine"); value != "yes" {
		t.Errorf("got %q", value)
	}
}

func TestOfflineRefuses(t *testing.T) {
	empty := t.TempDir()
	file := filepath.Join(empty, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		root string
		os   catalog.OS
		want string
	}{
		{filepath.Join(empty, "missing"), catalog.Linux, "no such file"},
		{file, catalog.Linux, "not a folder"},
		{empty, catalog.Windows, "no windows system there"},
	} {
		_, err := detectors.Offline(context.Background(), c.root, c.os)
		if err == nil || runtime.GOOS != "windows" && !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), filepath.Base(c.root)) {
			t.Errorf("%s: got %v, want %q and the name", c.root, err, c.want)
		}
	}
}

func TestUsers(t *testing.T) {
	needLinks(t)
	// Given people of passwd, of a directory service, and accounts of the system,
	host := hosttest.New(t, `
dir: /home/dave
dir: /root
dir: /home/alice
dir: /var/lib/postgresql
-- etc/passwd --
root:x:0:0:root:/root:/bin/bash
postgres:x:114:120::/var/lib/postgresql:/bin/bash
alice:x:1000:1000::/home/alice:/bin/bash
gone:x:1001:1001::/home/gone:/bin/bash
nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin
broken line
`)
	var names []string
	for _, u := range host.Users {
		names = append(names, u.Name)
	}
	// then those with a home are listed, people only.
	if got := strings.Join(names, " "); got != "alice dave root" || host.UsersErr != nil {
		t.Errorf("got %q, %v", got, host.UsersErr)
	}
	for path, want := range map[string]string{
		"/home/alice/x": "alice", "/home/alice": "alice", "/home/alicex": "machine", "/opt/x": "machine", "": "machine",
	} {
		if got := host.OwnerOf(path); got != want {
			t.Errorf("owner of %q: got %q, want %q", path, got, want)
		}
	}
}

func TestOfflineRefusesOtherSystems(t *testing.T) {
	// Given roots of each system, when another system is looked for in them, then that is refused:
	// nothing would be found, and the answer would look clean.
	roots := map[catalog.OS]string{
		catalog.Linux:   "-- etc/passwd --\n-- usr/bin/x --\n-- var/lib/dpkg/status --\n",
		catalog.MacOS:   "-- Applications/x --\n-- System/Library/x --\n-- usr/lib/x --\n-- etc/hosts --\n",
		catalog.Windows: "-- Windows/System32/x --\n-- Users/x --\n-- Program Files/x --\n",
	}
	for holds, archive := range roots {
		dir := t.TempDir()
		if err := hosttest.Extract(archive, dir); err != nil {
			t.Fatal(err)
		}
		for _, asked := range catalog.Systems() {
			_, err := detectors.Offline(context.Background(), dir, asked)
			if (err == nil) != (asked == holds) {
				t.Errorf("a %s root taken for %s: %v", holds, asked, err)
			}
		}
	}
}

func TestHomesBehindLinks(t *testing.T) {
	needLinks(t)
	// Given homes that lie elsewhere, as on systems with /var/home,
	host := hosttest.New(t, "link: /home -> var/home\n-- var/home/alice/x --\n-- etc/passwd --\nalice:x:1000:1000::/home/alice:/bin/sh\n")
	for _, path := range []string{"/home/alice/x", "/var/home/alice/x"} {
		if got := host.OwnerOf(path); got != "alice" {
			t.Errorf("%s belongs to %q", path, got)
		}
	}
}

func TestLongLinesHideNoUsers(t *testing.T) {
	host := hosttest.New(t, "dir: /home/zoe\n-- etc/passwd --\nlong:x:1:1:"+strings.Repeat("x", 100_000)+":/:/bin/sh\nzoe:x:1000:1000::/home/zoe:/bin/sh\n")
	if len(host.Users) != 1 || host.Users[0].ID != "1000" || host.UsersErr != nil {
		t.Errorf("got %v, %v", host.Users, host.UsersErr)
	}
}
