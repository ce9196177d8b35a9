package winereg

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"beagle/detectors/internal/hive"
)

// value reads a line like one of
//
//	"DisplayName"="QQ"
//	@=str(2):"%PATH%"
//	"Version"=dword:0000002a
//	"Icon"=hex:00,01,\
//	  02,03
//
// and the lines that continue it.
func (p *parser) value(line string) error {
	name, rest := "", line[1:]
	if line[0] == '"' {
		units, after, err := unescape(rest, '"')
		if err != nil {
			return fmt.Errorf("value name: %w", err)
		}
		name, rest = decode(units), after
	}
	rest, ok := strings.CutPrefix(strings.TrimLeft(rest, whitespace), "=")
	if !ok {
		return fmt.Errorf("value %.40q: no = after the name", name)
	}
	kind, data, err := p.data(strings.TrimLeft(rest, whitespace))
	if errors.Is(err, errBound) {
		return err
	}
	if err != nil {
		return fmt.Errorf("value %.40q: %w", name, err)
	}
	return p.set(Value{Name: name, Type: kind, Data: data})
}

// set gives a value to the open key, in place of an earlier one of that name.
func (p *parser) set(v Value) error {
	values, at := p.registry.values, place{p.section, hive.Fold(v.Name)}
	if i, ok := values[at]; ok {
		p.section.values[i] = v
		return nil
	}
	if len(values) == p.bounds.values {
		return fmt.Errorf("over %d values: %w", p.bounds.values, errBound)
	}
	values[at] = len(p.section.values)
	p.section.values = append(p.section.values, v)
	return nil
}

// data reads what follows the equals sign.
func (p *parser) data(s string) (kind uint32, data []byte, err error) {
	if s != "" && s[0] == '"' {
		s = "str:" + s
	}
	tag, rest, ok := strings.Cut(s, ":")
	if !ok {
		return 0, nil, fmt.Errorf("%.40q has no type", s)
	}
	tag, kind, explicit, err := typeOf(tag)
	switch {
	case err != nil:
		return 0, nil, err
	case tag == "dword" && !explicit:
		data, err = dword(rest)
		return hive.DWord, data, err
	case tag == "str":
		if !explicit {
			kind = hive.SZ
		}
		data, err = quoted(rest)
		return kind, data, err
	case tag == "hex":
		if !explicit {
			kind = hive.Binary
		}
		data, err = p.hex(rest)
		return kind, data, err
	}
	return 0, nil, fmt.Errorf("type %.40q is unknown", tag)
}

// typeOf takes the number of a type off a tag like hex(7).
func typeOf(tag string) (name string, kind uint32, explicit bool, err error) {
	name, number, explicit := strings.Cut(tag, "(")
	if !explicit {
		return name, 0, false, nil
	}
	number, ok := strings.CutSuffix(number, ")")
	n, err := strconv.ParseUint(number, 16, 32)
	if !ok || err != nil {
		return "", 0, false, fmt.Errorf("type %.40q is malformed", tag)
	}
	return name, uint32(n), true, nil
}

// quoted reads a string. Wine leaves out the NUL at its end when it writes one.
func quoted(s string) ([]byte, error) {
	if s == "" || s[0] != '"' {
		return nil, fmt.Errorf("%.40q is not in quotes", s)
	}
	units, _, err := unescape(s[1:], '"')
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, 2*len(units)+2)
	for _, u := range append(units, 0) {
		data = append(data, byte(u), byte(u>>8))
	}
	return data, nil
}

func dword(s string) ([]byte, error) {
	n, err := strconv.ParseUint(leading(s, isHex), 16, 32)
	if err != nil {
		return nil, fmt.Errorf("number %.40q is malformed", s)
	}
	return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}, nil
}

// hex reads bytes separated by commas, which go on in the next line after a backslash.
func (p *parser) hex(line string) ([]byte, error) {
	var data []byte
	for {
		var err error
		if data, line, err = appendHex(data, line); err != nil {
			return nil, err
		}
		if line == "" {
			return data, nil
		}
		if line, err = p.next(); errors.Is(err, io.EOF) {
			return nil, errors.New("continuation line is missing")
		} else if err != nil {
			return nil, err
		}
	}
}

// appendHex reads the bytes of one line and returns a rest of "\" or "".
func appendHex(data []byte, line string) ([]byte, string, error) {
	line = strings.Trim(line, whitespace)
	for line != "" && line != `\` {
		digits := leading(line, isHex)
		if len(digits) > 2 {
			digits = ""
		}
		n, err := strconv.ParseUint(digits, 16, 8)
		if err != nil {
			return nil, "", fmt.Errorf("%.40q does not start with a byte in hexadecimal", line)
		}
		data = append(data, byte(n))
		line = strings.TrimLeft(line[len(digits):], whitespace)
		line = strings.TrimLeft(strings.TrimPrefix(line, ","), whitespace)
	}
	return data, line, nil
}
