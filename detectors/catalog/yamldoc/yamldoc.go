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

	"github.com/goccy/go-yaml"
)

// MaxSize bounds a file: 1 MiB is a hundred times the largest that ships.
const MaxSize = 1 << 20

// ReadFile decodes the file name of fsys into v. Unknown and repeated keys are errors.
func ReadFile(fsys fs.FS, name string, v any) error {
	f, err := fsys.Open(name)
	if err != nil {
		return fmt.Errorf("read %q: %w", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return fmt.Errorf("read %q: %w", name, err)
	}
	if len(data) > MaxSize {
		return fmt.Errorf("%s: larger than %d bytes", name, MaxSize)
	}
	return Decode(name, data, v)
}

// Decode decodes data into v; name is only for errors.
func Decode(name string, data []byte, v any) error {
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

// Files lists the *.yaml files directly in fsys, sorted. Other files are ignored, but a
// *.yml is an error: it would be missed in silence.
func Files(fsys fs.FS) ([]string, error) {
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

// ReadManifest reads the manifest of a directory; without one the version is "unversioned".
func ReadManifest(fsys fs.FS) (Manifest, error) {
	m := Manifest{Version: "unversioned"}
	err := ReadFile(fsys, ManifestFile, &m)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	return m, err
}
