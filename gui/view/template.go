package view

import (
	"strings"
	"unicode"
)

// template is a message in pieces, text and names of arguments in turn. It understands one
// form, {{.name}}. Unlike text/template it gives what is not there as nothing, and costs a
// resident program little.
type template []string

func parse(src string, strange bool) template {
	var parts template
	strange = strange && hasWords(src)
	for {
		text, rest, found := strings.Cut(src, "{{.")
		if strange {
			text = disguise(text)
		}
		parts = append(parts, text)
		if !found {
			break
		}
		var name string
		name, src, _ = strings.Cut(rest, "}}")
		parts = append(parts, name)
	}
	if strange {
		parts[0] = "[" + parts[0]
		parts[len(parts)-1] += padding(parts) + "]"
	}
	return parts
}

// hasWords reports whether a message is more than places for other text.
func hasWords(src string) bool {
	for {
		text, rest, found := strings.Cut(src, "{{.")
		if strings.IndexFunc(text, unicode.IsLetter) >= 0 {
			return true
		}
		if !found {
			return false
		}
		_, src, _ = strings.Cut(rest, "}}")
	}
}

// fill puts the arguments in their places.
func (t template) fill(args map[string]string) string {
	if len(t) == 1 {
		return t[0]
	}
	var b strings.Builder
	for i, part := range t {
		if i%2 == 1 {
			part = args[part]
		}
		b.WriteString(part)
	}
	return b.String()
}

// disguise gives letters accents.
func disguise(text string) string {
	const plain, accented = "aceiknorsuyzACEINORSUYZ", "áçéíķñóŕšúýžÁÇÉÍÑÓŔŠÚÝŽ"
	letters := []rune(accented)
	return strings.Map(func(r rune) rune {
		if i := strings.IndexRune(plain, r); i >= 0 {
			return letters[i]
		}
		return r
	}, text)
}

// padding makes a message as much longer as German or French may be: by four tenths.
func padding(parts template) string {
	letters := 0
	for i := 0; i < len(parts); i += 2 {
		letters += len([]rune(parts[i]))
	}
	const more = " ~~~~"
	return strings.Repeat(more, (letters*4/10+len(more)-1)/len(more))
}
