package settings

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// resolved fails the test where there are problems.
func resolved(t *testing.T, places Places) *Resolved {
	t.Helper()
	r, err := Resolve(places)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// managed are the settings that the recorded property lists hold.
func managed() Settings {
	return Settings{
		Organisation: Organisation{Name: "示例 Ltd", Kinds: []string{"us-state-agency:TX"}},
		Policies:     []string{"US-EO-13971", "US-EO-13942"},
		Bans: []Ban{
			{App: "wps-office", Since: "2026-01-01", Reason: "not supported"},
			{App: "tiktok", Since: "2026-02-01"},
		},
		Exemptions:   []Exemption{{App: "wechat", Policy: "company", Reason: "suppliers", Approver: "CISO", Expires: "2027-06-30"}},
		CountResidue: true,
		Schedule:     Schedule{Inventory: 30 * minute, Jitter: 0.25},
		Watch:        Watch{Processes: WatchPolling, Poll: 500 * millisecond},
		Limits:       Limits{CPU: 3, Memory: 200, DeepOnBattery: true},
		Deep:         Deep{Removable: true},
		Log:          Log{Level: slog.LevelDebug},
	}
}

func TestPropertyLists(t *testing.T) {
	for _, name := range []string{"managed.xml.plist", "managed.binary.plist"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name)
			r := resolved(t, Places{Preferences: path})
			if diff := cmp.Diff(managed(), r.Settings); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got, want := r.Origins["schedule.deep"], (Origin{LayerManaged, path}); got != want {
				t.Errorf("origin: got %v, want %v", got, want)
			}
		})
	}
}

// TestTextsWithColons holds the short way of writing settings to what YAML says of colons.
func TestTextsWithColons(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"organisation: {kinds: [us-state-agency:TX]}\n", []string{"us-state-agency:TX"}},
		{"organisation:\n  kinds: [us-state-agency:TX]\n", []string{"us-state-agency:TX"}},
		{"organisation: {kinds: [a:b:c, 1:2, 'd: e', \"f:g\", http://x]}\n", []string{"a:b:c", "1:2", "d: e", "f:g", "http://x"}},
	} {
		r := resolved(t, Places{File: written(t, c.text)})
		if diff := cmp.Diff(c.want, r.Settings.Organisation.Kinds); diff != "" {
			t.Errorf("%s(-want +got):\n%s", c.text, diff)
		}
	}
}

