// Package hivefile makes Windows registry hive files for tests.
//
// Tests of anything that reads a Windows host need SOFTWARE and NTUSER.DAT files, which
// cannot be recorded freely: they are large and full of personal data. Here a test says in
// text what a hive shall hold, [FromReg] turns that into a [Node], and [Write] into the
// bytes of a valid hive of version 1.5, readable by other programs as well. All values are
// of type REG_SZ. The same tree always gives the same bytes.
//
// The package is for trusted input of test size; it writes everything in memory, and names
// beyond the limits of Windows (255 characters for a key, 16,383 for a value) or over
// 65,535 subkeys give a hive that cannot be read.
package hivefile

import (
	"fmt"
	"strings"
)

// Node is a key of a hive to be written.
type Node struct {
	Name   string            // ignored by Windows for the root; no backslashes
	Values map[string]string // texts by name; "" is the default value
	Keys   []Node            // subkeys in any order; names differ in more than case
}

// FromReg reads a tree from text in the manner of an exported .reg file:
//
//	; a comment
//	[Software\Tencent\QQ]
//	@="default value"
//	"DisplayName"="QQ"
//	"Path"="C:\\QQ"
//
// Key paths are taken literally; in quotes, \\ stands for a backslash and \" for a quote.
// Keys on the way to a section are added, and sections that differ only in case are one.
// The root is called "ROOT". Errors name the line.
func FromReg(text string) (Node, error) {
	root := Node{Name: "ROOT"}
	section := &root
	inSection := false
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == ';':
		case line[0] == '[':
			path, ok := strings.CutSuffix(line[1:], "]")
			if !ok {
				return Node{}, fmt.Errorf("line %d: key %q does not end in a bracket", number, line)
			}
			section, inSection = root.at(path), true
		case !inSection:
			return Node{}, fmt.Errorf("line %d: value %q before the first key", number, line)
		default:
			name, value, err := parseValue(line)
			if err != nil {
				return Node{}, fmt.Errorf("line %d: %w", number, err)
			}
			if section.Values == nil {
				section.Values = make(map[string]string)
			}
			section.Values[name] = value
		}
	}
	return root, nil
}

// at returns the node at a path below n and adds what is missing. The result is valid
// until the next call.
func (n *Node) at(path string) *Node {
	for name := range strings.SplitSeq(path, `\`) {
		if name != "" {
			n = n.child(name)
		}
	}
	return n
}

func (n *Node) child(name string) *Node {
	for i := range n.Keys {
		if strings.EqualFold(n.Keys[i].Name, name) {
			return &n.Keys[i]
		}
	}
	n.Keys = append(n.Keys, Node{Name: name})
	return &n.Keys[len(n.Keys)-1]
}

func parseValue(line string) (name, value string, err error) {
	rest, isDefault := strings.CutPrefix(line, "@")
	if !isDefault {
		if name, rest, err = unquote(line); err != nil {
			return "", "", fmt.Errorf("value name: %w", err)
		}
	}
	rest, ok := strings.CutPrefix(rest, "=")
	if !ok {
		return "", "", fmt.Errorf("no = after the value name in %q", line)
	}
	if value, rest, err = unquote(rest); err != nil {
		return "", "", fmt.Errorf("value %q: %w", name, err)
	}
	if rest != "" {
		return "", "", fmt.Errorf("value %q: %q after the closing quote", name, rest)
	}
	return name, value, nil
}

// unquote reads a quoted string from the start of s and returns what follows it.
func unquote(s string) (text, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		return "", "", fmt.Errorf("%q does not start with a quote", s)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], nil
		case c == '\\' && i+1 < len(s) && (s[i+1] == '\\' || s[i+1] == '"'):
			i++
			b.WriteByte(s[i])
		case c == '\\':
			return "", "", fmt.Errorf(`%q has a backslash that is not part of \\ or \"`, s)
		default:
			b.WriteByte(c)
		}
	}
	return "", "", fmt.Errorf("%q has no closing quote", s)
}
