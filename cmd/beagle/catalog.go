package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"beagle/detectors/catalog"
)

func catalogCommand(env Env) *cobra.Command {
	return group("catalog", "Show and check what Beagle recognises",
		catalogList(env), catalogShow(env), catalogLint(env), catalogVersion(env))
}

func catalogList(env Env) *cobra.Command {
	var r rules
	cmd := &cobra.Command{Use: "list", Short: "List the apps", Args: noArgs, RunE: func(*cobra.Command, []string) error {
		index, _, err := r.load()
		if err != nil {
			return err
		}
		p := env.page()
		for i := range index.Apps() {
			app := &index.Apps()[i]
			p.line("%s %s %s %s", padded(app.ID, 14), padded(app.Name, 14), padded(app.NativeName, 14), found(app))
		}
		return p.err
	}}
	r.catalogFlag(cmd)
	return cmd
}

// found says where an app can be found at all.
func found(app *catalog.App) string {
	var systems []string
	for _, os := range catalog.Systems() {
		if n := len(app.Indicators.For(os)); n > 0 {
			systems = append(systems, fmt.Sprintf("%s %d", os, n))
		}
	}
	if len(app.CarriedBy) > 0 {
		systems = append(systems, "inside "+strings.Join(app.CarriedBy, ", "))
	}
	return strings.Join(systems, ", ")
}

func catalogShow(env Env) *cobra.Command {
	var r rules
	cmd := &cobra.Command{Use: "show APP", Short: "Show one app with the source of every indicator", Args: one("app"), RunE: func(_ *cobra.Command, args []string) error {
		index, _, err := r.load()
		if err != nil {
			return err
		}
		app, err := findApp(args[0], index, nil)
		if err != nil {
			return err
		}
		p := explainPage{env.page()}
		p.line("%s  (%s)", p.style.bold(app.Name), app.ID)
		p.wrapped("  ", app.Summary)
		for _, os := range catalog.Systems() {
			for i := range app.Indicators.For(os) {
				in := &app.Indicators.For(os)[i]
				p.blank()
				p.line("  %s %s: %s", os, in.Kind, pattern(in))
				p.line("    %s, %s, known from: %s", in.Strength, in.Presence, in.Grade)
				p.wrapped("    ", in.Source)
			}
		}
		return p.err
	}}
	r.catalogFlag(cmd)
	return cmd
}

func catalogLint(env Env) *cobra.Command {
	return &cobra.Command{Use: "lint DIR", Short: "Check a directory of catalog entries", Args: one("directory"), RunE: func(_ *cobra.Command, args []string) error {
		src, err := readCatalog(args[0])
		if err != nil {
			return err
		}
		problems := catalog.Lint(src)
		for _, problem := range problems {
			fmt.Fprintln(env.Stderr, "beagle:", clean(problem.String()))
		}
		if len(problems) > 0 {
			return exit{code: exitUsage}
		}
		fmt.Fprintf(env.Stdout, "%s: no problems\n", plural(len(src.Apps), "app", "apps"))
		return nil
	}}
}

func catalogVersion(env Env) *cobra.Command {
	var r rules
	cmd := &cobra.Command{Use: "version", Short: "Print the version of the catalog", Args: noArgs, RunE: func(*cobra.Command, []string) error {
		index, _, err := r.load()
		if err == nil {
			fmt.Fprintln(env.Stdout, index.Version())
		}
		return err
	}}
	r.catalogFlag(cmd)
	return cmd
}
