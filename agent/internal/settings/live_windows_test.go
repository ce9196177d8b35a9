package settings

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

func modesCount() bool { return false }

// policyKey makes a key for a test, and removes it with all that is below it.
func policyKey(t *testing.T) string {
	t.Helper()
	const path = `Software\Policies\Beagle test`
	remove := func() {
		below := []string{path}
		for i := 0; i < len(below); i++ {
			open, err := openKey(below[i])
			if err != nil {
				continue
			}
			names, _ := open.ReadSubKeyNames(-1)
			for _, name := range names {
				below = append(below, below[i]+`\`+name)
			}
			open.Close()
		}
		for _, name := range slices.Backward(below) {
			_ = registry.DeleteKey(registry.LOCAL_MACHINE, name)
		}
	}
	remove()
	t.Cleanup(remove)
	return path
}

// put makes a key and sets its values.
func put(t *testing.T, path string, values map[string]any) {
	t.Helper()
	key, _, err := registry.CreateKey(registry.LOCAL_MACHINE, path, registry.ALL_ACCESS|registry.WOW64_64KEY)
	if err != nil {
		t.Skipf("no right to write policies: %v", err)
	}
	defer key.Close()
	for name, value := range values {
		switch v := value.(type) {
		case string:
			err = key.SetStringValue(name, v)
		case []string:
			err = key.SetStringsValue(name, v)
		case uint32:
			err = key.SetDWordValue(name, v)
		case uint64:
			err = key.SetQWordValue(name, v)
		case []byte:
			err = key.SetBinaryValue(name, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestLivePolicies(t *testing.T) {
	path := policyKey(t)
	places := Places{Policy: `HKLM\` + path, Environ: []string{"Beagle_Log_Level=warn"}}
	// Given no policies, then nothing is managed, and names of variables know no case.
	r := resolved(t, places)
	if r.Origins["log.level"] != (Origin{LayerEnvironment, "BEAGLE_LOG_LEVEL"}) {
		t.Errorf("got %v", r.Origins["log.level"])
	}
	none := places.Fingerprint()

	// Given policies of every type,
	put(t, path, map[string]any{"Policies": []string{"US-EO-13971", "US-EO-13942"}, "count_residue": uint32(1), "count_installers": uint64(0),
		"exemptions": `[{"app": "wechat", "policy": "company", "reason": "suppliers", "approver": "CISO", "expires": "2027-06-30"}]`})
	put(t, path+`\organisation`, map[string]any{"name": "示例 Ltd"})
	put(t, path+`\organisation\kinds`, map[string]any{"1": "us-state-agency:TX"})
	put(t, path+`\bans`, map[string]any{"2": "{app: tiktok, since: 2026-02-01}", "1": "{app: wps-office, since: 2026-01-01, reason: not supported}"})
	put(t, path+`\schedule`, map[string]any{"inventory": "30m", "deep": "off", "jitter": "0.25"})
	put(t, path+`\watch`, map[string]any{"processes": "polling", "poll": "500ms", "files": "false"})
	put(t, path+`\limits`, map[string]any{"cpu": uint32(3), "memory": uint32(200), "deep_on_battery": uint32(1)})
	put(t, path+`\deep`, map[string]any{"removable": uint32(1)})
	put(t, path+`\log`, map[string]any{"level": "debug"})
	// when they are read, then they decide, also over the environment, and the change shows.
	r = resolved(t, places)
	if diff := cmp.Diff(managed(), r.Settings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := r.Origins["log.level"], (Origin{LayerManaged, `HKLM\` + path + `\log\level`}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	before := places.Fingerprint()
	if before == none {
		t.Errorf("the fingerprint is the same as without policies: %q", before)
	}
	// When one value deep inside changes, then that shows too, and the error names it.
	put(t, path+`\organisation\kinds`, map[string]any{"2": []byte{1}})
	if places.Fingerprint() == before {
		t.Error("a change in a subkey does not show")
	}
	_, err := Resolve(places)
	if want := `settings HKLM\` + path + `\organisation\kinds\2: organisation.kinds[1]: want a text, not REG_BINARY`; strings.Join(problems(err), "\n") != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestWhoCanGetAtAFile(t *testing.T) {
	path := filepath.Join(folder(t), "settings.yaml")
	if err := os.WriteFile(path, []byte("server: {secret: x}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := readFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("owner %q, writable %q, readable %q", f.open.owner, f.open.writable, f.open.readable)
	if f.open.owner != "" {
		t.Errorf("whoever runs the test is a stranger: %s", f.open.owner)
	}
}

func TestOutsiders(t *testing.T) {
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, list     string
		reads, changes bool // whether somebody does who should not
	}{
		{"system and administrators", "D:(A;;FA;;;SY)(A;;FA;;;BA)", false, false},
		{"also whoever runs the agent", "D:(A;;FA;;;" + me.User.Sid.String() + ")", false, false},
		{"users read", "D:(A;;FA;;;SY)(A;;FR;;;BU)", true, false},
		{"everybody does everything", "D:(A;;GA;;;WD)", true, true},
		{"users append", "D:(A;;0x4;;;BU)", false, true},
		{"users change who may", "D:(A;;WD;;;BU)", false, true},
		{"for what is below only", "D:(A;OICIIO;GA;;;WD)(A;;FA;;;SY)", false, false},
		{"users read attributes", "D:(A;;0x80;;;BU)", false, false},
		{"denied", "D:(D;;FA;;;BU)", false, false},
		{"nobody", "D:", false, false},
		{"no list, which is everybody", "O:BA", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			descriptor, err := windows.SecurityDescriptorFromString(c.list)
			if err != nil {
				t.Fatal(err)
			}
			acl, _, err := descriptor.DACL()
			if err != nil && !errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND) {
				t.Fatal(err)
			}
			reads, changes := outsider(acl, me.User.Sid, readRights), outsider(acl, me.User.Sid, writeRights)
			if (reads != "") != c.reads || (changes != "") != c.changes {
				t.Errorf("got readers %q, changers %q", reads, changes)
			}
		})
	}
}
