package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// registryKey is a key of the Windows registry with all that is below it.
type registryKey struct {
	values  []registryValue
	subkeys []registrySubkey
}

type registrySubkey struct {
	name string
	key  *registryKey
}

// registryValue is a text, a number, a list of texts, or the name of a type that no setting
// has.
type registryValue struct {
	name string
	data any // string, uint64, []string, foreignType
}

type foreignType string

// fromRegistry turns a key and its subkeys into sections and values. Names are compared as
// Windows does, without regard to case. A key whose values are numbered is a list, as group
// policy editors write one.
func fromRegistry(path string, key *registryKey) *node {
	n := &node{place: path, kind: mapping}
	if len(key.values)+len(key.subkeys) == 0 {
		n.kind = nothing // what is left of a policy that was withdrawn
		return n
	}
	if key.numbered() {
		n.kind = list
		values := slices.SortedFunc(slices.Values(key.values), func(a, b registryValue) int { return a.number() - b.number() })
		for _, v := range values {
			n.items = append(n.items, v.node(path))
		}
		return n
	}
	for _, v := range key.values {
		n.fields = append(n.fields, &field{v.fieldName(), v.node(path)})
	}
	for _, sub := range key.subkeys {
		n.fields = append(n.fields, &field{strings.ToLower(sub.name), fromRegistry(path+`\`+sub.name, sub.key)})
	}
	return n
}

func (k *registryKey) numbered() bool {
	return len(k.subkeys) == 0 && !slices.ContainsFunc(k.values, func(v registryValue) bool { return v.number() < 0 })
}

func (v registryValue) number() int {
	number, err := strconv.ParseUint(v.name, 10, 16)
	if err != nil {
		return -1
	}
	return int(number)
}

func (v registryValue) fieldName() string {
	if v.name == "" {
		return "(Default)"
	}
	return strings.ToLower(v.name)
}

func (v registryValue) node(path string) *node {
	n := &node{place: path + `\` + v.name, kind: scalar, worded: true}
	switch data := v.data.(type) {
	case string:
		n.text = data
	case uint64:
		n.text = strconv.FormatUint(data, 10)
	case []string:
		n.kind = list
		for _, text := range data {
			n.items = append(n.items, &node{place: n.place, kind: scalar, text: text, worded: true})
		}
	default:
		n.kind, n.text = foreign, fmt.Sprint(data)
	}
	return n
}
