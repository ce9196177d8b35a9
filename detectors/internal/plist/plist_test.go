package plist_test

import (
	"bytes"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"beagle/detectors/internal/plist"
)

// info is what both files in testdata hold. They were made by an independent writer.
var info = map[string]any{
	"CFBundleDevelopmentRegion":  "zh_CN",
	"CFBundleName":               "示例应用",
	"CFBundleDisplayName":        "示例 🐶 App & Co <beta>",
	"CFBundleIdentifier":         "org.example.shili",
	"CFBundleExecutable":         "shili",
	"CFBundleShortVersionString": "1.2.3",
	"CFBundleVersion":            "123",
	"CFBundlePackageType":        "APPL",
	"LSMinimumSystemVersion":     "11.0",
	"LSUIElement":                false,
	"NSHighResolutionCapable":    true,
	"CFBundleSupportedPlatforms": []any{"MacOSX"},
	"CFBundleURLTypes": []any{map[string]any{
		"CFBundleURLName":    "org.example.shili",
		"CFBundleURLSchemes": []any{"shili", "http"},
	}},
	"ExampleNumbers": map[string]any{
		"big": uint64(1 << 63), "max": int64(math.MaxInt64), "min": int64(math.MinInt64),
		"small": int64(-1), "byte": int64(200), "half": 0.5,
	},
	"ExampleDate":  time.Date(2024, 2, 29, 12, 30, 45, 0, time.UTC),
	"ExampleData":  []byte("\x00\x01beagle\xff"),
	"ExampleEmpty": map[string]any{"array": []any{}, "dict": map[string]any{}, "string": "", "data": []byte{}},
	"ExampleLong":  strings.Repeat("a line of text, ", 20),
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParseRecordings(t *testing.T) {
	// Given one list in both forms.
	xml := read(t, "info.xml.plist")
	for name, data := range map[string][]byte{
		"binary":          read(t, "info.binary.plist"),
		"xml":             xml,
		"xml with crlf":   bytes.ReplaceAll(xml, []byte("\n"), []byte("\r\n")),
		"xml with a mark": append([]byte("\xef\xbb\xbf\n"), xml...),
	} {
		t.Run(name, func(t *testing.T) {
			// When it is parsed.
			got, err := plist.Parse(data)
			// Then the values are the same.
			if err != nil {
				t.Fatal(err)
			}
			for key, want := range info {
				if !reflect.DeepEqual(got[key], want) {
					t.Errorf("%s: got %#v, want %#v", key, got[key], want)
				}
			}
			if len(got) != len(info) {
				t.Errorf("keys: got %d, want %d", len(got), len(info))
			}
		})
	}
}

func TestResultIsACopy(t *testing.T) {
	for _, file := range []string{"info.binary.plist", "info.xml.plist"} {
		data := read(t, file)
		got, err := plist.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		// When the caller uses the input's memory again.
		clear(data)
		// Then what was read stays.
		if !reflect.DeepEqual(got, info) {
			t.Errorf("%s: got %v, want it unchanged", file, got)
		}
	}
}

func TestStrings(t *testing.T) {
	want := map[string]string{"CFBundleName": "示例应用", "CFBundleVersion": "123"}
	for _, file := range []string{"info.binary.plist", "info.xml.plist"} {
		// When keys are asked for of which some are absent or no strings.
		got, err := plist.Strings(read(t, file), "CFBundleName", "CFBundleVersion", "Nope", "LSUIElement", "ExampleData")
		// Then only strings are returned.
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v, want %v", file, got, err, want)
		}
	}
	if got, err := plist.Strings([]byte("{ a = b; }"), "a"); err == nil {
		t.Errorf("old form: got %v, want an error", got)
	}
}

