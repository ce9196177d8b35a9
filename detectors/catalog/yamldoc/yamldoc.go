// Package yamldoc reads the YAML files that people write for Beagle: strictly, so that a
// misspelt key is an error and not a silent nothing, and with errors of one line that name
// file, line and column.
package yamldoc

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxSize bounds a file: 1 MiB is a hundred times the largest that ships.
const MaxSize = 1 << 20

// ReadFile decodes the file name of fsys into v. Unknown and repeated keys are errors.
func ReadFile(fsys fs.FS, name string, v any) error {
	data, err := read(fsys, name)
	if err != nil {
		return err
	}
	return Decode(name, data, v)
}

func read(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", name, err)
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%s: larger than %d bytes", name, MaxSize)
	}
	return data, nil
}

// maxNesting is several times the depth of any entry. The YAML library takes quadratic time
// in the depth of brackets.
const maxNesting = 32

// Decode decodes data into v; name is only for errors. A file is one document without
// aliases, which can make a small file large, and of limited depth.
func Decode(name string, data []byte, v any) error {
	if err := plain(name, data); err != nil {
		return err
	}
	err := unmarshal(data, v)
	if err == nil {
		return nil
	}
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil {
		at := located.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", name, at.Line, at.Column, plainWords(located.GetMessage()))
	}
	return fmt.Errorf("%s: %s", name, strings.Join(strings.Fields(err.Error()), " "))
}

// files lists the *.yaml files directly in fsys, sorted. Other files are ignored, but a
// *.yml is an error: it would be missed in silence.
func files(fsys fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("list entries: %w", err)
	}
	var names []string
	for _, e := range entries {
		switch {
		case strings.HasSuffix(e.Name(), ".yml"):
			return nil, fmt.Errorf("%s: name it .yaml", e.Name())
		case strings.HasSuffix(e.Name(), ".yaml") && !e.IsDir():
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Manifest is what a directory of entries says about itself in manifest.yaml.
type Manifest struct {
	Version string `yaml:"version"`
	// Date is the day on which this version was released, as 2006-01-02; "" if it does not say.
	Date string `yaml:"date"`
	// MinAgentVersion is the oldest agent that understands these entries.
	MinAgentVersion string `yaml:"min_agent_version"`
}

// ManifestFile is the one name that no entry can have.
const ManifestFile = "manifest.yaml"

// readManifest reads the manifest of a directory; without one the version is "unversioned".
func readManifest(fsys fs.FS) (Manifest, error) {
	m := Manifest{Version: "unversioned"}
	err := ReadFile(fsys, ManifestFile, &m)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if _, bad := time.Parse(time.DateOnly, m.Date); err == nil && m.Date != "" && bad != nil {
		return m, fmt.Errorf("%s: date: %q is no day such as 2006-01-02", ManifestFile, m.Date)
	}
	return m, err
}

// Format says what a file must hold besides the keys of T.
type Format[T any] struct {
	ID func(*T) string
	// Required are keys at the top of the file that must have a value, for those whose zero
	// value is a statement too.
	Required []string
	// Check finds what makes a decoded entry unusable.
	Check func(*T) []Fault
}

// Fault is one field with an impossible value.
type Fault struct {
	Field string // as in events[0].status
	Where string // the part of the entry in words, "" for a field at the top
	Text  string // the complaint, to be read after Field or Where
}

// String says the fault in words, for those who have no file to point into.
func (f Fault) String() string {
	if f.Where == "" {
		return f.Field + " " + f.Text
	}
	return f.Where + ": " + f.Text
}

// ReadDir reads a directory of entries, one a file, each of which must carry the id that
// its file name says, and the manifest. It leaves out every file with a mistake; the error
// has a line for each.
func ReadDir[T any](fsys fs.FS, format Format[T]) (Manifest, []T, error) {
	names, err := files(fsys)
	if err != nil {
		return Manifest{}, nil, err
	}
	manifest, err := readManifest(fsys)
	if err != nil {
		return Manifest{}, nil, err
	}
	var entries []T
	var errs []error
	for _, name := range names {
		if name == ManifestFile {
			continue
		}
		entry, err := format.read(fsys, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 && len(errs) == 0 {
		errs = append(errs, errors.New("no *.yaml file in the directory"))
	}
	return manifest, entries, errors.Join(errs...)
}

func (format *Format[T]) read(fsys fs.FS, name string) (entry T, err error) {
	data, err := read(fsys, name)
	if err != nil {
		return entry, err
	}
	if err := Decode(name, data, &entry); err != nil {
		return entry, err
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return entry, fmt.Errorf("%s: %s", name, strings.Join(strings.Fields(err.Error()), " "))
	}
	if got, want := format.ID(&entry), strings.TrimSuffix(name, ".yaml"); got != want {
		return entry, fmt.Errorf("%s: id is %q, but the file name says %q", place(name, file, "id"), got, want)
	}
	var faults []Fault
	for _, key := range format.Required {
		if node := find(file, key); node == nil || node.Type() == ast.NullType {
			faults = append(faults, Fault{Field: key, Text: "is missing"})
		}
	}
	if format.Check != nil {
		faults = append(faults, format.Check(&entry)...)
	}
	var errs []error
	for _, f := range faults[:min(len(faults), maxFaults)] {
		errs = append(errs, fmt.Errorf("%s: %s: %s", place(name, file, f.Field), f.Field, f.Text))
	}
	return entry, errors.Join(errs...)
}

// maxFaults bounds the report on one file: a large file can be wrong in every line, and
// each look for a place walks the file.
const maxFaults = 20

// place says where in a file a field stands, or what should hold it where it is missing.
func place(name string, file *ast.File, field string) string {
	line, column := 1, 1
	for field != "" {
		if node := find(file, field); node != nil && node.GetToken() != nil {
			line, column = node.GetToken().Position.Line, node.GetToken().Position.Column
			break
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return fmt.Sprintf("%s:%d:%d", name, line, column)
}

func find(file *ast.File, field string) ast.Node {
	path, err := yaml.PathString("$." + field)
	if err != nil {
		return nil
	}
	node, err := path.FilterFile(file)
	if err != nil {
		return nil
	}
	return node
}

// plain refuses what no entry needs and what is costly to decode.
func plain(name string, data []byte) error {
	depth, documents := 0, 0
	for _, t := range lexer.Tokenize(string(data)) {
		refuse := ""
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			if depth++; depth > maxNesting {
				refuse = "nested too deeply"
			}
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			refuse = "anchors and aliases are not allowed"
		case token.DocumentHeaderType:
			if documents++; documents > 1 {
				refuse = "a file holds one document"
			}
		}
		if refuse != "" {
			return fmt.Errorf("%s:%d:%d: %s", name, t.Position.Line, t.Position.Column, refuse)
		}
	}
	return nil
}

// unmarshal turns a panic of the library, which some malformed documents cause, into an error.
func unmarshal(data []byte, v any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cannot be understood: %v", r)
		}
	}()
	return yaml.UnmarshalWithOptions(data, v, yaml.Strict())
}

// plainWords rewrites the library's message about a value of the wrong type, which speaks of
// Go's types.
func plainWords(message string) string {
	var got, field, want string
	if n, _ := fmt.Sscanf(message, "cannot unmarshal %s into Go struct field %s of type %s", &got, &field, &want); n == 3 {
		return fmt.Sprintf("want a %s here, not a %s", want, got)
	}
	if n, _ := fmt.Sscanf(message, "cannot unmarshal %s into Go value of type %s", &got, &want); n == 2 {
		return fmt.Sprintf("want a %s here, not a %s", want, got)
	}
	return message
}
