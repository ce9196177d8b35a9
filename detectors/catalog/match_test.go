package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"beagle/detectors/catalog"
)

// suite is a small catalog in which every rule of matching has a case.
func suite(t testing.TB) *catalog.Index {
	t.Helper()
	apps := []catalog.App{
		{ID: "office", Name: "Office", Vendor: "v", Summary: "s", Indicators: catalog.Indicators{
			Linux: []catalog.Indicator{
				{Kind: catalog.KindDpkg, Value: catalog.Patterns{"office"}, Strength: catalog.Proof, Presence: catalog.Installed},
				{Kind: catalog.KindProcess, Path: catalog.Patterns{"/opt/office/bin/office"}, Root: 2, Strength: catalog.Proof, Presence: catalog.Running},
				{Kind: catalog.KindProcess, Path: catalog.Patterns{"*/office6/*"}, Beside: []string{"et", "wpp"}, Root: 2, Strength: catalog.Strong, Presence: catalog.Running},
				{Kind: catalog.KindProcess, Path: catalog.Patterns{"*/office6/*"}, Root: 2, Strength: catalog.Hint, Presence: catalog.Running},
				{Kind: catalog.KindFile, Path: catalog.Patterns{"*/office6/et"}, Beside: []string{"wpp"}, Root: 2, Strength: catalog.Strong, Presence: catalog.Portable},
				{Kind: catalog.KindDesktop, Value: catalog.Patterns{"office.desktop"}, Strength: catalog.Strong, Presence: catalog.Installed},
			},
			Windows: []catalog.Indicator{
				{Kind: catalog.KindUninstall, Where: []catalog.Condition{{Attribute: "display_name", Matches: catalog.Patterns{"Office *"}}}, Strength: catalog.Strong, Presence: catalog.Installed},
				{Kind: catalog.KindProcess, Value: catalog.Patterns{"office.exe"}, Strength: catalog.Hint, Presence: catalog.Running},
			},
		}},
		{ID: "pay", Name: "Pay", Vendor: "v", Summary: "s", CarriedBy: []string{"office"}},
	}
	index, err := catalog.New("test", apps)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func linux(kind catalog.Kind, value, path string, attributes ...string) catalog.Evidence {
	ev := catalog.Evidence{Kind: kind, OS: catalog.Linux, Value: value, Path: path, Owner: catalog.MachineOwner, Attributes: map[string]string{}}
	for i := 0; i+1 < len(attributes); i += 2 {
		ev.Attributes[attributes[i]] = attributes[i+1]
	}
	return ev
}

// picture writes findings in one line each, for comparison.
func picture(findings []catalog.Finding) string {
	var lines []string
	for _, f := range findings {
		line := fmt.Sprintf("%s %s %v %s", f.App.ID, f.Owner, f.Presence, f.Confidence)
		if f.ImpliedBy != "" {
			line += " by " + f.ImpliedBy
		}
		for _, in := range f.Instances {
			line += fmt.Sprintf(" | %s %v %s x%d", in.Root, in.Presence, in.Confidence, len(in.Evidence))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestMatch(t *testing.T) {
	dpkg := linux(catalog.KindDpkg, "office", "/var/lib/dpkg/status", "root", "/opt/office", "version", "11")
	installed := linux(catalog.KindProcess, "office", "/opt/office/bin/office")
	renamed := linux(catalog.KindProcess, "notes", "/home/a/x/office6/notes", "beside", "et/wpp")
	lonely := linux(catalog.KindProcess, "notes", "/home/a/x/office6/notes")
	portable := linux(catalog.KindFile, "et", "/home/a/x/office6/et", "beside", "wpp")
	menu := linux(catalog.KindDesktop, "office.desktop", "/usr/share/applications/office.desktop")
	config := linux(catalog.KindDpkg, "office", "/var/lib/dpkg/status", "gone", "config_files")
	for _, c := range []struct {
		name string
		seen []catalog.Evidence
		want string
	}{
		{"nothing", nil, ""},
		{"what is not catalogued", []catalog.Evidence{linux(catalog.KindDpkg, "bash", "/var/lib/dpkg/status")}, ""},
		{"package and process share a folder", []catalog.Evidence{dpkg, installed},
			"office machine [running installed] certain | /opt/office [running installed] certain x2\n" +
				"pay machine [running installed] certain by office | /opt/office [running installed] certain x2"},
		{"two strong of different kinds are certain", []catalog.Evidence{renamed, portable},
			"office machine [running portable] certain | /home/a/x [running portable] certain x2\n" +
				"pay machine [running portable] certain by office | /home/a/x [running portable] certain x2"},
		{"a renamed program is known by its neighbours", []catalog.Evidence{renamed},
			"office machine [running] likely | /home/a/x [running] likely x1\n" +
				"pay machine [running] likely by office | /home/a/x [running] likely x1"},
		{"without neighbours it is only possible", []catalog.Evidence{lonely},
			"office machine [running] possible | /home/a/x [running] possible x1\n" +
				"pay machine [running] possible by office | /home/a/x [running] possible x1"},
		{"copies in different folders stay apart", []catalog.Evidence{dpkg, portable},
			"office machine [installed portable] certain | /home/a/x [portable] likely x1 | /opt/office [installed] certain x1\n" +
				"pay machine [installed portable] certain by office | /home/a/x [portable] likely x1 | /opt/office [installed] certain x1"},
		{"a menu entry joins the only copy without making it surer", []catalog.Evidence{renamed, menu},
			"office machine [running installed] likely | /home/a/x [running installed] likely x2\n" +
				"pay machine [running installed] likely by office | /home/a/x [running installed] likely x2"},
		{"configuration left behind is residue", []catalog.Evidence{config},
			"office machine [residue] certain |  [residue] certain x1\n" +
				"pay machine [residue] certain by office |  [residue] certain x1"},
		{"leftovers lend no certainty to a doubtful copy", []catalog.Evidence{config, lonely, linux(catalog.KindFile, "et", "/home/b/y/office6/et", "beside", "wpp")},
			"office machine [running portable residue] likely | /home/a/x [running] possible x1 | /home/b/y [portable] likely x1 |  [residue] certain x1\n" +
				"pay machine [running portable residue] likely by office | /home/a/x [running] possible x1 | /home/b/y [portable] likely x1 |  [residue] certain x1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given the evidence in either order, when it is matched, then the findings are the same.
			index := suite(t)
			got := picture(index.Match(c.seen))
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			turned := slices.Clone(c.seen)
			slices.Reverse(turned)
			if again := picture(index.Match(turned)); again != got {
				t.Errorf("the order of evidence matters:\n%s\nbecame\n%s", got, again)
			}
		})
	}
}

func TestMatchOwners(t *testing.T) {
	// Given the same app of the machine and of a user,
	index := suite(t)
	mine := linux(catalog.KindFile, "et", "/home/a/x/office6/et", "beside", "wpp")
	mine.Owner = "a"
	// when matched,
	findings := index.Match([]catalog.Evidence{linux(catalog.KindDpkg, "office", "s"), mine})
	// then each owner has a finding, with an id that lasts.
	var got []string
	for _, f := range findings {
		got = append(got, f.App.ID+" "+f.Owner)
	}
	if want := []string{"office machine", "office a", "pay machine", "pay a"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if findings[0].ID != catalog.RecordID("office", "machine") || findings[0].ID == findings[1].ID {
		t.Errorf("ids %q and %q", findings[0].ID, findings[1].ID)
	}
	if len(findings[0].ID) != 16 {
		t.Errorf("an id has 16 digits, got %q", findings[0].ID)
	}
}

func TestMatchImpliesEveryCarriedApp(t *testing.T) {
	// Given a carrier of two apps and an app that nothing carries,
	index, err := catalog.New("test", []catalog.App{
		{ID: "chat", Name: "Chat", Indicators: catalog.Indicators{Linux: []catalog.Indicator{
			{Kind: catalog.KindDpkg, Value: catalog.Patterns{"chat"}, Strength: catalog.Proof, Presence: catalog.Installed}}}},
		{ID: "mail", Name: "Mail", CarriedBy: []string{"chat"}},
		{ID: "pay", Name: "Pay", CarriedBy: []string{"chat"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	// when the carrier is found,
	findings := index.Match([]catalog.Evidence{linux(catalog.KindDpkg, "chat", "s", "root", "/opt/chat")})
	// then each carried app is implied by it, with copies of its own.
	want := "chat machine [installed] certain | /opt/chat [installed] certain x1\n" +
		"mail machine [installed] certain by chat | /opt/chat [installed] certain x1\n" +
		"pay machine [installed] certain by chat | /opt/chat [installed] certain x1"
	if got := picture(findings); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFind(t *testing.T) {
	index, err := catalog.New("test", []catalog.App{{ID: "chat", Name: "Chat", Aliases: []string{"", "Talk"}}})
	if err != nil {
		t.Fatal(err)
	}
	// Given an app without native name and with an empty alias, when asked for a name,
	for name, want := range map[string]bool{"CHAT": true, "talk": true, "": false, "other": false} {
		// then only real names find it.
		if _, got := index.Find(name); got != want {
			t.Errorf("Find(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestMatchFoldsByOS(t *testing.T) {
	index := suite(t)
	windows := catalog.Evidence{Kind: catalog.KindProcess, OS: catalog.Windows, Value: "OFFICE.EXE", Owner: "machine"}
	if len(index.Match([]catalog.Evidence{windows})) == 0 {
		t.Error("case counts on Windows")
	}
	upper := linux(catalog.KindDpkg, "Office", "s")
	if len(index.Match([]catalog.Evidence{upper})) != 0 {
		t.Error("case does not count for packages")
	}
	first := catalog.Evidence{Kind: catalog.KindUninstall, OS: catalog.Windows, Value: "{GUID}", Owner: "machine",
		Attributes: map[string]string{"display_name": "office 12.1"}}
	if len(index.Match([]catalog.Evidence{first})) == 0 {
		t.Error("a display name is not found by its first word")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		apps []catalog.App
		want string
	}{
		{"a glob without anchor", []catalog.App{{ID: "a", Indicators: catalog.Indicators{Linux: []catalog.Indicator{
			{Kind: catalog.KindFile, Path: catalog.Patterns{"*/wps*"}}}}}}, `app "a", linux indicator 1: no exact name`},
		{"a process without anchor", []catalog.App{{ID: "a", Indicators: catalog.Indicators{Linux: []catalog.Indicator{
			{Kind: catalog.KindProcess, Path: catalog.Patterns{"*wps*"}}}}}}, `app "a", linux indicator 1: no exact anchor`},
		{"a file known by an attribute alone", []catalog.App{{ID: "a", Indicators: catalog.Indicators{Linux: []catalog.Indicator{
			{Kind: catalog.KindFile, Where: []catalog.Condition{{Attribute: "format", Matches: catalog.Patterns{"elf"}}}}}}}}, "no exact name"},
		{"an app that carries itself", []catalog.App{{ID: "a", CarriedBy: []string{"a"}}}, `app "a": carried_by names the app itself`},
		{"a circle of carriers", []catalog.App{{ID: "a", CarriedBy: []string{"b"}}, {ID: "b", CarriedBy: []string{"a"}}}, `"b", which is carried itself`},
		{"a chain of carriers", []catalog.App{{ID: "a"}, {ID: "b", CarriedBy: []string{"a"}}, {ID: "c", CarriedBy: []string{"b"}}}, `app "c": carried_by names "b", which is carried itself`},
		{"a carrier named twice", []catalog.App{{ID: "a"}, {ID: "b", CarriedBy: []string{"a", "a"}}}, `carried_by names "a" twice`},
		{"an unknown carrier", []catalog.App{{ID: "a", CarriedBy: []string{"b"}}}, `carried_by names "b"`},
		{"an id used twice", []catalog.App{{ID: "a"}, {ID: "a"}}, "the id is used twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := catalog.New("v", c.apps)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestWantsFile(t *testing.T) {
	index := suite(t)
	if !index.WantsFile(catalog.Linux, []byte("et")) || index.WantsFile(catalog.Linux, []byte("wpp")) {
		t.Error("only names that an indicator begins with are wanted")
	}
	if got := index.Beside(catalog.Linux, "notes", []string{"et", "other", "wpp", "notes"}); got != "et/wpp" {
		t.Errorf("beside: got %q", got)
	}
	allocations := testing.AllocsPerRun(100, func() { index.WantsFile(catalog.Linux, []byte("some-other-file.txt")) })
	if allocations != 0 {
		t.Errorf("asking for a name allocates %v times", allocations)
	}
}

func TestUnknownEvidenceCostsNoMemory(t *testing.T) {
	index := suite(t)
	ev := linux(catalog.KindProcess, "firefox", "/usr/lib/firefox/firefox")
	if n := testing.AllocsPerRun(100, func() { index.Recognise(&ev, func(catalog.Matched) {}) }); n != 0 {
		t.Errorf("evidence of nothing catalogued allocates %v times", n)
	}
}
