package catalog

import (
	"strings"
	"testing"
	"testing/quick"
)

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		name, pattern, text string
		fold, want          bool
	}{
		{"exact", "wps-office", "wps-office", false, true},
		{"exact is the whole text", "wps", "wps-office", false, false},
		{"star crosses separators", "/opt/*/wps", "/opt/kingsoft/wps-office/office6/wps", false, true},
		{"star takes nothing too", "a*b", "ab", false, true},
		{"question mark takes one rune", "微?", "微信", false, true},
		{"question mark takes no nothing", "ab?", "ab", false, false},
		{"widens the last star", "*/office6/et", "/x/office6/office6/et", false, true},
		{"either separator", `*\office6\wps.exe`, `C:\Users\a\office6\wps.exe`, true, true},
		{"slash pattern for a Windows path", "*/office6/wps.exe", `C:\x\OFFICE6\WPS.EXE`, true, true},
		{"case counts on Linux", "*/QQ/qq", "/opt/qq/qq", false, false},
		{"case folds beyond ASCII", "ÄÖ*", "äöx", true, true},
		{"a star matches bytes that are no UTF-8", "a*z", "a\xff\xfez", false, true},
		{"empty pattern, empty text", "", "", false, true},
		{"only a star", "*", "", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := compileGlob(c.pattern, c.fold).match(c.text, c.fold); got != c.want {
				t.Errorf("%q on %q: got %v, want %v", c.pattern, c.text, got, c.want)
			}
		})
	}
}

func TestGlobAgreesWithPlainSearch(t *testing.T) {
	// Given any two texts, when one is wrapped in stars, then it matches where strings.Contains says so.
	property := func(text, part string) bool {
		part = strings.NewReplacer("*", "", "?", "", `\`, "/").Replace(strings.ToValidUTF8(part, ""))
		text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), `\`, "/")
		return compileGlob("*"+part+"*", false).match(text, false) == strings.Contains(text, part)
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("*a*b*c*", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)
	f.Add("*/office6/?", "\xff/office6/\xfe", false)
	f.Fuzz(func(t *testing.T, pattern, text string, fold bool) {
		compileGlob(pattern, fold).match(text, fold)
		if !compileGlob("*", fold).match(text, fold) {
			t.Errorf("* does not match %q", text)
		}
	})
}

func TestAncestor(t *testing.T) {
	for _, c := range []struct {
		path   string
		levels int
		want   string
	}{
		{"/opt/QQ/qq", 1, "/opt/QQ"},
		{"/opt/kingsoft/wps-office/office6/wps", 2, "/opt/kingsoft/wps-office"},
		{`C:\Program Files\Tencent\QQNT\QQ.exe`, 1, `C:\Program Files\Tencent\QQNT`},
		{"/qq", 1, ""},       // a whole disk is no copy of an app
		{`C:\QQ.exe`, 1, ""}, // nor is a drive
		{"/opt/qq", 5, ""},   // above the root
		{"relative", 1, ""},  // no folder at all
		{"", 1, ""},          // a process whose path is unknown
	} {
		if got := ancestor(c.path, c.levels); got != c.want {
			t.Errorf("%d above %q: got %q, want %q", c.levels, c.path, got, c.want)
		}
	}
}
