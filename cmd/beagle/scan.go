package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"beagle/agent"
	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
)

// scanFlags are what the command line asks of a scan.
type scanFlags struct {
	rules    rules
	root, os string
	settings string
	kinds    []string
	asOf     string
	format   string
	output   string
	quiet    bool
	probes   all.Options
}

func scanCommand(env Env) *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "scan",
		Short: "Look at this machine, or at a mounted disk, and report banned apps",
		Long: `Look at this machine, or at a mounted disk, and report banned apps.

Exit codes: 0 nothing prohibited, 1 something prohibited, 2 wrong use or bad
input, 3 nothing prohibited but something could not be looked at.`,
		Args:    cobra.NoArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return refuseEmpty(cmd) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.root, "root", "", "look at the system in this directory instead of the running one")
	flags.StringVar(&f.os, "os", "", "the system that --root holds: linux, macos or windows")
	flags.BoolVar(&f.probes.Deep, "deep", false, "also walk through homes and other places for copies that were never installed")
	flags.StringArrayVar(&f.probes.Paths, "paths", nil, "also walk through this directory of the host (repeatable)")
	flags.BoolVar(&f.probes.NoProcesses, "no-processes", false, "leave running programs alone")
	flags.StringVar(&f.settings, "settings", "", "what the organisation decides, as a YAML file")
	flags.StringArrayVar(&f.kinds, "kind", nil, "kind of organisation, such as us-state-agency:TX (repeatable)")
	flags.StringVar(&f.asOf, "as-of", "", "judge as of this day (2006-01-02) instead of today")
	flags.StringVar(&f.format, "format", "text", "text or json")
	flags.StringVar(&f.output, "output", "", "write to this file instead of the terminal")
	flags.BoolVar(&f.quiet, "quiet", false, "no progress, and nothing but findings")
	f.rules.flags(cmd)
	return cmd
}

func (f *scanFlags) run(ctx context.Context, env Env) error {
	if !slices.Contains([]string{"text", "json"}, f.format) {
		return fmt.Errorf("--format %q: want text or json", f.format)
	}
	config, err := f.config(ctx)
	if err != nil {
		return err
	}
	out, err := openOutput(f.output, env.Stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	meter := newMeter(env, f.quiet || f.format != "text")
	config.Progress = meter.show
	doc := agent.New(config).Sweep(ctx)
	meter.clear()

	if f.format == "json" {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(doc)
	} else {
		page := scanPage{page: page{w: out, style: style{env.Color && f.output == ""}}, quiet: f.quiet}
		err = page.print(&doc)
	}
	if err == nil {
		err = out.commit()
	}
	if err != nil {
		return fmt.Errorf("write the result: %w", describe(err))
	}
	code := scanExit(&doc.Summary)
	if code == exitIncomplete && f.quiet {
		fmt.Fprintln(env.Stderr, "beagle: not everything could be looked at; scan without --quiet tells what")
	}
	if code != exitClean {
		return exit{code: code}
	}
	return nil
}

// refuseEmpty refuses options that were given without a value, as an unset variable of a
// script does: they would quietly mean something else.
func refuseEmpty(cmd *cobra.Command) error {
	var err error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Value.String() == "" || flag.Value.String() == "[]" || strings.Contains(flag.Value.String(), "[,") || flag.Value.String() == `[""]` {
			err = fmt.Errorf("--%s: the value is empty", flag.Name)
		}
	})
	return err
}

func scanExit(s *api.Summary) int {
	switch {
	case s.Prohibited > 0:
		return exitProhibited
	case !s.Complete:
		return exitIncomplete
	}
	return exitClean
}

