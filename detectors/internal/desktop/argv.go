package desktop

import (
	"errors"
	"fmt"
	"strings"
)

// Argv splits the command line of [Entry.Exec] into the program and its arguments and
// drops the field codes, which stand for files the user picks (%% becomes %). An
// argument that was only field codes is dropped with them. A % that begins no field
// code of the specification stays, as it is mostly part of a URL.
//
// Beyond the specification's double quotes it takes single quotes, quotes in the midst
// of an argument and a backslash outside quotes as a shell does: GLib does so too, and
// menu entries rely on it. The error tells of a quote left open, or of more than 64 KiB.
//
// Source: Desktop Entry Specification, section "The Exec key".
func Argv(exec string) ([]string, error) {
	if len(exec) > maxLine {
		return nil, fmt.Errorf("splitting command line: longer than %d bytes", maxLine)
	}
	s := splitter{text: exec, codes: true}
	var argv []string
	for {
		word, ok, err := s.next()
		if err != nil {
			return nil, fmt.Errorf("splitting command line %.200q: %w", exec, err)
		}
		if !ok {
			return argv, nil
		}
		argv = append(argv, word)
	}
}

// splitter cuts a command line into words.
type splitter struct {
	text  string
	codes bool // drop field codes
	shell bool // stop at the operators of a shell

	word    strings.Builder
	quoted  bool // the word has quotes, so it counts even if empty
	dropped bool // the word had a field code
}

// operators end a simple command of a shell.
const operators = ";&|()<>\n"

// next returns the next word, ok = false at the end or before an operator.
func (s *splitter) next() (word string, ok bool, err error) {
	for {
		s.text = strings.TrimLeft(s.text, s.blanks())
		if s.text == "" || s.atOperator() {
			return "", false, nil
		}
		s.word.Reset()
		s.quoted, s.dropped = false, false
		if err := s.scan(); err != nil {
			return "", false, err
		}
		if s.word.Len() > 0 || s.quoted && !s.dropped {
			return s.word.String(), true, nil
		}
	}
}

func (s *splitter) blanks() string {
	if s.shell {
		return " \t\r"
	}
	return " \t\r\n"
}

func (s *splitter) atOperator() bool {
	return s.shell && strings.IndexByte(operators, s.text[0]) >= 0
}

// scan takes one word off the text.
func (s *splitter) scan() error {
	for s.text != "" && strings.IndexByte(s.blanks(), s.text[0]) < 0 && !s.atOperator() {
		var err error
		switch s.text[0] {
		case '"':
			err = s.doubleQuoted()
		case '$', '`':
			s.putOrSubstitute()
		case '\'':
			err = s.singleQuoted()
		case '\\':
			if len(s.text) > 1 {
				s.text = s.text[1:]
			}
			s.put()
		default:
			s.putOrDrop()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// put moves one byte from the text to the word.
func (s *splitter) put() {
	s.word.WriteByte(s.text[0])
	s.text = s.text[1:]
}

// putOrDrop is put, except at a field code.
func (s *splitter) putOrDrop() {
	if !s.codes || s.text[0] != '%' || len(s.text) < 2 {
		s.put()
		return
	}
	switch s.text[1] {
	case '%':
		s.text = s.text[1:]
		s.put()
	case 'f', 'F', 'u', 'U', 'i', 'c', 'k', // in use
		'd', 'D', 'n', 'N', 'v', 'm': // deprecated, to be removed and ignored
		s.dropped = true
		s.text = s.text[2:]
	default:
		s.put()
	}
}

// putOrSubstitute is put, except that a shell's $(command) or `command` goes to the word
// as a whole: blanks, quotes and operators in it are not those of the outer command.
func (s *splitter) putOrSubstitute() {
	end := 1
	switch {
	case !s.shell:
	case s.text[0] == '`':
		if i := strings.IndexByte(s.text[1:], '`'); i >= 0 {
			end = i + 2
		}
	case strings.HasPrefix(s.text, "$("):
		for depth := 0; end < len(s.text); end++ {
			if s.text[end] == '(' {
				depth++
			} else if s.text[end] == ')' {
				if depth--; depth == 0 {
					end++
					break
				}
			}
		}
	}
	s.word.WriteString(s.text[:end])
	s.text = s.text[end:]
}

func (s *splitter) doubleQuoted() error {
	s.quoted = true
	s.text = s.text[1:]
	for s.text != "" {
		switch s.text[0] {
		case '"':
			s.text = s.text[1:]
			return nil
		case '\\':
			if len(s.text) > 1 && strings.IndexByte("\"`$\\", s.text[1]) >= 0 {
				s.text = s.text[1:]
			}
			s.put()
		case '$', '`':
			s.putOrSubstitute()
		default:
			s.putOrDrop()
		}
	}
	return errors.New("double quote left open")
}

func (s *splitter) singleQuoted() error {
	s.quoted = true
	end := strings.IndexByte(s.text[1:], '\'')
	if end < 0 {
		return errors.New("single quote left open")
	}
	inner := s.text[1 : 1+end]
	rest := s.text[end+2:]
	for s.text = inner; s.text != ""; {
		s.putOrDrop()
	}
	s.text = rest
	return nil
}
