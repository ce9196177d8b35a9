package settings

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"beagle/detectors/catalog/plistdoc"
)

// emptyIsNil: a file can say that a list is empty, where the default says nothing.
func emptyIsNil() cmp.Option { return cmpopts.EquateEmpty() }

// showAll writes all settings as a file.
func showAll(s *Settings) string {
	var out strings.Builder
	for _, k := range keys(s) {
		section, name, nested := strings.Cut(k.name, ".")
		if !nested {
			fmt.Fprintf(&out, "%s: %s\n", k.name, k.shape.show())
			continue
		}
		if !strings.Contains("\n"+out.String(), "\n"+section+":\n") {
			fmt.Fprintf(&out, "%s:\n", section)
		}
		fmt.Fprintf(&out, "  %s: %s\n", name, k.shape.show())
	}
	return out.String()
}

func page(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestDrift holds the generated files to the keys.
func TestDrift(t *testing.T) {
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(schema), string(got)); diff != "" {
		t.Errorf("schema.json is out of date, run go generate ./agent/internal/settings (-want +got):\n%s", diff)
	}
	want, err := Page(page(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, page(t)); diff != "" {
		t.Errorf("docs/settings.md is out of date, run go generate ./agent/internal/settings (-want +got):\n%s", diff)
	}
}

func TestPageListsEveryKey(t *testing.T) {
	var s Settings
	text := page(t)
	variables := map[string]bool{}
	for _, k := range keys(&s) {
		if !strings.Contains(text, "### `"+k.name+"`\n") || !strings.Contains(text, "`"+k.variable()+"`") {
			t.Errorf("docs/settings.md has no part on %s", k.name)
		}
		if variables[k.variable()] {
			t.Errorf("two keys have the variable %s", k.variable())
		}
		variables[k.variable()] = true
		if strings.Contains(k.doc, "|") || k.doc == "" || k.example == "" {
			t.Errorf("%s: wants words without a bar, and an example", k.name)
		}
	}
	for _, name := range otherVariables() {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/settings.md does not tell what %s is", name)
		}
	}
}

