package plist

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

type xmlReader struct {
	xmlScanner
	values budget
}

func parseXML(text []byte) (any, error) {
	r := &xmlReader{xmlScanner: xmlScanner{text: text}, values: maxValues}
	v, err := r.document()
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", r.line(), err)
	}
	return v, nil
}

// document reads up to the end of the root value. What follows it does not matter.
func (r *xmlReader) document() (any, error) {
	t, err := r.next()
	if err != nil {
		return nil, err
	}
	if t.name != "plist" {
		return r.value(t, 0)
	}
	if t.empty {
		return nil, errors.New("no value in <plist>")
	}
	if t, err = r.next(); err != nil {
		return nil, err
	}
	return r.value(t, 0)
}

// value reads what the start tag t opens, nested in depth others.
func (r *xmlReader) value(t tag, depth int) (any, error) {
	if t.end {
		return nil, fmt.Errorf("unexpected </%s>", t.name)
	}
	if err := r.values.take(1); err != nil {
		return nil, err
	}
	switch t.name {
	case "dict":
		return r.dict(t, depth+1)
	case "array":
		return r.array(t, depth+1)
	case "string", "integer", "real", "date", "data", "true", "false":
	default:
		return nil, fmt.Errorf("unknown element <%s>", t.name)
	}
	text, err := r.content(t)
	if err != nil {
		return nil, err
	}
	switch t.name {
	case "string":
		return text, nil
	case "integer":
		return xmlInteger(strings.Trim(text, blanks))
	case "real":
		return xmlReal(strings.Trim(text, blanks))
	case "date":
		d, err := time.Parse(time.RFC3339, strings.Trim(text, blanks))
		if err != nil {
			return time.Time{}, nil
		}
		return inCalendar(d), nil
	case "data":
		return xmlData(text)
	}
	return t.name == "true", nil
}

func (r *xmlReader) array(t tag, depth int) (any, error) {
	list := []any{}
	if t.empty {
		return list, nil
	}
	if err := checkDepth(depth); err != nil {
		return nil, err
	}
	for {
		child, err := r.next()
		if err != nil {
			return nil, err
		}
		if child.closes(t) {
			return list, nil
		}
		v, err := r.value(child, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
}

func (r *xmlReader) dict(t tag, depth int) (any, error) {
	dict := map[string]any{}
	if t.empty {
		return dict, nil
	}
	if err := checkDepth(depth); err != nil {
		return nil, err
	}
	for {
		child, err := r.next()
		if err != nil {
			return nil, err
		}
		if child.closes(t) {
			return dict, nil
		}
		if child.name != "key" || child.end {
			return nil, fmt.Errorf("<%s> where <key> or </dict> should be", child.name)
		}
		key, err := r.content(child)
		if err != nil {
			return nil, err
		}
		if child, err = r.next(); err != nil {
			return nil, err
		}
		if dict[key], err = r.value(child, depth); err != nil {
			return nil, err
		}
	}
}

// xmlInteger reads decimal and 0x numbers with a sign, as CoreFoundation does.
func xmlInteger(s string) (any, error) {
	digits := strings.TrimLeft(s, "+-")
	sign := s[:len(s)-len(digits)]
	base := 10
	if len(digits) > 2 && (digits[:2] == "0x" || digits[:2] == "0X") {
		digits, base = digits[2:], 16
	}
	n, err := strconv.ParseUint(digits, base, 64)
	switch {
	case err != nil || len(sign) > 1, sign == "-" && n > -math.MinInt64:
		return nil, fmt.Errorf("integer %.40q", s)
	case sign == "-":
		return -int64(n), nil // of 2^63 the conversion and its negative are both -2^63
	case n > math.MaxInt64:
		return n, nil
	}
	return int64(n), nil
}

func xmlReal(s string) (any, error) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range is infinite or zero
		return nil, fmt.Errorf("real number %.40q", s)
	}
	return n, nil
}

func xmlData(s string) (any, error) {
	packed := make([]byte, 0, len(s))
	for i := range len(s) {
		if !isBlank(s[i]) {
			packed = append(packed, s[i])
		}
	}
	data := make([]byte, base64.StdEncoding.DecodedLen(len(packed)))
	n, err := base64.StdEncoding.Decode(data, packed)
	if err != nil {
		return nil, fmt.Errorf("data in base64: %w", err)
	}
	return data[:n], nil
}

// line returns the number of the line reached.
func (r *xmlReader) line() int {
	return 1 + bytes.Count(r.text[:min(r.pos, len(r.text))], []byte("\n"))
}
