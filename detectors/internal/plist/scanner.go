package plist

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// blanks is the white space of XML.
const blanks = " \t\r\n"

func isBlank(c byte) bool { return strings.IndexByte(blanks, c) >= 0 }

// xmlScanner knows as much of XML 1.0 as property lists use: tags whose attributes do
// not matter, text, CDATA, comments, processing instructions, a document type without
// declarations of its own. Every step moves forward, so time is linear.
type xmlScanner struct {
	text []byte
	pos  int
}

// tag is a start tag, an end tag or, if empty, both in one.
type tag struct {
	name  string
	end   bool
	empty bool
}

// closes tells whether t is the end tag of open.
func (t tag) closes(open tag) bool { return t.end && t.name == open.name }

var (
	errEnd  = errors.New("unexpected end of the text")
	errText = errors.New("text between elements")
)

// next returns the next tag, past everything that has no meaning between tags.
func (s *xmlScanner) next() (tag, error) {
	for {
		for s.pos < len(s.text) && isBlank(s.text[s.pos]) {
			s.pos++
		}
		if s.pos == len(s.text) {
			return tag{}, errEnd
		}
		if s.text[s.pos] != '<' {
			return tag{}, errText
		}
		skipped, err := s.skipMarkup()
		if err != nil {
			return tag{}, err
		}
		if !skipped {
			return s.tag()
		}
	}
}

// skipMarkup moves past a comment, processing instruction or document type.
func (s *xmlScanner) skipMarkup() (skipped bool, err error) {
	rest := s.text[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		_, err = s.until("<!--", "-->")
	case bytes.HasPrefix(rest, []byte("<?")):
		var inner []byte
		if inner, err = s.until("<?", "?>"); err == nil {
			err = checkEncoding(inner)
		}
	case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
		err = s.doctype()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		err = errText
	case bytes.HasPrefix(rest, []byte("<!")):
		err = errors.New("unknown declaration")
	default:
		return false, nil
	}
	return true, err
}

// until moves past the text between start, which is here, and stop, and returns it.
func (s *xmlScanner) until(start, stop string) ([]byte, error) {
	from := s.pos + len(start)
	n := bytes.Index(s.text[from:], []byte(stop))
	if n < 0 {
		return nil, errEnd
	}
	s.pos = from + n + len(stop)
	return s.text[from : from+n], nil
}

// checkEncoding refuses an XML declaration that names another encoding than is read.
func checkEncoding(instruction []byte) error {
	decl, ok := bytes.CutPrefix(instruction, []byte("xml"))
	if !ok || len(decl) == 0 || !isBlank(decl[0]) {
		return nil
	}
	_, val, ok := bytes.Cut(decl, []byte("encoding"))
	if !ok {
		return nil
	}
	val = bytes.TrimLeft(val, "="+blanks)
	if len(val) < 2 {
		return nil
	}
	name, _, _ := bytes.Cut(val[1:], val[:1])
	for _, known := range []string{"UTF-8", "UTF8", "US-ASCII", "ASCII"} {
		if strings.EqualFold(string(name), known) {
			return nil
		}
	}
	return fmt.Errorf("encoding %.40q is not supported", name)
}

// doctype moves past a document type. Entities could be declared only in brackets.
func (s *xmlScanner) doctype() error {
	if err := s.toTagEnd("["); err != nil {
		return err
	}
	if s.text[s.pos] == '[' {
		return errors.New("declarations in the document type are not supported")
	}
	s.pos++
	return nil
}

// toTagEnd moves to the next ">", or one of the bytes also given, outside quotes.
func (s *xmlScanner) toTagEnd(also string) error {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch {
		case c == '>' || strings.IndexByte(also, c) >= 0:
			return nil
		case c == '"' || c == '\'':
			n := bytes.IndexByte(s.text[s.pos+1:], c)
			if n < 0 {
				return errEnd
			}
			s.pos += n + 2
		default:
			s.pos++
		}
	}
	return errEnd
}

// maxName bounds the name of an element; the longest known is "integer".
const maxName = 32

func (s *xmlScanner) tag() (tag, error) {
	var t tag
	s.pos++ // the "<"
	if s.pos < len(s.text) && s.text[s.pos] == '/' {
		t.end = true
		s.pos++
	}
	rest := s.text[s.pos:]
	n := bytes.IndexAny(rest[:min(len(rest), maxName+1)], "/>"+blanks)
	if n < 1 {
		return t, fmt.Errorf("malformed tag %.20q", rest[:min(len(rest), maxName)])
	}
	t.name = string(rest[:n])
	s.pos += n
	if err := s.toTagEnd(""); err != nil {
		return t, err
	}
	t.empty = !t.end && s.text[s.pos-1] == '/'
	s.pos++
	return t, nil
}

// content returns the text of an element without children, up to and past its end tag.
func (s *xmlScanner) content(open tag) (string, error) {
	if open.empty {
		return "", nil
	}
	var b strings.Builder
	for {
		n := bytes.IndexByte(s.text[s.pos:], '<')
		if n < 0 {
			return "", errEnd
		}
		if err := s.addText(&b, s.text[s.pos:s.pos+n]); err != nil {
			return "", err
		}
		s.pos += n
		if bytes.HasPrefix(s.text[s.pos:], []byte("<![CDATA[")) {
			raw, err := s.until("<![CDATA[", "]]>")
			if err != nil {
				return "", err
			}
			addLines(&b, raw)
			continue
		}
		skipped, err := s.skipMarkup()
		if err != nil {
			return "", err
		}
		if skipped {
			continue
		}
		t, err := s.tag()
		if err != nil {
			return "", err
		}
		if !t.closes(open) {
			return "", fmt.Errorf("<%s> inside <%s>", t.name, open.name)
		}
		return strings.ToValidUTF8(b.String(), "\ufffd"), nil
	}
}

// addText writes text with its references resolved.
func (s *xmlScanner) addText(b *strings.Builder, text []byte) error {
	for {
		i := bytes.IndexByte(text, '&')
		if i < 0 {
			addLines(b, text)
			return nil
		}
		addLines(b, text[:i])
		text = text[i+1:]
		const longest = len("#x10FFFF") + 8 // leading zeros
		n := bytes.IndexByte(text[:min(len(text), longest+1)], ';')
		if n < 0 {
			return errors.New("& without a reference")
		}
		r, ok := reference(string(text[:n]))
		if !ok {
			return fmt.Errorf("unknown reference %.40q", text[:n])
		}
		b.WriteRune(r)
		text = text[n+1:]
	}
}

// reference resolves the five entities of XML and the numbers of characters.
func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "apos":
		return '\'', true
	case "quot":
		return '"', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// addLines writes text with every end of line as a line feed (XML 1.0, section 2.11).
func addLines(b *strings.Builder, text []byte) {
	for {
		i := bytes.IndexByte(text, '\r')
		if i < 0 {
			b.Write(text)
			return
		}
		b.Write(text[:i])
		b.WriteByte('\n')
		text = bytes.TrimPrefix(text[i+1:], []byte("\n"))
	}
}
