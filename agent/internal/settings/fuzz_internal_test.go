package settings

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// sane fails the test if what was resolved is outside the limits of the keys, or an error
// is not made of single lines.
func sane(t *testing.T, s *Settings, err error) {
	t.Helper()
	if err != nil {
		for _, line := range problems(err) {
			if !strings.HasPrefix(line, "settings") || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
				t.Errorf("a line of an error: %q", line)
			}
		}
		return
	}
	within := s.Schedule.Inventory >= minute && s.Schedule.Inventory <= maxInventory &&
		(s.Schedule.Deep.Off() || s.Schedule.Deep >= hour && s.Schedule.Deep <= maxDeep) &&
		s.Schedule.Jitter >= 0 && s.Schedule.Jitter <= 1 && s.Limits.CPU >= 1 && s.Limits.CPU <= 100 &&
		s.Limits.Memory >= 50 && s.Limits.Memory <= 4096
	if !within {
		t.Errorf("outside the limits: %+v", s)
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(defaults()))
	f.Add([]byte("bans: [{app: x, since: 2026-01-01}]\nlog: {level: !!str debug}\n? a\n: b\n"))
	f.Add([]byte("\xef\xbb\xbf- - - a: |\n  x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := Default()
		all := keys(&s)
		file := &file{path: "f", data: data}
		found, errs := file.values(all)
		errs = append(errs, take(layer{LayerFile, found}, all, map[string]Origin{})...)
		sane(t, &s, report(errs))
	})
}

func FuzzEnvironment(f *testing.F) {
	f.Add("LOG_LEVEL", "debug")
	f.Add("BANS", `[{"app": "x"}]`)
	f.Add("DEEP_PATHS", "/a, /b")
	f.Add("SCHEDULE_DEEP", "1d2h3m4s5ms")
	f.Fuzz(func(t *testing.T, name, value string) {
		r, err := Resolve(Places{Environ: []string{"BEAGLE_" + name + "=" + value}})
		if err == nil {
			sane(t, &r.Settings, nil)
			return
		}
		sane(t, nil, err)
	})
}

func FuzzPropertyList(f *testing.F) {
	for _, name := range []string{"managed.xml.plist", "managed.binary.plist"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := Default()
		all := keys(&s)
		root, err := fromPlist("p", data)
		if err != nil {
			sane(t, &s, err)
			return
		}
		found, errs := sort(root, all)
		errs = append(errs, take(layer{LayerManaged, found}, all, map[string]Origin{})...)
		sane(t, &s, report(errs))
	})
}

func FuzzDuration(f *testing.F) {
	f.Add("1d2h3m4s5ms")
	f.Add("99999999999999999999d")
	f.Add("7d7d")
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := parseDuration(text)
		if d < 0 || !ok && d != 0 {
			t.Errorf("%q: %d, %v", text, d, ok)
		}
		// What is shown reads as the same.
		if again, shown := parseDuration(d.String()); ok && (!shown || again != d/millisecond*millisecond) {
			t.Errorf("%q: %v is shown as %q and read as %v", text, d.Duration(), d, again.Duration())
		}
	})
}

// FuzzText holds what is shown of a text to what YAML makes of it.
func FuzzText(f *testing.F) {
	for _, text := range []string{"", "a b", "null", "~", "2026-01-01", "[x]", "a: b", "a #b", "- a", "\x7f\u2028é😀", "'", `"\`, " x ", "0x1F", "a\r\nb", "\ufeff", ".5", "1_000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip("no file can say it")
		}
		var s Settings
		s.Organisation.Name, s.Organisation.Kinds = text, []string{text, text}
		s.Bans = []Ban{{App: "a", Since: "2026-01-01", Reason: text}}
		all := keys(&s)
		var read Settings
		for i, k := range keys(&read) {
			if _, isText := k.shape.(duration); isText {
				continue
			}
			root, err := parseYAML("f", []byte("x: "+all[i].shape.show()), inFile("f"))
			if err != nil {
				t.Fatalf("%s: %q is shown as %s: %v", k.name, text, all[i].shape.show(), err)
			}
			if err := k.shape.read(root.fields[0].value, k.name); err != nil && strings.HasPrefix(k.name, "organisation") {
				t.Fatalf("%s: %q is shown as %s: %v", k.name, text, all[i].shape.show(), err)
			}
		}
		if diff := cmp.Diff(s.Organisation, read.Organisation); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(s.Bans, read.Bans); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestAnySettings writes settings at random within their limits, and reads them again.
func TestAnySettings(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	between := func(low, high Duration) Duration {
		return (low + Duration(random.Int64N(int64(high-low+1)))) / millisecond * millisecond
	}
	words := []string{"a", "b c", "d: e", "null", "金山", "", "- x", "2026-01-01"}
	some := func() []string {
		list := []string{}
		for range random.IntN(4) {
			list = append(list, words[random.IntN(len(words))])
		}
		return list
	}
	for range 200 {
		want := Default()
		want.Organisation = Organisation{Name: words[random.IntN(len(words))], Kinds: some()}
		want.Policies = some()
		for _, app := range some() {
			want.Bans = append(want.Bans, Ban{App: "a" + app, Since: "2026-02-28", Reason: app})
			want.Exemptions = append(want.Exemptions, Exemption{
				App: "a" + app, Policy: "p", Owners: some(), Reason: app + "r", Approver: app + "a", Expires: "2027-01-01", LegalBasis: app,
			})
		}
		want.CountResidue, want.Watch.Files, want.Deep.Removable = random.IntN(2) == 0, random.IntN(2) == 0, random.IntN(2) == 0
		want.Schedule = Schedule{between(minute, maxInventory), between(hour, maxDeep), random.Float64()}
		if random.IntN(4) == 0 {
			want.Schedule.Deep = 0
		}
		want.Watch.Poll = between(100*millisecond, minute)
		want.Watch.Processes = processWatches()[random.IntN(4)].value
		want.Log.Level = levels()[random.IntN(4)].value
		want.Limits = Limits{1 + 99*random.Float64(), 50 + random.IntN(4047), random.IntN(2) == 0}

		r := resolved(t, Places{File: written(t, showAll(&want))})
		if diff := cmp.Diff(want, r.Settings, emptyIsNil()); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s\n%s", seed, diff, showAll(&want))
		}
	}
}
