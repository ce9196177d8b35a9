package windows_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"beagle/detectors"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
	"beagle/detectors/windows"
)

const uninstall = `Microsoft\Windows\CurrentVersion\Uninstall`

// look runs the probe alone.
func look(t testing.TB, archive string) (map[string]catalog.Evidence, detectors.ProbeResult) {
	t.Helper()
	host := hosttest.New(t, archive)
	seen := detectors.Run(context.Background(), host, []detectors.Probe{windows.Uninstall()}, detectors.Limits{})
	found := map[string]catalog.Evidence{}
	for _, ev := range seen.Evidence {
		found[ev.Value] = ev
	}
	return found, seen.Probes[0]
}

func TestTarget(t *testing.T) {
	// Given a machine whose keys speak of files in every way that installers do,
	found, _ := look(t, `
os: windows
program: C:\Program Files\Acme, Inc\App\app.exe pe
program: C:\Program Files\No Quotes\bin\app.exe pe
dir: C:\Users\Public
-- Windows/System32/config/SOFTWARE.reg --
[`+uninstall+`\comma]
"DisplayIcon"="C:\\Program Files\\Acme, Inc\\App\\app.exe,0"
[`+uninstall+`\quoted]
"DisplayIcon"="\"C:\\Program Files\\Acme, Inc\\App\\app.exe\",-101"
[`+uninstall+`\unquoted]
"UninstallString"="C:\\Program Files\\No Quotes\\bin\\APP.EXE /S"
[`+uninstall+`\variable]
"InstallLocation"="%ProgramFiles%\\Acme, Inc\\"
[`+uninstall+`\gone]
"DisplayIcon"="C:\\Program Files\\Gone\\app.exe"
[`+uninstall+`\below-a-file]
"DisplayIcon"="C:\\Program Files\\No Quotes\\bin\\app.exe\\app.exe"
[`+uninstall+`\other-drive]
"DisplayIcon"="D:\\Acme\\app.exe"
[`+uninstall+`\half]
"DisplayIcon"="C:\\Program Files\\Gone\\app.exe"
"InstallLocation"="D:\\Acme"
[`+uninstall+`\msi]
"UninstallString"="MsiExec.exe /X{0}"
[`+uninstall+`\system]
"UninstallString"="C:\\Windows\\System32\\rundll32.exe x"
[`+uninstall+`\no-folder]
"DisplayIcon"="C:app.exe"
[`+uninstall+`\growing]
"UninstallString"="ȺȺȺȺȺȺ.exe"
`)
	for _, c := range []struct{ key, exists, root, gone string }{
		{"comma", "true", `C:\Program Files\Acme, Inc\App`, ""},
		{"quoted", "true", `C:\Program Files\Acme, Inc\App`, ""},
		{"unquoted", "true", `C:\Program Files\No Quotes\bin`, ""},
		{"variable", "unknown", `C:\Program Files\Acme, Inc`, ""},
		{"gone", "false", `C:\Program Files\Gone`, "target_missing"},
		{"below-a-file", "false", `C:\Program Files\No Quotes\bin\app.exe`, "target_missing"},
		// What lies on a drive that cannot be seen is not known to be gone.
		{"other-drive", "unknown", `D:\Acme`, ""},
		{"half", "unknown", `D:\Acme`, ""},
		{"msi", "", "", ""},
		{"system", "", "", ""},
		{"no-folder", "", "", ""},
		{"growing", "", "", ""}, // longer in lower case than as it stands
	} {
		// then each key says whether its files are there and which folder is its own.
		a := found[c.key].Attributes
		if a == nil {
			t.Errorf("%s: not reported", c.key)
		}
		if a["target_exists"] != c.exists || a[catalog.AttrRoot] != c.root || a[catalog.AttrGone] != c.gone {
			t.Errorf("%s: got exists %q, root %q, gone %q; want %q, %q, %q", c.key,
				a["target_exists"], a[catalog.AttrRoot], a[catalog.AttrGone], c.exists, c.root, c.gone)
		}
	}
}

const profileList = `Microsoft\Windows NT\CurrentVersion\ProfileList`

