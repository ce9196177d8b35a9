package all_test

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
	"beagle/detectors/watch"
)

// TestLandingsAreWhereProbesLook holds the folders that are watched to those that the probes
// read: what appears in a place that no probe reads would be told for nothing, and what appears
// in one that is not watched would be found by the next sweep only.
func TestLandingsAreWhereProbesLook(t *testing.T) {
	for _, c := range []struct {
		system catalog.OS
		host   string
	}{
		{catalog.Linux, "os: linux\ndir: /opt/apps\ndir: /home/alice\n-- etc/passwd --\nalice:x:1000:1000::/home/alice:/bin/sh\n"},
		{catalog.MacOS, "os: macos\ndir: /Applications\n-- Users/alice/x --\n"},
		{catalog.Windows, "os: windows\n-- Users/alice/x --\n"},
	} {
		t.Run(string(c.system), func(t *testing.T) {
			host := hosttest.New(t, c.host)
			folders := watch.Landings(host)
			asked := map[string][]string{}
			for _, probe := range all.Probes(host, embedded(t), all.Options{}) {
				// Given every place that a probe asks for,
				if probe.Name != detectors.Profiles().Name {
					asked[probe.Name] = placesOf(t, host, probe)
				}
			}
			// then a folder is watched for that probe which holds it,
			for topic, places := range asked {
				for _, place := range places {
					if !slices.ContainsFunc(folders, func(f watch.Folder) bool { return f.Topic == topic && holds(f.Dir, place) }) {
						t.Errorf("%s looks into %s, which is not watched", topic, place)
					}
				}
			}
			// and every folder is one that its probe asks for.
			for _, f := range folders {
				if f.Topic == "portable" {
					continue // the deep look goes everywhere
				}
				if !slices.ContainsFunc(asked[f.Topic], func(place string) bool { return holds(f.Dir, place) }) {
					t.Errorf("%s is watched for %s, which does not look there", f.Dir, f.Topic)
				}
			}
		})
	}
}

func holds(dir, place string) bool {
	return strings.EqualFold(place, dir) || len(place) > len(dir) && strings.EqualFold(place[:len(dir)], dir) && strings.ContainsAny(place[len(dir):len(dir)+1], `/\`)
}

// placesOf runs a probe and returns what it asked the host for, but for what it asked only
// because it was there.
func placesOf(t *testing.T, host *detectors.Host, probe detectors.Probe) []string {
	t.Helper()
	seen := *host
	r := &recorder{files: host.Files, registry: host.Registry}
	seen.Files = r
	if host.Registry != nil {
		seen.Registry = r
	}
	detectors.Run(t.Context(), &seen, []detectors.Probe{probe}, detectors.Limits{})
	if len(r.places) == 0 {
		t.Errorf("%s asked for nothing: does the test still look at the right place?", probe.Name)
	}
	return r.places
}

// recorder passes questions on and notes them.
type recorder struct {
	files    detectors.Files
	registry detectors.Registry

	mu     sync.Mutex
	places []string
}

func (r *recorder) note(place string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.places = append(r.places, place)
}

func (r *recorder) Open(name string) (detectors.File, error) {
	r.note(name)
	return r.files.Open(name)
}

func (r *recorder) ReadDir(name string) ([]fs.DirEntry, error) {
	r.note(name)
	return r.files.ReadDir(name)
}

func (r *recorder) Stat(name string) (fs.FileInfo, error) {
	r.note(name)
	return r.files.Stat(name)
}

func (r *recorder) Resolve(name string) (string, error) { return r.files.Resolve(name) }

func (r *recorder) Key(path string) (detectors.RegistryKey, error) {
	if strings.Contains(path, "Uninstall") { // the others only tell whether there is a hive
		r.note(path)
	}
	return r.registry.Key(path)
}
