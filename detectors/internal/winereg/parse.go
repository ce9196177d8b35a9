package winereg

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"beagle/detectors/internal/hive"
)

const (
	header = "WINE REGISTRY Version 2"
	// maxDepth is the limit on nesting in "Registry Element Size Limits" of the Windows
	// documentation.
	maxDepth = 512
)

// bounds are how much of each a file may have.
type bounds struct {
	input  int64 // bytes
	line   int   // bytes
	keys   int
	values int
}

// errBound ends the parsing; other errors only concern one line.
var errBound = errors.New("too much")

// parser reads the lines of one file.
type parser struct {
	bounds   bounds
	scanner  *bufio.Scanner
	consumed int64
	line     int // number of the line last read
	registry *Registry
	section  *Key // nil before the first section and in a malformed one
}

func newParser(r io.Reader, b bounds) *parser {
	p := &parser{
		bounds:   b,
		scanner:  bufio.NewScanner(io.LimitReader(r, b.input+1)),
		registry: newRegistry(),
	}
	p.scanner.Buffer(nil, b.line)
	p.scanner.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		n, token, err := bufio.ScanLines(data, atEOF)
		p.consumed += int64(n)
		return n, token, err
	})
	return p
}

// next returns the next line without its end. At the end of the file the error is io.EOF.
func (p *parser) next() (string, error) {
	if !p.scanner.Scan() {
		err := p.scanner.Err()
		switch {
		case err == nil:
			return "", io.EOF
		case errors.Is(err, bufio.ErrTooLong):
			return "", fmt.Errorf("line %d: over %d bytes: %w", p.line+1, p.bounds.line, errBound)
		}
		return "", fmt.Errorf("read line %d: %w", p.line+1, err)
	}
	p.line++
	if p.consumed > p.bounds.input {
		return "", fmt.Errorf("line %d: over %d bytes of input: %w", p.line, p.bounds.input, errBound)
	}
	return p.scanner.Text(), nil
}

func (p *parser) header() error {
	line, err := p.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if line != header {
		return fmt.Errorf("line 1: %.40q is not the header %q", line, header)
	}
	return nil
}

// lines reads the file after its header.
func (p *parser) lines() error {
	var first error
	for skipped := 0; ; {
		line, err := p.next()
		if errors.Is(err, io.EOF) {
			if skipped > 1 {
				first = fmt.Errorf("%w (and %d more lines)", first, skipped-1)
			}
			return first
		}
		if err != nil {
			return err
		}
		number := p.line
		if err = p.content(strings.TrimLeft(line, whitespace)); err == nil {
			continue
		}
		err = fmt.Errorf("line %d: %w", number, err)
		if errors.Is(err, errBound) {
			return err
		}
		if skipped++; first == nil {
			first = err
		}
	}
}

// content reads one line that is not a continuation.
func (p *parser) content(line string) error {
	switch {
	case line == "" || line[0] == ';':
		return nil
	case line[0] == '[':
		p.section = nil
		section, err := p.openSection(line)
		p.section = section
		return err
	case line[0] == '#':
		p.option(line)
		return nil
	case line[0] == '@' || line[0] == '"':
		if p.section == nil {
			return errors.New("value outside any key")
		}
		return p.value(line)
	}
	return fmt.Errorf("%.40q is neither key nor value", line)
}

// openSection reads a line like
//
//	[Software\\Wine] 1699999999
//
// where the number is the time of the last change in seconds since 1970.
func (p *parser) openSection(line string) (*Key, error) {
	units, rest, err := unescape(line[1:], ']')
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	path := decode(units)
	if strings.Count(path, `\`) >= maxDepth {
		return nil, fmt.Errorf("key lies over %d levels deep", maxDepth)
	}
	key := p.registry.root
	for name := range strings.SplitSeq(path, `\`) {
		if name == "" {
			continue
		}
		if key, err = p.add(key, name); err != nil {
			return nil, err
		}
	}
	digits := leading(strings.TrimLeft(rest, whitespace), isDigit)
	if seconds, err := strconv.ParseUint(digits, 10, 32); err == nil {
		const unixEpoch = 11_644_473_600 // seconds from 1601 to 1970
		key.modified = (seconds + unixEpoch) * 10_000_000
	}
	return key, nil
}

// add returns the subkey of k called name, which it makes if there is none.
func (p *parser) add(k *Key, name string) (*Key, error) {
	keys, at := p.registry.keys, place{k, hive.Fold(name)}
	if sub := keys[at]; sub != nil {
		return sub, nil
	}
	if len(keys) == p.bounds.keys {
		return nil, fmt.Errorf("over %d keys: %w", p.bounds.keys, errBound)
	}
	sub := &Key{registry: p.registry, name: name}
	keys[at] = sub
	k.subkeys = append(k.subkeys, name)
	return sub, nil
}

// option reads a line like
//
//	#time=1dd7bb962d68460
//
// which is the time of the last change as a FILETIME, and more exact than the one in the
// key's line. Other options say nothing about the content: #arch, #class, and #link, which
// marks a key whose value SymbolicLinkValue is the path of another.
func (p *parser) option(line string) {
	digits, ok := strings.CutPrefix(line, "#time=")
	if !ok || p.section == nil {
		return
	}
	if t, err := strconv.ParseUint(leading(digits, isHex), 16, 64); err == nil {
		p.section.modified = t
	}
}

// leading returns the longest start of s of characters that are in the class.
func leading(s string, class func(byte) bool) string {
	for i := range len(s) {
		if !class(s[i]) {
			return s[:i]
		}
	}
	return s
}
