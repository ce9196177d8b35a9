package main

import (
	"fmt"
	"strings"
	"unicode"

	"beagle/detectors/catalog"
)

// knownApps are those of the program's own catalog, or invented ones while it has none.
func knownApps() ([]catalog.App, string, error) {
	index, err := catalog.Embedded()
	if err != nil {
		return nil, "", err
	}
	if apps := index.Apps(); len(apps) > 0 {
		return apps, "the program's own", nil
	}
	return invented(30), "invented, as the program has none", nil
}

// invented returns apps of the shape that catalogued ones have.
func invented(n int) []catalog.App {
	apps := make([]catalog.App, 0, n)
	for i := range n {
		name := fmt.Sprintf("invented%02d", i)
		folder := "*/" + name + "-home/"
		apps = append(apps, catalog.App{ID: name, Name: name, Vendor: "invented", Indicators: catalog.Indicators{
			Linux: []catalog.Indicator{
				indicator(catalog.KindDpkg, catalog.Installed, catalog.Indicator{Value: catalog.Patterns{name, name + "-beta"}}),
				indicator(catalog.KindDesktop, catalog.Installed, catalog.Indicator{
					Value: catalog.Patterns{name + ".desktop"},
					Where: []catalog.Condition{{Attribute: "exec", Matches: catalog.Patterns{"*/" + name + "*"}}},
				}),
				indicator(catalog.KindFile, catalog.Portable, catalog.Indicator{
					Path: catalog.Patterns{folder + name + "-bin"}, Beside: []string{name + ".pak"}, Root: 1,
				}),
				indicator(catalog.KindProcess, catalog.Running, catalog.Indicator{Path: catalog.Patterns{folder + name + "-bin"}, Root: 1}),
			},
			Windows: []catalog.Indicator{
				indicator(catalog.KindUninstall, catalog.Installed, catalog.Indicator{Value: catalog.Patterns{name}}),
				indicator(catalog.KindProcess, catalog.Running, catalog.Indicator{Path: catalog.Patterns{folder + name + ".exe"}}),
			},
		}})
	}
	return apps
}

func indicator(kind catalog.Kind, presence catalog.Presence, in catalog.Indicator) catalog.Indicator {
	in.Kind, in.Presence, in.Strength, in.Grade, in.Source = kind, presence, catalog.Strong, catalog.GradePattern, "invented"
	return in
}

// multiply returns the apps and factor-1 copies of each that have other names throughout.
func multiply(apps []catalog.App, factor int) []catalog.App {
	all := make([]catalog.App, 0, len(apps)*factor)
	all = append(all, apps...)
	for n := 1; n < factor; n++ {
		suffix := fmt.Sprintf("c%d", n)
		for i := range apps {
			app := apps[i]
			app.ID += "-" + suffix
			app.CarriedBy = nil
			for _, carrier := range apps[i].CarriedBy {
				app.CarriedBy = append(app.CarriedBy, carrier+"-"+suffix)
			}
			app.Indicators = catalog.Indicators{
				Linux:   rename(app.Indicators.Linux, suffix),
				MacOS:   rename(app.Indicators.MacOS, suffix),
				Windows: rename(app.Indicators.Windows, suffix),
			}
			all = append(all, app)
		}
	}
	return all
}

func rename(list []catalog.Indicator, suffix string) []catalog.Indicator {
	renamed := make([]catalog.Indicator, 0, len(list))
	for _, in := range list {
		in.Value, in.Path = renameAll(in.Value, suffix), renameAll(in.Path, suffix)
		in.Beside = renameAll(in.Beside, suffix)
		where := make([]catalog.Condition, 0, len(in.Where))
		for _, c := range in.Where {
			where = append(where, catalog.Condition{Attribute: c.Attribute, Matches: renameAll(c.Matches, suffix)})
		}
		in.Where = where
		renamed = append(renamed, in)
	}
	return renamed
}

func renameAll(patterns []string, suffix string) []string {
	renamed := make([]string, 0, len(patterns))
	for _, p := range patterns {
		renamed = append(renamed, renameWords(p, suffix))
	}
	return renamed
}

// renameWords adds the suffix to every word but those that are no names.
func renameWords(pattern, suffix string) string {
	var out, word strings.Builder
	end := func() {
		if w := word.String(); w != "" {
			out.WriteString(w)
			if w != "true" && w != "false" {
				out.WriteString(suffix)
			}
		}
		word.Reset()
	}
	for _, r := range pattern {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			word.WriteRune(r)
			continue
		}
		end()
		out.WriteRune(r)
	}
	end()
	return out.String()
}

// imagine makes the Linux evidence an indicator asks for; a path that may begin anywhere
// begins at home.
func imagine(in *catalog.Indicator, home string) catalog.Evidence {
	ev := catalog.Evidence{Kind: in.Kind, OS: catalog.Linux, Owner: catalog.MachineOwner, Attributes: map[string]string{}}
	if len(in.Path) > 0 {
		path := in.Path[0]
		if rest, anywhere := strings.CutPrefix(path, "*"); anywhere {
			path = home + "/" + strings.TrimPrefix(rest, "/")
		}
		ev.Path = plain(path)
		ev.Value = ev.Path[strings.LastIndexByte(ev.Path, '/')+1:]
	}
	if len(in.Value) > 0 {
		ev.Value = plain(in.Value[0])
		if len(in.Path) == 0 {
			ev.Path = home + "/" + ev.Value
		}
	}
	for _, c := range in.Where {
		ev.Attributes[c.Attribute] = plain(c.Matches[0])
	}
	if len(in.Beside) > 0 {
		ev.Attributes[catalog.AttrBeside] = plain(strings.Join(in.Beside, "/"))
	}
	return ev
}

// plain is a text that the pattern matches.
func plain(pattern string) string { return strings.NewReplacer("*", "7", "?", "7").Replace(pattern) }