func TestParseXML(t *testing.T) {
	type dict = map[string]any
	tests := []struct {
		name string
		text string // of the value of k, or all if it begins with an XML declaration or <plist
		want any
	}{
		{"no declaration, no plist element", "<string>a</string>", "a"},
		{"declaration and type", `<?xml version="1.0" encoding='utf-8'?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "x>y"><plist version="1.0"><dict><key>k</key><true/></dict></plist>`, true},
		{"apple's old system identifier", `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE plist SYSTEM "file://localhost/System/Library/DTDs/PropertyList.dtd"><plist><dict><key>k</key><false/></dict></plist>`, false},
		{"something after the end", "<plist><dict><key>k</key><true/></dict></plist><x", true},
		{"comments and instructions anywhere", "<!-- <a> --><string>a<!-- - -->b<?x y?>c</string><?z?>", "abc"},
		{"cdata", "<string>a<![CDATA[<&amp;>]]>b</string>", "a<&amp;>b"},
		{"references", "<string>&lt;&gt;&amp;&apos;&quot;&#65;&#x4f60;&#x1F436;&#0000065;</string>", "<>&'\"A你🐶A"},
		{"ends of lines", "<string>a\r\nb\rc&#13;d</string>", "a\nb\nc\rd"},
		{"blanks stay in a string", "<string> a\t</string>", " a\t"},
		{"attributes", `<string a="/>" b='">' / c=/>`, ""},
		{"blanks in tags", "<string \n>a</string \t>", "a"},
		{"empty elements", "<array><string/><data/><dict/><array/></array>", []any{"", []byte{}, dict{}, []any{}}},
		{"invalid utf-8", "<string>a\xffb\xe4\xbd</string>", "a\ufffdb\ufffd"},
		{"key twice", "<dict><key>a</key><true/><key>a</key><false/></dict>", dict{"a": false}},
		{"key with a reference", "<dict><key>a&amp;b</key><true/></dict>", dict{"a&b": true}},
		{"integers", "<array><integer> 12\n</integer><integer>-9223372036854775808</integer><integer>+7</integer><integer>0x1F</integer><integer>-0x10</integer><integer>18446744073709551615</integer><integer>007</integer></array>",
			[]any{int64(12), int64(math.MinInt64), int64(7), int64(31), int64(-16), uint64(math.MaxUint64), int64(7)}},
		{"real numbers", "<array><real>1.5</real><real> -2e3 </real><real>inf</real><real>1e999</real></array>",
			[]any{1.5, -2000.0, math.Inf(1), math.Inf(1)}},
		{"dates", "<array><date>2024-02-29T12:30:45Z</date><date>yesterday</date><date/><date>9999-12-31T23:59:59-01:00</date></array>",
			[]any{time.Date(2024, 2, 29, 12, 30, 45, 0, time.UTC), time.Time{}, time.Time{}, time.Time{}}},
		{"data over lines", "<data>\n\tYmVh\r\n\tZ2xl\n</data>", []byte("beagle")},
		{"written out booleans", "<array><true></true><false> </false></array>", []any{true, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := tt.text
			if !strings.HasPrefix(text, "<?xml") && !strings.HasPrefix(text, "<plist") {
				text = "<dict><key>k</key>" + text + "</dict>"
			}
			got, err := plist.Parse([]byte(text))
			if err != nil || !reflect.DeepEqual(got["k"], tt.want) {
				t.Errorf("got %#v, %v, want %#v", got["k"], err, tt.want)
			}
		})
	}
}

func TestParseXMLErrors(t *testing.T) {
	in := func(value string) string { return "<plist><dict>\n<key>k</key>" + value + "</dict></plist>" }
	tests := []struct{ name, text, want string }{
		{"empty", "", "empty"},
		{"only blanks", "\ufeff \n", "empty"},
		{"old text form", "{ CFBundleName = x; }", "old text form (OpenStep)"},
		{"old text form after a comment", "// !$*UTF8*$!\n{ a = b; }", "old text form (OpenStep)"},
		{"old text form of strings", `"a" = "b";`, "old text form (OpenStep)"},
		{"utf-16", "\xff\xfe<\x00", "UTF-16"},
		{"json without a brace, text", "hello", "neither XML nor binary"},
		{"root no dictionary", "<plist><array/></plist>", "root is not a dictionary"},
		{"no root", "<plist/>", "no value"},
		{"no root, long", "<plist></plist>", "unexpected </plist>"},
		{"declaration alone", `<?xml version="1.0"?>`, "unexpected end"},
		{"encoding", `<?xml version="1.0" encoding="GB18030"?><dict/>`, `encoding "GB18030"`},
		{"entity declared", `<!DOCTYPE plist [<!ENTITY a "b">]><dict/>`, "declarations"},
		{"declaration outside", `<!ENTITY a "b"><dict/>`, "unknown declaration"},
		{"unknown entity", in("<string>&a;</string>"), `line 2: unknown reference "a"`},
		{"lone ampersand", in("<string>a & b</string>"), "& without"},
		{"zero, surrogate, too large", in("<string>&#0;</string>"), "unknown reference"},
		{"surrogate", in("<string>&#xD800;</string>"), "unknown reference"},
		{"beyond unicode", in("<string>&#x110000;</string>"), "unknown reference"},
		{"html", "<!DOCTYPE html><html><body>", "unknown element <html>"},
		{"text between", in("<true/>x"), "text between"},
		{"cdata between", in("<![CDATA[x]]><true/>"), "text between"},
		{"element in a string", in("<string>a<b/></string>"), "<b> inside <string>"},
		{"wrong end", in("<array></dict>"), "unexpected </dict>"},
		{"value without key", "<dict><true/></dict>", "<true> where <key>"},
		{"key without value", "<dict><key>a</key></dict>", "unexpected </dict>"},
		{"key in a list", in("<array><key>a</key></array>"), "unknown element <key>"},
		{"no end", "<plist><dict><key>k</key><true/>", "unexpected end"},
		{"no end of a string", "<dict><key>k</key><string>a", "unexpected end"},
		{"no end of a comment", "<!-- <dict/>", "unexpected end"},
		{"no end of a quote", `<plist a="><dict/>`, "unexpected end"},
		{"no name", in("< true/>"), "malformed tag"},
		{"name too long", in("<" + strings.Repeat("x", 100) + "/>"), "malformed tag"},
		{"integer", in("<integer>1.5</integer>"), "integer"},
		{"integer empty", in("<integer/>"), "integer"},
		{"integer with two signs", in("<integer>--1</integer>"), "integer"},
		{"integer too small", in("<integer>-9223372036854775809</integer>"), "integer"},
		{"real number", in("<real>x</real>"), "real number"},
		{"base64", in("<data>=</data>"), "base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := plist.Parse([]byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) || got != nil {
				t.Errorf("got %v, %v, want error %q", got, err, tt.want)
			}
		})
	}
}
