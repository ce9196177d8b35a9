package settings

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"beagle/detectors/catalog/yamldoc"
)

// maxDepth is more than any setting needs.
const maxDepth = 16

// parseYAML reads a document; name is only for errors, and place says where a line of it is.
func parseYAML(name string, data []byte, place func(line int) string) (*node, error) {
	d := document{place: place}
	if err := yamldoc.Decode(name, data, &d); err != nil {
		where, text, _ := strings.Cut(strings.TrimPrefix(err.Error(), name), ": ")
		return nil, &Problem{Place: name + where, Text: text}
	}
	if d.root == nil { // an empty document
		d.root = &node{place: place(1)}
	}
	return d.root, nil
}

// document takes the parsed file over before it is turned into values of Go, which do not
// know their lines.
type document struct {
	place func(line int) string
	root  *node
}

// UnmarshalYAML is how the YAML library hands over what it parsed.
func (d *document) UnmarshalYAML(n ast.Node) error {
	d.root = d.node(n, 0)
	return nil
}

func (d *document) node(n ast.Node, depth int) *node {
	if n == nil || n.GetToken() == nil {
		return &node{place: d.place(1)}
	}
	out := &node{place: d.place(n.GetToken().Position.Line), kind: foreign, text: "a " + strings.ToLower(n.Type().String())}
	if depth > maxDepth {
		out.text = "something nested too deeply"
		return out
	}
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind = nothing
	case *ast.StringNode:
		out.kind, out.text = scalar, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = scalar, n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = scalar, n.GetToken().Value
	case *ast.SequenceNode:
		out.kind = list
		for _, item := range n.Values {
			out.items = append(out.items, d.node(item, depth+1))
		}
	case *ast.MappingNode:
		if text, ok := withColon(n); ok {
			out.kind, out.text = scalar, text
			return out
		}
		out.kind = mapping
		for _, pair := range n.Values {
			value := d.node(pair.Value, depth+1)
			// A value that goes over several lines is found by its key.
			value.place = d.place(pair.Key.GetToken().Position.Line)
			out.fields = append(out.fields, &field{pair.Key.GetToken().Value, value})
		}
	case *ast.TagNode:
		return d.node(n.Value, depth+1)
	}
	return out
}

// withColon recovers a text such as us-state-agency:TX. In a list in brackets that is itself in
// braces the YAML library takes one for a mapping, though a colon ends a key there only before a
// space (https://yaml.org/spec/1.2.2/#733-plain-style).
func withColon(n *ast.MappingNode) (string, bool) {
	if len(n.Values) != 1 {
		return "", false
	}
	key, colon, value := n.Values[0].Key.GetToken(), n.Values[0].Start, n.Values[0].Value.GetToken()
	if colon == nil || value == nil || n.GetToken() != colon || !plain(key) || !plain(value) {
		return "", false
	}
	if value.Position.Line != colon.Position.Line || value.Position.Column != colon.Position.Column+1 {
		return "", false
	}
	return key.Value + ":" + value.Value, true
}

// plain reports whether a token is a text or number without quotes.
func plain(t *token.Token) bool {
	return t.CharacterType == token.CharacterTypeMiscellaneous && t.Indicator == token.NotIndicator
}

// inFile says where a line of a settings file is.
func inFile(path string) func(int) string {
	return func(line int) string { return fmt.Sprintf("%s:%d", path, line) }
}
