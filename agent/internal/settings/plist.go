package settings

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"beagle/detectors/catalog/plistdoc"
)

// fromPlist reads managed preferences as macOS writes them for a profile.
func fromPlist(path string, data []byte) (*node, error) {
	dict, err := plistdoc.Decode(data)
	if err != nil {
		return nil, &Problem{Place: path, Text: err.Error()}
	}
	// macOS leaves some keys of the profile's envelope in, such as PayloadUUID.
	maps.DeleteFunc(dict, func(name string, _ any) bool { return strings.HasPrefix(name, "Payload") })
	return plistNode(path, dict, 0), nil
}

func plistNode(path string, value any, depth int) *node {
	n := &node{place: path, kind: scalar, worded: true}
	switch v := value.(type) {
	case string:
		n.text = v
	case bool:
		n.text = strconv.FormatBool(v)
	case int64:
		n.text = strconv.FormatInt(v, 10)
	case uint64:
		n.text = strconv.FormatUint(v, 10)
	case float64:
		n.text = decimal(v)
	case time.Time:
		n.text = plistDate(v)
	case []any:
		n.kind = list
		for _, item := range v {
			n.items = append(n.items, plistNode(path, item, depth+1))
		}
	case map[string]any:
		n.kind = mapping
		for _, name := range slices.Sorted(maps.Keys(v)) {
			n.fields = append(n.fields, &field{name, plistNode(path, v[name], depth+1)})
		}
	case nil:
		n.kind = nothing
	default:
		n.kind, n.text = foreign, "data"
	}
	if depth > maxDepth {
		return &node{place: path, kind: foreign, text: "something nested too deeply"}
	}
	return n
}

// plistDate: a property list knows no days without a time.
func plistDate(t time.Time) string {
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}
