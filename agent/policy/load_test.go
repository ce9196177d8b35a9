package policy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// TestLoadErrors holds the errors of hand-written files to one line each that says where and what.
func TestLoadErrors(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"broken YAML", "id: x\ntitle: [one\n", `x.yaml:2:8: sequence end token ']' not found`},
		{"mapping in a text", "id: x\n  title: y\n", "x.yaml:1:5: mapping value is not allowed in this context"},
		{"unknown key", "id: x\ntitel: y\n", `x.yaml:2:1: unknown field "titel"`},
		{"unknown key in an event", "id: x\nevents:\n  - date: 2021-01-05\n    untill: 2021-01-06\n", `x.yaml:4:5: unknown field "untill"`},
		{"key given twice", "id: x\nid: x\n", `x.yaml:2:1: mapping key "id" already defined at [1:1]`},
		{"impossible date", "id: x\nevents:\n  - date: 2021-02-30\n", `x.yaml:3:11: "2021-02-30" is no date: write it as 2021-02-19`},
		{"impossible date in quotes", "id: x\nevents:\n  - {date: \"2021-02-30\"}\n", `x.yaml:3:12: "2021-02-30" is no date: write it as 2021-02-19`},
		{"impossible date of an app", "id: x\napps:\n  - id: y\n    since: 2021-13-01\n", `x.yaml:4:12: "2021-13-01" is no date: write it as 2021-02-19`},
		{"a year is no date", "id: x\nevents:\n  - date: 2021\n", `x.yaml:3:11: "2021" is no date: write it as 2021-02-19`},
		{"an empty date", "id: x\nevents:\n  - date: ''\n", `x.yaml:3:11: "" is no date: write it as 2021-02-19`},
		{"a list is no date", "id: x\nevents:\n  - date: [2021-01-05]\n", `x.yaml:3:11: "[" is no date: write it as 2021-02-19`},
		{"a long text is cut short", "id: x\nevents:\n  - date: " + strings.Repeat("x", 1000) + "\n",
			`x.yaml:3:11: "` + strings.Repeat("x", 40) + `" is no date: write it as 2021-02-19`},
		{"wrong id", "title: a rule\nid: y\n", `x.yaml:2:5: id is "y", but the file name says "x"`},
		{"id in other case", "id: X\n", `x.yaml:1:5: id is "X", but the file name says "x"`},
		{"no id", "title: a rule\n", `x.yaml:1:1: id is "", but the file name says "x"`},
		{"empty file", "", `x.yaml:1:1: id is "", but the file name says "x"`},
		{"a list", "- a\n", "x.yaml:1:1: sequence was used where mapping is expected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a file with a mistake, when it is loaded, then one line tells place and value.
			_, err := policy.Load(fstest.MapFS{"x.yaml": {Data: []byte(c.file)}})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// whole is the least that a policy must say.
const whole = "id: x\ntitle: a rule\nnature: law\ndevice_relevant: false\nacts: [install]\n" +
	"events:\n  - {date: 2021-01-05, status: effective, confidence: high}\n"

// TestLoadRefusesWhatCannotBeJudged spoils one value of a policy at a time.
func TestLoadRefusesWhatCannotBeJudged(t *testing.T) {
	for _, c := range []struct{ name, old, spoilt, want string }{
		{"nothing", "", "", ""},
		{"no title", "title: a rule\n", "", "x.yaml:1:1: title: is missing"},
		{"nature", "law", "custom", `x.yaml:3:9: nature: is "custom", want law or company`},
		{"device_relevant left out", "device_relevant: false\n", "", "x.yaml:1:1: device_relevant: is missing"},
		{"device_relevant empty", "device_relevant: false", "device_relevant:", "x.yaml:4:17: device_relevant: is missing"},
		{"act", "[install]", "[install, like]", `x.yaml:5:17: acts[1]: unknown act "like", want one of [install use `},
		{"no events", "events:\n  - {date: 2021-01-05, status: effective, confidence: high}\n", "events: []\n", "x.yaml:6:9: events: are missing"},
		{"no date", "date: 2021-01-05, ", "", "events[0].date: no date"},
		{"status", "effective", "upheld", `x.yaml:7:32: events[0].status: unknown status "upheld", want one of [signed `},
		{"confidence", "high", "sure", `x.yaml:7:55: events[0].confidence: unknown confidence "sure", want one of [high medium low unsourced]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a policy with one mistake,
			text := strings.Replace(whole, c.old, c.spoilt, 1)
			// when it is loaded,
			set, err := policy.Load(fstest.MapFS{"x.yaml": {Data: []byte(text)}})
			// then it is left out, and one line says where and why.
			if c.want == "" {
				if err != nil || len(set.Policies) != 1 {
					t.Errorf("got %d policies, %v; want one", len(set.Policies), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(set.Policies) != 0 {
				t.Errorf("got %d policies, %v; want none, %q", len(set.Policies), err, c.want)
			}
		})
	}
}

func TestLoadReportsEveryFile(t *testing.T) {
	// Given two broken files beside a good one and a manifest.
	set, err := policy.Load(fstest.MapFS{
		"a.yaml":        {Data: []byte("id: b\n")},
		"b.yaml":        {Data: []byte("id: [\n")},
		"c.yaml":        {Data: []byte(strings.Replace(whole, "id: x", "id: c", 1))},
		"manifest.yaml": {Data: []byte("version: 2.0.0\nmin_agent_version: 1.0.0\n")},
		"notes.txt":     {Data: []byte("no policy")},
	})
	// When they are loaded, then each mistake has its line, and the good one is there.
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.HasPrefix(err.Error(), "a.yaml:1:5: ") || !strings.Contains(err.Error(), "\nb.yaml:1:") {
		t.Errorf("got %v, want a line about a.yaml and one about b.yaml", err)
	}
	if _, ok := set.Find("C"); !ok || set.Version != "2.0.0" || set.MinAgentVersion != "1.0.0" {
		t.Errorf("got %+v, want c, version 2.0.0 for agents from 1.0.0", set)
	}
}

func TestLoadOfWholeDirectories(t *testing.T) {
	for _, c := range []struct {
		name string
		fsys fstest.MapFS
		want string
	}{
		{"empty", fstest.MapFS{}, "no *.yaml file in the directory"},
		{"manifest alone", fstest.MapFS{"manifest.yaml": {Data: []byte("version: 1\n")}}, "no *.yaml file in the directory"},
		{"broken manifest", fstest.MapFS{"manifest.yaml": {Data: []byte("verson: 1\n")}}, `manifest.yaml:1:1: unknown field "verson"`},
		{"other ending", fstest.MapFS{"x.yml": {}}, "x.yml: name it .yaml"},
		{"too large", fstest.MapFS{"x.yaml": {Data: []byte(strings.Repeat("# padding\n", 1<<17))}}, "x.yaml: larger than 1048576 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Given a directory that holds no policies, when it is loaded, then the error says so.
			if _, err := policy.Load(c.fsys); err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestParseDate(t *testing.T) {
	for text, ok := range map[string]bool{
		"2024-02-29": true, "2023-02-29": false, "2021-2-3": false, "2021-02-03T00:00:00Z": false, " 2021-02-03": false, "": false,
	} {
		// Given a text, when it is read as a day, then only days of the calendar pass, from JSON too.
		got, err := policy.ParseDate(text)
		if (err == nil) != ok || ok && string(got) != text {
			t.Errorf("ParseDate(%q) = %q, %v; want ok %v", text, got, err, ok)
		}
		var d policy.Date
		quoted, _ := json.Marshal(text)
		if err := json.Unmarshal(quoted, &d); (err == nil) != ok || ok && d != got {
			t.Errorf("from JSON %s: %q, %v; want ok %v", quoted, d, err, ok)
		}
	}
}

// FuzzLoad feeds arbitrary bytes to the loader and, where they make a policy, to everything
// that reads one.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("policies/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, seed := range []string{
		"", "id: x", "id: x\nevents: [{date: 2021-02-30}]", "id: x\norg_kinds: [any]\nevents: [{date: 2021-01-05, status: extended, until: 2021-01-04}]",
		"id: &a x\ntitle: *a\nevents: &b [*b]", "id: x\n<<: {id: y}", "--- {id: x}\n--- {id: y}", "id: !!binary eA==", "{id: x, apps: [{id: wechat}, {}]}", "\xff\xfe",
	} {
		f.Add([]byte(seed))
	}
	f.Add([]byte(whole))
	ix := stubIndex(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := policy.Load(fstest.MapFS{"x.yaml": {Data: data}})
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "x.yaml:") {
					t.Errorf("a line that names no file: %q", line)
				}
			}
			return
		}
		policy.Lint(set, ix)
		for _, day := range []policy.Date{"", "2021-01-05", "2026-11-23", "9999-12-31"} {
			for _, v := range policy.Judge(set.Policies, wechat(ix), policy.Question{On: day, Known: "9999-12-31", OrgKinds: []string{"us-person", "any:IN"}}) {
				if v.Ruling == "" || v.Reason.Code == "" {
					t.Errorf("a verdict on %q without ruling or reason: %+v", day, v)
				}
			}
		}
	})
}

func wechat(ix *catalog.Index) policy.Subject {
	found, _ := ix.App("wechat")
	return policy.Present(found)
}