func TestWrongPropertyLists(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an unknown key", "<dict><key>schedule</key><dict><key>inventry</key><true/></dict></dict>",
			`schedule.inventry: unknown key; did you mean "inventory"?`},
		{"data", "<dict><key>policies</key><array><data>QQ==</data></array></dict>", "policies[0]: want a text, not data"},
		{"a day with a time", "<dict><key>bans</key><array><dict><key>app</key><string>x</string><key>since</key><date>2026-01-01T12:00:00Z</date></dict></array></dict>",
			`bans[0].since: "2026-01-01T12:00:00Z": want a day of the calendar such as 2021-02-19`},
		{"too deep", "<dict><key>policies</key>" + strings.Repeat("<array>", 30) + strings.Repeat("</array>", 30) + "</dict>", "policies[0]: want a text, not a list"},
		{"not closed", "<dict>", "reading property list: line 1: unexpected end of the text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := written(t, c.text)
			_, err := Resolve(Places{Preferences: path})
			if diff := cmp.Diff([]string{"settings " + path + ": " + c.want}, problems(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// fromKey resolves the values of one registry key.
func fromKey(t *testing.T, root *registryKey) (Settings, map[string]Origin, error) {
	t.Helper()
	s, origins := Default(), map[string]Origin{}
	all := keys(&s)
	found, errs := sort(fromRegistry(`HKLM\P`, root), all)
	errs = append(errs, take(layer{LayerManaged, found}, all, origins)...)
	return s, origins, report(errs)
}

func section(name string, values ...registryValue) registrySubkey {
	return registrySubkey{name, &registryKey{values: values}}
}

func TestRegistry(t *testing.T) {
	// Given the settings of the property lists in the forms that a registry has for them,
	root := &registryKey{
		values: []registryValue{
			{"Policies", []string{"US-EO-13971", "US-EO-13942"}},
			{"exemptions", `[{"app": "wechat", "policy": "company", "reason": "suppliers", "approver": "CISO", "expires": "2027-06-30"}]`},
			{"count_residue", uint64(1)},
			{"COUNT_INSTALLERS", uint64(0)},
		},
		subkeys: []registrySubkey{
			{"organisation", &registryKey{
				values:  []registryValue{{"name", "示例 Ltd"}},
				subkeys: []registrySubkey{section("Kinds", registryValue{"1", "us-state-agency:TX"})},
			}},
			// as an editor of group policies writes a list, which may be in any order
			section("bans", registryValue{"10", "{app: tiktok, since: 2026-02-01}"}, registryValue{"9", "{app: wps-office, since: 2026-01-01, reason: not supported}"}),
			section("Schedule", registryValue{"inventory", "30m"}, registryValue{"deep", "off"}, registryValue{"jitter", "0.25"}),
			section("watch", registryValue{"processes", "polling"}, registryValue{"poll", "500ms"}, registryValue{"files", "false"}),
			section("limits", registryValue{"cpu", uint64(3)}, registryValue{"memory", uint64(200)}, registryValue{"deep_on_battery", uint64(1)}),
			section("deep", registryValue{"removable", uint64(1)}),
			section("log", registryValue{"level", "debug"}),
		},
	}
	// when they are read, then they are the same.
	s, origins, err := fromKey(t, root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(managed(), s); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for key, want := range map[string]string{"policies": `HKLM\P\Policies`, "bans": `HKLM\P\bans`, "schedule.deep": `HKLM\P\Schedule\deep`} {
		if got := origins[key].Place; got != want {
			t.Errorf("origin of %s: got %q, want %q", key, got, want)
		}
	}
}

func TestWrongRegistry(t *testing.T) {
	for _, c := range []struct {
		name string
		root registryKey
		want string
	}{
		{"a value", registryKey{subkeys: []registrySubkey{section("schedule", registryValue{"inventory", "5s"})}},
			`settings HKLM\P\schedule\inventory: schedule.inventory: "5s" is too short: want at least 1m`},
		{"an unknown value", registryKey{values: []registryValue{{"Bann", "x"}}}, `settings HKLM\P\Bann: bann: unknown key; did you mean "bans"?`},
		{"an unknown subkey", registryKey{subkeys: []registrySubkey{section("Shedule", registryValue{"x", "y"})}},
			`settings HKLM\P\Shedule: shedule: unknown key; did you mean "schedule"?`},
		{"bytes", registryKey{values: []registryValue{{"policies", foreignType("REG_BINARY")}}}, `settings HKLM\P\policies: policies: want a list, not REG_BINARY`},
		{"an entry of a list", registryKey{subkeys: []registrySubkey{section("bans", registryValue{"1", "{app: x"})}},
			`settings HKLM\P\bans\1: bans[0]: "{app: x": want it in YAML or JSON: could not find flow mapping end token '}'`},
		{"a value without a name", registryKey{values: []registryValue{{"", "x"}, {"count_residue", uint64(1)}}}, `settings HKLM\P\: (Default): unknown key`},
		{"a value and a subkey of one name", registryKey{values: []registryValue{{"policies", "a"}}, subkeys: []registrySubkey{section("POLICIES", registryValue{"1", "b"})}},
			`settings HKLM\P\POLICIES: policies: is given twice`},
		{"a number in place of a truth", registryKey{values: []registryValue{{"count_residue", uint64(2)}}},
			`settings HKLM\P\count_residue: count_residue: "2": want true or false`},
		{"nothing", registryKey{}, ""},
		{"what is left of a list", registryKey{subkeys: []registrySubkey{section("bans")}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := fromKey(t, &c.root)
			if got := strings.Join(problems(err), "\n"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestLayersAgree sets each key to its example in every layer and expects the same value,
// and a value other than the default, or the example would show nothing.
func TestLayersAgree(t *testing.T) {
	var s Settings
	for _, k := range keys(&s) {
		t.Run(k.name, func(t *testing.T) {
			k.example = strings.ReplaceAll(k.example, "/srv/tools", examplePath())
			file := written(t, k.name+": "+k.example+"\n")
			if section, name, nested := strings.Cut(k.name, "."); nested {
				file = written(t, fmt.Sprintf("%s:\n  %s: %s\n", section, name, k.example))
			}
			fromFile := resolved(t, Places{File: file})
			if got := fromFile.Changed(&Resolved{Settings: Default()}); len(got) != 1 || got[0] != k.name {
				t.Errorf("changed: got %q, want %q", got, k.name)
			}
			if fromFile.Origins[k.name].Layer != LayerFile {
				t.Errorf("origin: got %v, want the file", fromFile.Origins[k.name])
			}
			fromVariable := resolved(t, Places{Environ: []string{k.variable() + "=" + k.example}})
			if diff := cmp.Diff(fromFile.Settings, fromVariable.Settings); diff != "" {
				t.Errorf("environment (-file +environment):\n%s", diff)
			}
			root := &registryKey{values: []registryValue{{k.name, k.example}}}
			if section, name, nested := strings.Cut(k.name, "."); nested {
				root = &registryKey{subkeys: []registrySubkey{{section, &registryKey{values: []registryValue{{name, k.example}}}}}}
			}
			fromPolicy, _, err := fromKey(t, root)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fromFile.Settings, fromPolicy); diff != "" {
				t.Errorf("registry (-file +registry):\n%s", diff)
			}
			// What is shown reads back as the same value.
			shown := written(t, "# x\n")
			if err := os.WriteFile(shown, []byte(showAll(&fromFile.Settings)), 0o600); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fromFile.Settings, resolved(t, Places{File: shown}).Settings, emptyIsNil()); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheStrongerLayerWins(t *testing.T) {
	// Given one key in all layers, and lists in two,
	file := written(t, "log: {level: debug}\npolicies: [a, b]\nschedule:\n  inventory:\n")
	list := written(t, "<dict><key>log</key><dict><key>level</key><string>error</string></dict></dict>")
	places := Places{File: file, Environ: []string{"BEAGLE_LOG_LEVEL=warn", "BEAGLE_POLICIES=c"}, Preferences: list}
	for _, c := range []struct {
		name     string
		places   Places
		level    slog.Level
		origin   Origin
		policies []string
	}{
		{"default", Places{}, slog.LevelInfo, Origin{Layer: LayerDefault}, nil},
		{"file", Places{File: file}, slog.LevelDebug, Origin{LayerFile, file + ":1"}, []string{"a", "b"}},
		{"environment", Places{File: file, Environ: places.Environ}, slog.LevelWarn, Origin{LayerEnvironment, "BEAGLE_LOG_LEVEL"}, []string{"c"}},
		{"managed", places, slog.LevelError, Origin{LayerManaged, list}, []string{"c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			// when the layers up to one are there, then that one decides, and lists are not merged.
			r := resolved(t, c.places)
			if r.Settings.Log.Level != c.level || r.Origins["log.level"] != c.origin {
				t.Errorf("got %v from %v, want %v from %v", r.Settings.Log.Level, r.Origins["log.level"], c.level, c.origin)
			}
			if diff := cmp.Diff(c.policies, r.Settings.Policies); diff != "" {
				t.Errorf("policies (-want +got):\n%s", diff)
			}
			// A key without a value is as if it were not there.
			if r.Settings.Schedule.Inventory != hour || r.Origins["schedule.inventory"].Layer != LayerDefault {
				t.Errorf("inventory: got %v from %v", r.Settings.Schedule.Inventory, r.Origins["schedule.inventory"])
			}
		})
	}
}

func TestValues(t *testing.T) {
	r := resolved(t, Places{File: written(t, "exemptions:\n  - {app: wechat, policy: company, owners: [alice], reason: r, approver: Bob, expires: 2027-01-01}\n")})
	// Every key is listed, with its default or where it comes from; entries name no people.
	shown := map[string]string{}
	for _, v := range r.Values() {
		shown[v.Key] = fmt.Sprintf("%s (%s)", v.Text, v.Origin.Layer)
	}
	if len(shown) != len(r.Origins) {
		t.Errorf("%d values, %d origins", len(shown), len(r.Origins))
	}
	for key, want := range map[string]string{
		"exemptions": "1 entry (file)", "bans": "0 entries (default)", "schedule.deep": "7d (default)",
		"limits.cpu": "5 (default)", "log.level": "info (default)", "organisation.name": `"" (default)`,
	} {
		if shown[key] != want {
			t.Errorf("%s: got %q, want %q", key, shown[key], want)
		}
	}
}

func TestUnusualFiles(t *testing.T) {
	for name, text := range map[string]string{
		"with a mark of Windows editors": "\xef\xbb\xbfcount_residue: true\n",
		"with line ends of Windows":      "count_residue: true\r\nlog:\r\n  level: info\r\n",
		"in JSON":                        `{"count_residue": true, "bans": [], "log": {"level": "info"}}`,
		"with a tag":                     "count_residue: !!bool true\n",
	} {
		if r := resolved(t, Places{File: written(t, text)}); !r.Settings.CountResidue {
			t.Errorf("%s: not read", name)
		}
	}
	for name, text := range map[string]string{"empty": "", "comments": "# nothing\n", "a mark": "---\n", "null": "~\n"} {
		if diff := cmp.Diff(Default(), resolved(t, Places{File: written(t, text)}).Settings); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
