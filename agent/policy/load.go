package policy

import (
	"io/fs"
	"strings"

	"beagle/detectors/catalog"
	"beagle/detectors/catalog/yamldoc"
)

// Set is a versioned collection of policies.
type Set struct {
	Version         string
	MinAgentVersion string
	Policies        []Policy
}

// Load reads every *.yaml of fsys, one policy a file, and manifest.yaml if there is one. It
// leaves out every file that cannot be read or that could not be judged as it stands, and
// reports each mistake in one line with file, line, column and field.
func Load(fsys fs.FS) (*Set, error) {
	manifest, policies, err := yamldoc.ReadDir(fsys, yamldoc.Format[Policy]{
		ID: func(p *Policy) string { return p.ID }, Required: []string{"device_relevant"}, Check: check,
	})
	return &Set{Version: manifest.Version, MinAgentVersion: manifest.MinAgentVersion, Policies: policies}, err
}

// Embedded returns the policies that are part of the binary. It parses nothing.
func Embedded() *Set {
	set := embedded
	return &set
}

// Find returns the policy with this id, without regard to case.
func (s *Set) Find(id string) (*Policy, bool) {
	for i := range s.Policies {
		if strings.EqualFold(s.Policies[i].ID, id) {
			return &s.Policies[i], true
		}
	}
	return nil, false
}

// Product finds a product that a policy names although no entry of the catalog describes
// it, so that a question about it has an answer.
func (s *Set) Product(name string) (*catalog.App, bool) {
	for i := range s.Policies {
		for _, n := range s.Policies[i].Apps {
			if strings.EqualFold(n.ID, name) || n.Name != "" && strings.EqualFold(n.Name, name) {
				return &catalog.App{ID: n.ID, Name: displayName(n)}, true
			}
		}
	}
	return nil, false
}

func displayName(n Named) string {
	if n.Name != "" {
		return n.Name
	}
	return n.ID
}

// DefaultID is the policy in force where nobody decided anything.
const DefaultID = "default"
