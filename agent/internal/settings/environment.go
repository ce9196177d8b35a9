package settings

import (
	"runtime"
	"slices"
	"strings"

	"beagle/detectors/catalog"
)

// variablePrefix begins the names of variables that belong to Beagle.
const variablePrefix = "BEAGLE_"

// otherVariables are those that are no settings: where the agent listens and where it keeps
// its state has to be known before there are settings.
func otherVariables() []string { return []string{"BEAGLE_SOCKET", "BEAGLE_STATE"} }

// fromEnvironment reads variables in the form of os.Environ.
func fromEnvironment(environ []string, keys []key) (given, []error) {
	found := given{}
	var errs []error
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name)
		}
		if !strings.HasPrefix(name, variablePrefix) || slices.Contains(otherVariables(), name) {
			continue
		}
		i := slices.IndexFunc(keys, func(k key) bool { return k.variable() == name })
		if i < 0 {
			errs = append(errs, unknownVariable(name, keys))
			continue
		}
		// Of a repeated name the last one counts, as it does for a shell.
		found[keys[i].name] = &node{place: name, kind: scalar, text: value, worded: true}
	}
	return found, errs
}

func unknownVariable(name string, keys []key) error {
	known := otherVariables()
	for i := range keys {
		known = append(known, keys[i].variable())
	}
	hint := ""
	if len(name) <= maxQuoted {
		hint = catalog.DidYouMean(name, known)
	}
	return &Problem{Place: printable(name), Text: "unknown variable" + hint}
}
