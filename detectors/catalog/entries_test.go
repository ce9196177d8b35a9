package catalog_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"beagle/detectors/catalog"
	"beagle/detectors/catalog/codegen"
)

func shipped(t *testing.T) *catalog.Source {
	t.Helper()
	src, err := catalog.Load(os.DirFS("apps"))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestEntries(t *testing.T) {
	src := shipped(t)
	problems := map[string][]string{}
	for _, p := range catalog.Lint(src) {
		problems[p.App] = append(problems[p.App], p.Text)
	}
	for _, text := range problems["catalog"] {
		t.Error(text)
	}
	for _, app := range src.Apps {
		t.Run(app.ID, func(t *testing.T) {
			for _, text := range problems[app.ID] {
				t.Error(text)
			}
			for os, n := range map[catalog.OS]int{catalog.Linux: len(app.Indicators.Linux), catalog.MacOS: len(app.Indicators.MacOS), catalog.Windows: len(app.Indicators.Windows)} {
				t.Logf("%s: %d indicators", os, n)
			}
		})
	}
}

func TestSeedAppsAreThere(t *testing.T) {
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"alipay", "camscanner", "qq-wallet", "shareit", "tencent-qq", "vmate", "wechat", "wechat-pay", "wps-office", "tiktok"} {
		if _, ok := index.App(id); !ok {
			t.Errorf("no entry for %q", id)
		}
	}
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	// Given the entries as written, when compiled anew, then the committed files are the same.
	code, err := codegen.Go("catalog", "go generate", "embedded", shipped(t).Shipped())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := codegen.Schema(&catalog.App{}, "Beagle catalog entry")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{"embedded_gen.go": code, "schema.json": schema} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: make generate", name)
		}
	}
}

func TestExamplesAreFoundInAnyCompany(t *testing.T) {
	// Given the examples and near misses of all apps together, when matched at once,
	var evidence []catalog.Evidence
	src := shipped(t)
	withExamples := map[string]bool{}
	for _, app := range src.Apps {
		for i := range app.Examples {
			evidence = append(evidence, app.Examples[i].Evidence())
			withExamples[app.ID] = true
		}
		for i := range app.NearMisses {
			evidence = append(evidence, app.NearMisses[i].Evidence())
		}
	}
	index, err := src.Compile()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range index.Match(evidence) {
		found[f.App.ID] = true
	}
	// then every app with examples is found, and the carried ones with it.
	for _, app := range src.Apps {
		if (withExamples[app.ID] || len(app.CarriedBy) > 0) && !found[app.ID] {
			t.Errorf("%s is not found among all evidence", app.ID)
		}
	}
}

func format(f string) []catalog.Condition {
	return []catalog.Condition{{Attribute: "format", Matches: catalog.Patterns{f}}}
}

func TestLintComplains(t *testing.T) {
	// Given an entry with one mistake of each kind,
	src := &catalog.Source{Apps: []catalog.App{{
		ID: "Bad_ID", Name: "Bad", Homepage: "http://example.com",
		Indicators: catalog.Indicators{Linux: []catalog.Indicator{
			{Kind: "dpgk", Value: catalog.Patterns{"x"}, Strength: catalog.Proof, Presence: "there", Grade: catalog.GradeDerived, Edition: "none"},
			{Kind: catalog.KindProcess, Value: catalog.Patterns{"x"}, Strength: catalog.Strong, Presence: catalog.Running, Grade: catalog.GradeManifest, Source: "s"},
			{Kind: catalog.KindProcess, Path: catalog.Patterns{"*/y"}, Strength: "sure", Presence: catalog.Running, Grade: "rumour", Source: "s"},
			{Kind: catalog.KindFile, Value: catalog.Patterns{"z"}, Where: format("appimage"), Strength: catalog.Strong, Presence: catalog.Portable, Grade: catalog.GradeManifest, Source: "s"},
			{Kind: catalog.KindFile, Path: catalog.Patterns{"/opt/z/z"}, Where: format("other"), Strength: catalog.Strong, Presence: catalog.Portable, Grade: catalog.GradeManifest, Source: "s"},
		}},
		Removal:    catalog.Removal{MacOS: []catalog.Step{{Code: "burn"}}},
		Examples:   []catalog.Example{{OS: catalog.Linux, Kind: catalog.KindProcess, Value: "x", Confidence: catalog.Possible, Presence: catalog.Running}},
		NearMisses: []catalog.Example{{OS: catalog.Linux, Kind: catalog.KindProcess, Value: "x"}},
	}}}
	// when it is linted,
	var text []string
	for _, p := range catalog.Lint(src) {
		text = append(text, p.Text)
	}
	all := strings.Join(text, "\n")
	// then each mistake is named.
	for _, want := range []string{
		"vendor is missing", "summary is missing", "id may hold only", `homepage "http://example.com" is no https`,
		`unknown kind "dpgk"`, `unknown presence "there"`, `grade "derived" is at most "hint"`, "no source",
		`edition "none" is not listed`, "linux indicator 2: a name alone is never more than a hint",
		`unknown strength "sure"`, `unknown grade "rumour"`, "linux indicator 4: a name alone is never more than a hint",
		"linux indicator 5: a file is more than a hint only with", `macos removal step 1: unknown code "burn"`, "no removal steps",
		`confidence is "likely", want "possible"`, `is taken for "Bad_ID"`, "does not say why", "no example is matched by it",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no complaint %q in\n%s", want, all)
		}
	}
}

func TestPlainFilesAreNoCopies(t *testing.T) {
	// Given every example that is a program file, when the same path holds a text instead,
	src := shipped(t)
	index, err := src.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, app := range src.Apps {
		for _, ex := range app.Examples {
			if ex.Kind != catalog.KindFile {
				continue
			}
			ev := ex.Evidence()
			ev.Attributes = map[string]string{"format": "other", catalog.AttrBeside: ex.Attributes[catalog.AttrBeside]}
			// then it is at most possible that the app is there.
			index.Recognise(&ev, func(m catalog.Matched) {
				if m.Strength() != catalog.Hint {
					t.Errorf("%s: a text at %q counts as %s", app.ID, ev.Path, m.Strength())
				}
			})
		}
	}
}
