// Package yamldoc reads the YAML files that people write for Beagle: strictly, so that a
// misspelt key is an error and not a silent nothing, and with errors of one line that name
// file, line and column.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
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
	err := yaml.UnmarshalWithOptions(data, v, yaml.Strict())
	if err == nil {
		return nil
	}
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil {
		at := located.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", name, at.Line, at.Column, located.GetMessage())
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
	return m, err
}

// ReadDir reads a directory of entries, one a file, each of which must carry the id that
// its file name says, and the manifest. It names every file that cannot be read.
func ReadDir[T any](fsys fs.FS, id func(*T) string) (Manifest, []T, error) {
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
		data, err := read(fsys, name)
		var entry T
		if err == nil {
			err = Decode(name, data, &entry)
		}
		if want := strings.TrimSuffix(name, ".yaml"); err == nil && id(&entry) != want {
			err = fmt.Errorf("%s: id is %q, but the file name says %q", idPlace(name, data), id(&entry), want)
		}
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

// idPlace says where in a file its id stands, the beginning if it has none.
func idPlace(name string, data []byte) string {
	line, column := 1, 1
	if path, err := yaml.PathString("$.id"); err == nil {
		if node, err := path.ReadNode(bytes.NewReader(data)); err == nil && node.GetToken() != nil {
			line, column = node.GetToken().Position.Line, node.GetToken().Position.Column
		}
	}
	return fmt.Sprintf("%s:%d:%d", name, line, column)
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
