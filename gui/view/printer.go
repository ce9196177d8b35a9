package view

import (
	"embed"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed messages/*.json
var messages embed.FS

// pseudo is the tag of a language for tests: English, longer and with accents, so that an
// eye finds what is cut and what was never translated.
const pseudo = "en-XA"

// Languages lists the tags of all languages, the one that stands in for unknown ones first.
func Languages() []string { return []string{"en", "de", "es", "fr", "zh-Hans"} }

// Printer speaks one language. It may be used by several goroutines.
type Printer struct {
	tag  string
	lang language.Tag // by which plural forms are chosen
	// Messages by key: the form for one, where there is one, and that for everything else.
	one, other map[string]template
	strange    bool // speaks the language for tests
	zone       *time.Location
}

// NewPrinter returns a printer for the first of these languages that it knows or that is near
// one it knows, English if none is. They are BCP 47 tags or values of LANG, such as
// "de_AT.UTF-8"; "en-XA" is a language for tests.
func NewPrinter(languages ...string) *Printer {
	tag := choose(languages)
	file := tag
	if tag == pseudo {
		file = "en"
	}
	p := &Printer{
		tag: tag, lang: language.Make(file), strange: tag == pseudo, zone: time.Local,
		one: map[string]template{}, other: map[string]template{},
	}
	// Only the language that is spoken is read, since a resident program keeps what it reads;
	// and go-i18n's own templates stay out of it, which would cost the tray 1 MiB.
	name := "messages/" + file + ".json"
	data, err := messages.ReadFile(name)
	if err != nil {
		return p // which shows keys; a test reads every file
	}
	read, err := i18n.ParseMessageFileBytes(data, name, nil)
	if err != nil {
		return p
	}
	for _, m := range read.Messages {
		p.other[m.ID] = parse(m.Other, p.strange)
		if m.One != "" {
			p.one[m.ID] = parse(m.One, p.strange)
		}
	}
	return p
}

// Language is the tag of the printer's language.
func (p *Printer) Language() string { return p.tag }

// In returns a printer that tells times of another zone; the default is time.Local.
func (p *Printer) In(zone *time.Location) *Printer {
	other := *p
	other.zone = zone
	return &other
}

// LanguagesOf reads which languages a person prefers from the environment of a Unix session,
// in the order of gettext (https://www.gnu.org/software/gettext/manual/html_node/Locale-Environment-Variables.html).
func LanguagesOf(getenv func(name string) string) []string {
	var list []string
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := getenv(name); value != "" {
			list = append(list, value)
			break
		}
	}
	if len(list) > 0 && plainTag(list[0]) == "" {
		return nil // the locale C speaks English, whatever else is set
	}
	return append(strings.FieldsFunc(getenv("LANGUAGE"), func(r rune) bool { return r == ':' }), list...)
}

func choose(languages []string) string {
	known := Languages()
	tags := make([]language.Tag, len(known))
	for i, tag := range known {
		tags[i] = language.Make(tag)
	}
	matcher := language.NewMatcher(tags)
	for _, wish := range languages {
		wish = plainTag(wish)
		if strings.EqualFold(wish, pseudo) {
			return pseudo
		}
		tag, err := language.Parse(wish)
		if err != nil || wish == "" {
			continue
		}
		if _, i, sure := matcher.Match(tag); sure > language.No {
			return known[i]
		}
	}
	return known[0]
}

// plainTag makes a BCP 47 tag of the value of LANG, "" of one that names no language.
func plainTag(wish string) string {
	wish, _, _ = strings.Cut(wish, ".")
	wish, _, _ = strings.Cut(wish, "@")
	wish = strings.ReplaceAll(wish, "_", "-")
	if wish == "C" || wish == "POSIX" {
		return ""
	}
	return wish
}

// said is text that a printer made, as opposed to text from a machine: it is safe already.
type said string

// say returns a message with its arguments, given as names and values. A string is taken for
// text from a machine and made harmless; said is kept, a whole number is written as people do.
func (p *Printer) say(key string, args ...any) string {
	if t, ok := p.other[key]; ok {
		return t.fill(p.data(args))
	}
	return key // a test makes sure that there is none
}

// count is say for a message that depends on a number, which it knows as "count". The form is
// chosen by the rules of CLDR. The form that some languages have for millions is not told
// from the others: nothing here is counted in round millions.
func (p *Printer) count(key string, n int, args ...any) string {
	args = append(args, "count", n)
	if t, ok := p.one[key]; ok && plural.Cardinal.MatchPlural(p.lang, max(n, 0), 0, 0, 0, 0) == plural.One {
		return t.fill(p.data(args))
	}
	return p.say(key, args...)
}

func (p *Printer) data(args []any) map[string]string {
	data := make(map[string]string, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		name, _ := args[i].(string)
		switch v := args[i+1].(type) {
		case said:
			data[name] = string(v)
		case string:
			data[name] = quoted(v)
		case int:
			data[name] = p.number(int64(v))
		case int64:
			data[name] = p.number(v)
		}
	}
	return data
}

// coded returns the message for a code, and whether there is one: a newer agent may have codes
// that this version does not know.
func (p *Printer) coded(prefix, code string, args ...any) (string, bool) {
	key := prefix + "." + code
	if _, known := p.other[key]; !known || code == "" {
		return "", false
	}
	return p.say(key, args...), true
}

// word is the word for a code, or the code itself where it is not known.
func (p *Printer) word(prefix, code string) string {
	if text, ok := p.coded(prefix, code); ok {
		return text
	}
	return clean(strings.ReplaceAll(code, "_", " "))
}

// unknown shows a code of a newer agent with what came with it.
func (p *Printer) unknown(code string, args map[string]string) string {
	text := strings.ReplaceAll(code, "_", " ")
	for _, name := range slices.Sorted(maps.Keys(args)) {
		text += ", " + strings.ReplaceAll(name, "_", " ") + " " + args[name]
	}
	return p.say("unknown", "what", text)
}

// arguments turns the arguments of a code into those of a message.
func arguments(args map[string]string) []any {
	list := make([]any, 0, 2*len(args))
	for name, value := range args {
		list = append(list, name, value)
	}
	return list
}

// list joins what is said into an enumeration, without an "and".
func (p *Printer) list(parts []string) string { return strings.Join(parts, p.say("list.comma")) }