// config checks everything a person can get wrong before anything is looked at.
func (f *scanFlags) config(ctx context.Context) (agent.Config, error) {
	index, set, err := f.rules.load()
	if err != nil {
		return agent.Config{}, err
	}
	policies, question, err := f.question(index, set)
	if err != nil {
		return agent.Config{}, err
	}
	host, err := f.host(ctx)
	if err != nil {
		return agent.Config{}, err
	}
	probes := f.probes
	probes.Paths = nil
	for _, path := range f.probes.Paths {
		if !host.Offline {
			if path, err = filepath.Abs(path); err != nil {
				return agent.Config{}, fmt.Errorf("--paths %q: %w", path, err)
			}
		}
		info, err := host.Files.Stat(path)
		if err != nil {
			return agent.Config{}, fmt.Errorf("--paths %q: %w", path, describe(err))
		}
		if !info.IsDir() {
			return agent.Config{}, fmt.Errorf("--paths %q: not a folder", path)
		}
		probes.Paths = append(probes.Paths, path)
	}
	return agent.Config{
		Host: host, Probes: all.Probes(host, index, probes), Catalog: index,
		Policies: policies, Question: question,
	}, nil
}

func (f *scanFlags) question(index *catalog.Index, set *policy.Set) ([]policy.Policy, policy.Question, error) {
	var none policy.Question
	settings := &agent.Settings{}
	if f.settings != "" {
		var err error
		if settings, err = agent.LoadSettings(f.settings); err != nil {
			return nil, none, err
		}
	}
	settings.Organisation.Kinds = append(settings.Organisation.Kinds, f.kinds...)
	if err := checkKinds(settings.Organisation.Kinds, set); err != nil {
		return nil, none, err
	}
	policies, q, err := settings.Decide(set, index)
	if err != nil {
		return nil, none, inSettings(f.settings, err)
	}
	today, err := dateFlag("as-of", "")
	if err != nil {
		return nil, none, err
	}
	q.Known = today
	q.On, err = dateFlag("as-of", f.asOf)
	return policies, q, err
}

func inSettings(path string, err error) error {
	return inDirectory("settings", path, err)
}

func (f *scanFlags) host(ctx context.Context) (*detectors.Host, error) {
	systems := catalog.Systems()
	if f.os != "" && !slices.Contains(systems, catalog.OS(f.os)) {
		names := []string{"linux", "macos", "windows"}
		return nil, fmt.Errorf("--os %q: want linux, macos or windows%s", f.os, catalog.DidYouMean(f.os, names))
	}
	switch {
	case f.root == "" && f.os != "":
		return nil, errors.New("--os is only for --root: the running system is known")
	case f.root == "":
		return detectors.Live(ctx)
	case f.os == "":
		return nil, errors.New("--root needs --os: say linux, macos or windows")
	}
	return detectors.Offline(ctx, f.root, catalog.OS(f.os))
}

// output is where the result goes. A file appears under its name only when it is whole.
type output struct {
	io.Writer
	file *os.File // nil for the terminal, and once committed
	path string   // what the file is to be called, "" if it needs no other name
}

func openOutput(path string, terminal io.Writer) (*output, error) {
	if path == "" {
		return &output{Writer: terminal}, nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // write to what a link leads to, not over the link
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("--output %q: is a directory", path)
	case err == nil && !info.Mode().IsRegular():
		// A device or a pipe is written to; renaming a file over it would destroy it.
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("--output %q: %w", path, describe(err))
		}
		return &output{Writer: file, file: file}, nil
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".beagle-*")
	if err != nil {
		return nil, fmt.Errorf("--output %q: %w", path, describe(err))
	}
	out := &output{Writer: file, file: file, path: path}
	if info != nil {
		// Whoever could read the last result can read this one.
		if err := file.Chmod(info.Mode().Perm()); err != nil {
			out.discard()
			return nil, fmt.Errorf("--output %q: %w", path, describe(err))
		}
	}
	return out, nil
}

func (o *output) commit() error {
	switch {
	case o.file == nil:
		return nil
	case o.path == "":
		err := o.file.Close()
		o.file = nil
		return err
	}
	temporary := o.file.Name()
	err := errors.Join(o.file.Sync(), o.file.Close())
	if err == nil {
		err = os.Rename(temporary, o.path)
	}
	if err == nil {
		o.file = nil
	}
	return err
}

// discard drops an unfinished file; after commit it does nothing.
func (o *output) discard() {
	if o.file == nil {
		return
	}
	_ = o.file.Close()
	if o.path != "" {
		_ = os.Remove(o.file.Name())
	}
	o.file = nil
}