// TestDefaultsAreWritten reads the file that shows all defaults.
func TestDefaultsAreWritten(t *testing.T) {
	r := resolved(t, Places{File: written(t, defaults())})
	if diff := cmp.Diff(Default(), r.Settings, emptyIsNil()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for key, origin := range r.Origins {
		if origin.Layer != LayerFile {
			t.Errorf("%s is not in the file", key)
		}
	}
}

// fenced returns the examples of the page in one language.
func fenced(t *testing.T, language string) []string {
	t.Helper()
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(page(t), -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) == 0 {
		t.Fatalf("docs/settings.md has no example in %s", language)
	}
	return blocks
}

func TestExamplesOfThePage(t *testing.T) {
	for i, text := range fenced(t, "yaml") {
		if _, err := Resolve(Places{File: written(t, text)}); err != nil {
			t.Errorf("yaml %d: %v", i, err)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^    (BEAGLE_[A-Z_]+=.*)$`).FindAllStringSubmatch(page(t), -1) {
		if runtime.GOOS == "windows" && strings.Contains(m[1], "PATHS") {
			continue // the paths of another system
		}
		if _, err := Resolve(Places{Environ: m[1:]}); err != nil {
			t.Error(err)
		}
	}
	for i, text := range fenced(t, "reg") {
		s, origins, err := fromKey(t, parseReg(t, text))
		if err != nil {
			t.Errorf("reg %d: %v", i, err)
		}
		if len(origins) != 8 || len(s.Bans) != 2 || s.Limits.CPU != 3 || s.Schedule.Deep != day || len(s.Exemptions) != 1 {
			t.Errorf("reg %d: got %d keys: %+v", i, len(origins), s)
		}
	}
	for _, text := range fenced(t, "xml") {
		if strings.Contains(text, "<plist") {
			profile(t, text)
		} else {
			template(t, text)
		}
	}
}

// profile reads what macOS makes of the payload of a configuration profile.
func profile(t *testing.T, text string) {
	t.Helper()
	root, err := plistdoc.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	payload := root["PayloadContent"].([]any)[0].(map[string]any)
	if payload["PayloadType"] != BundleID {
		t.Errorf("the profile is for %v, want %s", payload["PayloadType"], BundleID)
	}
	s := Default()
	all := keys(&s)
	list := plistNode("profile", payload, 0)
	list.fields = slices.DeleteFunc(list.fields, func(f *field) bool { return strings.HasPrefix(f.name, "Payload") })
	found, errs := sort(list, all)
	if err := report(append(errs, take(layer{LayerManaged, found}, all, map[string]Origin{})...)); err != nil {
		t.Error(err)
	}
	if s.Limits.Memory != 150 || s.Schedule.Jitter != 0.25 || len(s.Bans) != 1 || s.Bans[0].Since != "2026-01-01" {
		t.Errorf("got %+v", s)
	}
}

// template holds the names in an administrative template to the keys.
func template(t *testing.T, text string) {
	t.Helper()
	var s Settings
	known := map[string]bool{}
	for _, k := range keys(&s) {
		known[`Software\Policies\Beagle\`+strings.ReplaceAll(k.name, ".", `\`)] = true
	}
	seen := 0
	policy := ""
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attributes := map[string]string{}
		for _, a := range element.Attr {
			attributes[a.Name.Local] = a.Value
		}
		value := ""
		switch element.Name.Local {
		case "policy":
			policy = attributes["key"]
		case "list":
			value = attributes["key"]
		case "text", "enum", "multiText":
			value = policy + `\` + attributes["valueName"]
		}
		if value != "" {
			seen++
			if !known[value] {
				t.Errorf("the template sets %s, which is no setting", value)
			}
		}
	}
	if seen == 0 {
		t.Error("the template sets nothing")
	}
}

// parseReg reads an export of the registry editor, as far as the example goes.
func parseReg(t *testing.T, text string) *registryKey {
	t.Helper()
	root := &registryKey{}
	at := root
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if path, ok := strings.CutPrefix(line, `[HKEY_LOCAL_MACHINE\Software\Policies\Beagle`); ok {
			at = root
			for name := range strings.SplitSeq(strings.Trim(path, `\]`), `\`) {
				if name != "" {
					at.subkeys = append(at.subkeys, registrySubkey{name, &registryKey{}})
					at = at.subkeys[len(at.subkeys)-1].key
				}
			}
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		var data any
		if number, isNumber := strings.CutPrefix(value, "dword:"); isNumber {
			n, err := strconv.ParseUint(number, 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			data = n
		} else {
			word, err := strconv.Unquote(value) // it escapes quotes and backslashes alike
			if err != nil {
				t.Fatalf("%s: %v", value, err)
			}
			data = word
		}
		at.values = append(at.values, registryValue{strings.Trim(name, `"`), data})
	}
	return root
}

// TestSchemaKnowsTheKeys compares the schema with what the reader accepts.
func TestSchemaKnowsTheKeys(t *testing.T) {
	data, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	s := Default()
	for _, k := range keys(&s) {
		at := root
		for part := range strings.SplitSeq(k.name, ".") {
			if at["additionalProperties"] != false {
				t.Errorf("%s: the schema lets unknown keys pass", k.name)
			}
			at, _ = at["properties"].(map[string]any)[part].(map[string]any)
		}
		if at["type"] == nil {
			t.Errorf("the schema does not know %s", k.name)
			continue
		}
		pattern, ok := at["pattern"].(string)
		if !ok {
			continue
		}
		for _, text := range []string{k.example, k.shape.show()} {
			if !regexp.MustCompile(pattern).MatchString(text) {
				t.Errorf("%s: the schema refuses %q", k.name, text)
			}
		}
		for _, text := range []string{"", "30", "1.5h", "-1h", "1 h", "h", "offf"} {
			if regexp.MustCompile(pattern).MatchString(text) {
				t.Errorf("%s: the schema accepts %q", k.name, text)
			}
		}
	}
}
