package catalog

import (
	"io/fs"

	"beagle/detectors/catalog/yamldoc"
)

// Source is a catalog as written: apps with their examples and near misses.
type Source struct {
	Version         string
	Date            string // as 2006-01-02, "" if it does not say
	MinAgentVersion string
	Apps            []App
}

// Load reads every *.yaml of fsys, one app a file, and manifest.yaml if there is one. It
// leaves out every file that cannot be read or that uses words the matcher does not know, and
// reports each mistake in one line with file, line, column and field.
func Load(fsys fs.FS) (*Source, error) {
	manifest, apps, err := yamldoc.ReadDir(fsys, yamldoc.Format[App]{
		ID: func(app *App) string { return app.ID }, Check: check,
	})
	return &Source{Version: manifest.Version, Date: manifest.Date, MinAgentVersion: manifest.MinAgentVersion, Apps: apps}, err
}

// Compile makes the catalog ready for matching.
func (src *Source) Compile() (*Index, error) { return compile(src.Version, src.Date, src.Apps) }

func compile(version, date string, apps []App) (*Index, error) {
	ix, err := New(version, apps)
	if err == nil {
		ix.date = date
	}
	return ix, err
}

// Shipped is a catalog without what only tests need.
type Shipped struct {
	Version         string
	Date            string
	MinAgentVersion string
	Apps            []App
}

// Shipped returns what the binary carries: no examples and no near misses.
func (src *Source) Shipped() Shipped {
	out := Shipped{Version: src.Version, Date: src.Date, MinAgentVersion: src.MinAgentVersion}
	for _, app := range src.Apps {
		app.Examples, app.NearMisses = nil, nil
		out.Apps = append(out.Apps, app)
	}
	return out
}

// Embedded returns the catalog that is part of the binary. It parses nothing.
func Embedded() (*Index, error) { return compile(embedded.Version, embedded.Date, embedded.Apps) }
