package settings

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Schema is the JSON Schema of a settings file.
func Schema() ([]byte, error) {
	s := Default()
	root := object(keys(&s))
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Beagle settings"
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema of the settings: %w", err)
	}
	return append(data, '\n'), nil
}

// object describes a mapping with these keys, whose dots are mappings too.
func object(keys []key) map[string]any {
	root := map[string]any{"type": "object", "additionalProperties": false, "properties": map[string]any{}}
	var needed []string
	for i := range keys {
		at := root
		parts := strings.Split(keys[i].name, ".")
		for _, part := range parts[:len(parts)-1] {
			properties := at["properties"].(map[string]any)
			if properties[part] == nil {
				properties[part] = map[string]any{"type": "object", "additionalProperties": false, "properties": map[string]any{}}
			}
			at = properties[part].(map[string]any)
		}
		value := keys[i].shape.describe().schema
		value["description"] = keys[i].doc
		at["properties"].(map[string]any)[parts[len(parts)-1]] = value
		if keys[i].needed {
			needed = append(needed, keys[i].name)
		}
	}
	if needed != nil {
		root["required"] = needed
	}
	return root
}

// Page brings the parts of docs/settings.md that come from the keys up to date.
func Page(page string) (string, error) {
	parts := []struct{ name, text string }{
		{"defaults", "```yaml\n" + defaults() + "```\n"},
		{"keys", reference()},
	}
	for _, part := range parts {
		before, rest, ok := strings.Cut(page, "<!-- "+part.name+": written by go generate -->\n")
		_, after, closed := strings.Cut(rest, "<!-- end of "+part.name+" -->\n")
		if !ok || !closed {
			return "", fmt.Errorf("describe the settings: the page has no place for the %s", part.name)
		}
		page = fmt.Sprintf("%s<!-- %s: written by go generate -->\n\n%s\n<!-- end of %s -->\n%s", before, part.name, part.text, part.name, after)
	}
	return page, nil
}

// reference describes each key.
func reference() string {
	s := Default()
	var out strings.Builder
	for _, k := range keys(&s) {
		d := k.shape.describe()
		fmt.Fprintf(&out, "### `%s`\n\n%s.\n\n", k.name, sentence(k.doc))
		fmt.Fprintf(&out, "| Type | Unit | Allowed | Default | Example | Variable |\n|---|---|---|---|---|---|\n")
		fmt.Fprintf(&out, "| %s | %s | %s | `%s` | `%s` | `%s` |\n\n",
			d.kind, d.unit, d.allowed, k.shape.show(), k.example, k.variable())
		if list, ok := k.shape.(interface{ entries() []key }); ok {
			entryTable(&out, list.entries())
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func entryTable(out *strings.Builder, keys []key) {
	out.WriteString("| Key of an entry | Type | Needed | Meaning | Example |\n|---|---|---|---|---|\n")
	for _, k := range keys {
		needed := "no"
		if k.needed {
			needed = "yes"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s | `%s` |\n", k.name, k.shape.describe().kind, needed, k.doc, k.example)
	}
	out.WriteString("\n")
}

// defaults is a settings file in which every key has its default.
func defaults() string {
	s := Default()
	var out strings.Builder
	section := ""
	for _, k := range keys(&s) {
		parent, name, nested := strings.Cut(k.name, ".")
		if !nested {
			parent, name = "", k.name
		}
		if nested && parent != section {
			fmt.Fprintf(&out, "%s:\n", parent)
		}
		section = parent
		if nested {
			name = "  " + name
		}
		fmt.Fprintf(&out, "%s: %s\n", name, k.shape.show())
	}
	return out.String()
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
