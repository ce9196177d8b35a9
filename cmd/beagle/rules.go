package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"beagle/agent"
	"beagle/agent/policy"
	"beagle/detectors/catalog"
)

// rules are the catalog and policies a command works with: those of the binary or of
// directories that the person named.
type rules struct {
	catalogDir, policyDir string
}

func (r *rules) flags(cmd *cobra.Command) {
	r.catalogFlag(cmd)
	cmd.Flags().StringVar(&r.policyDir, "policies", "", "read the policies from the folder `DIR` instead of the built-in ones")
}

func (r *rules) catalogFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.catalogDir, "catalog", "", "read the catalog from the folder `DIR` instead of the built-in one")
}

func (r *rules) load() (*catalog.Index, *policy.Set, error) {
	index, err := catalog.Embedded()
	if r.catalogDir != "" {
		index, err = loadCatalog(r.catalogDir)
	}
	if err != nil {
		return nil, nil, err
	}
	set := policy.Embedded()
	if r.policyDir != "" {
		set, err = loadPolicies(r.policyDir)
	}
	return index, set, err
}

func loadCatalog(dir string) (*catalog.Index, error) {
	src, err := readCatalog(dir)
	if err != nil {
		return nil, err
	}
	index, err := src.Compile()
	if err != nil {
		return nil, fmt.Errorf("catalog %q: %w", dir, err)
	}
	return index, nil
}

func readCatalog(dir string) (*catalog.Source, error) {
	if err := directory(dir); err != nil {
		return nil, fmt.Errorf("catalog %q: %w", dir, err)
	}
	src, err := catalog.Load(os.DirFS(dir))
	if err != nil {
		return nil, inDirectory("catalog", dir, err)
	}
	return src, needsAgent("catalog", dir, src.MinAgentVersion)
}

func loadPolicies(dir string) (*policy.Set, error) {
	if err := directory(dir); err != nil {
		return nil, fmt.Errorf("policies %q: %w", dir, err)
	}
	set, err := policy.Load(os.DirFS(dir))
	if err != nil {
		return nil, inDirectory("policies", dir, err)
	}
	return set, needsAgent("policies", dir, set.MinAgentVersion)
}

func directory(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return describe(err)
	}
	if !info.IsDir() {
		return fmt.Errorf("not a directory")
	}
	return nil
}

// inDirectory names the directory in each line of an error about its files.
func inDirectory(what, dir string, err error) error {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = fmt.Sprintf("%s %q: %s", what, dir, lines[i])
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// needsAgent refuses rules that a newer agent is needed for.
func needsAgent(what, dir, version string) error {
	if version != "" && agent.OlderThan(version) {
		return fmt.Errorf("%s %q: needs agent %s or newer, this is %s", what, dir, version, agent.Version)
	}
	return nil
}

// findApp finds the app a person names; a product that only policies name will do if asked.
func findApp(name string, index *catalog.Index, products *policy.Set) (*catalog.App, error) {
	if app, ok := index.Find(name); ok {
		return app, nil
	}
	var known []string
	for i := range index.Apps() {
		app := &index.Apps()[i]
		known = append(append(known, app.ID, app.Name), app.Aliases...)
	}
	if products != nil {
		if app, ok := products.Product(name); ok {
			return app, nil
		}
		for i := range products.Policies {
			for _, named := range products.Policies[i].Apps {
				known = append(known, named.ID)
			}
		}
	}
	return nil, fmt.Errorf("unknown app %q%s (beagle catalog list shows all)", name, catalog.DidYouMean(name, known))
}

func findPolicy(id string, set *policy.Set) (*policy.Policy, error) {
	if p, ok := set.Find(id); ok {
		return p, nil
	}
	var known []string
	for i := range set.Policies {
		known = append(known, set.Policies[i].ID)
	}
	return nil, fmt.Errorf("unknown policy %q%s (beagle policy list shows all)", id, catalog.DidYouMean(id, known))
}

// checkKinds refuses kinds of organisation that no policy knows.
func checkKinds(kinds []string, set *policy.Set) error {
	known := policy.OrgKinds()
	for i := range set.Policies {
		known = append(known, set.Policies[i].OrgKinds...)
	}
	for _, kind := range kinds {
		if !policy.KnownKind(kind, set.Policies) {
			return fmt.Errorf("unknown kind of organisation %q%s (beagle policy list --help names them all)", kind, catalog.DidYouMean(kind, known))
		}
	}
	return nil
}

// dateFlag reads a day, today if the flag was not given.
func dateFlag(name, text string) (policy.Date, error) {
	if text == "" {
		return policy.DateOf(time.Now()), nil
	}
	day, err := policy.ParseDate(text)
	if err != nil {
		return "", fmt.Errorf("--%s: %w", name, err)
	}
	return day, nil
}