func TestProfiles(t *testing.T) {
	// Given profiles of every kind,
	app := "[Software\\" + uninstall + "\\%s]\n\"DisplayName\"=\"App\"\n"
	found, result := look(t, `
os: windows
dir: C:\Users\Public
dir: C:\Users\leftover
dir: C:\Users\emptied
-- Windows/System32/config/SOFTWARE.reg --
[`+uninstall+`]
[`+profileList+`\S-1-5-18]
"ProfileImagePath"="%systemroot%\\system32\\config\\systemprofile"
[`+profileList+`\S-1-5-21-1-2-3-1001]
"ProfileImagePath"="C:\\Users\\alice"
[`+profileList+`\S-1-5-21-1-2-3-1002]
"ProfileImagePath"="C:\\Users\\deleted"
[`+profileList+`\S-1-5-21-1-2-3-1003]
"ProfileImagePath"="C:\\Users\\emptied"
[`+profileList+`\S-1-5-21-1-2-3-1004]
"ProfileImagePath"="E:\\Users\\away"
[`+profileList+`\S-1-5-80-1-2-3-4-5]
"ProfileImagePath"="C:\\Services\\MSSQL"
-- Users/alice/NTUSER.DAT.reg --
`+strings.ReplaceAll(app, "%s", "of-alice")+`
-- Users/carol/NTUSER.DAT.reg --
`+strings.ReplaceAll(app, "%s", "of-carol")+`
-- Services/MSSQL/NTUSER.DAT.reg --
`+strings.ReplaceAll(app, "%s", "of-service")+`
`)
	// then the hive of each is read, registered or not, and belongs to its user,
	owners := map[string]string{}
	for key, ev := range found {
		owners[key] = ev.Owner
	}
	want := map[string]string{"of-alice": "alice", "of-carol": "carol", "of-service": "MSSQL"}
	if !maps.Equal(owners, want) {
		t.Errorf("owners: got %v, want %v", owners, want)
	}
	// and only what cannot be looked at counts as missed: a registered profile without its
	// hive or on an absent drive, not a folder of nobody nor a profile that was deleted.
	areas := map[string]detectors.Outcome{}
	for _, a := range result.Areas {
		areas[a.Area] = a.Outcome
	}
	wantAreas := map[string]detectors.Outcome{
		"machine": detectors.Finished, "user:alice": detectors.Finished, "user:carol": detectors.Finished,
		"user:MSSQL": detectors.Finished, "user:leftover": detectors.Skipped,
		"user:emptied": detectors.Unreachable, "user:away": detectors.Unreachable,
	}
	if !maps.Equal(areas, wantAreas) {
		t.Errorf("areas: got %v, want %v", areas, wantAreas)
	}
}

func TestWineUser(t *testing.T) {
	// Given a Wine prefix of alice in which bob and others once logged on,
	archive := `
os: windows
dir: drive_c/windows
dir: drive_c/users/al
dir: drive_c/users/alice
dir: drive_c/users/bob
-- system.reg --
WINE REGISTRY Version 2
-- user.reg --
WINE REGISTRY Version 2

[Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\Shell Folders] 1
"AppData"="C:\\users\\alice\\AppData\\Roaming"

[Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\app] 1
"DisplayName"="App"
`
	host := hosttest.New(t, archive)
	seen := detectors.Run(context.Background(), host, []detectors.Probe{windows.Uninstall()}, detectors.Limits{})
	// then its only user hive is alice's, and nobody's whose name is like the beginning of hers.
	var owners []string
	for _, ev := range seen.Evidence {
		owners = append(owners, ev.Owner)
	}
	if !slices.Equal(owners, []string{"alice"}) {
		t.Errorf("owners: got %v, want [alice]", owners)
	}
}

func FuzzTarget(f *testing.F) {
	f.Add(`C:\x\app.exe,0`, `"C:\x y\unins000.exe" /S`, `%ProgramFiles%\x`)
	f.Add(`C:app.exe`, "ȺȺȺȺ.exe", `C:\`)
	f.Add(`,`, `"`, `D:/`)
	f.Fuzz(func(t *testing.T, icon, command, location string) {
		quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ")
		found, result := look(t, `
os: windows
-- Windows/System32/config/SOFTWARE.reg --
[`+uninstall+`\key]
"DisplayIcon"="`+quote.Replace(icon)+`"
"UninstallString"="`+quote.Replace(command)+`"
"InstallLocation"="`+quote.Replace(location)+`"
`)
		if result.Problem != nil || len(found) != 1 {
			t.Errorf("found %v, problem %v", found, result.Problem)
		}
		if a := found["key"].Attributes; a["target_exists"] == "false" && a[catalog.AttrGone] == "" {
			t.Errorf("attributes %v: gone, but not said so", a)
		}
	})
}
