package main

import (
	"context"
	"errors"
	"fmt"
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
	// ask has the running agent look instead of this program.
	ask   bool
	agent agentFlags
}

func scanCommand(env Env) *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "scan",
		Short: "Look at this machine, or at a mounted disk, and report banned apps",
		Long: `Look at this machine, or at a mounted disk, and report banned apps.

Exit codes: 0 nothing prohibited, 1 something prohibited, 2 wrong use or bad
input, 3 nothing prohibited but something could not be looked at, 4 no agent
answers or it will not look now (--via-agent).`,
		Args: noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := refuseEmpty(cmd); err != nil {
				return err
			}
			return checkViaAgent(cmd, f.ask)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.root, "root", "", "look at the system in the folder `DIR` instead of the running one")
	flags.StringVar(&f.os, "os", "", "the system, `OS`, that --root holds: linux, macos or windows")
	flags.BoolVar(&f.probes.Deep, "deep", false, "also walk through homes and other places for copies that were never installed")
	flags.StringArrayVar(&f.probes.Paths, "paths", nil, "also walk through the folder `DIR` of the host (repeatable)")
	flags.BoolVar(&f.probes.NoProcesses, "no-processes", false, "leave running programs alone")
	flags.StringVar(&f.settings, "settings", "", "what the organisation decides, as a YAML `FILE`")
	flags.StringArrayVar(&f.kinds, "kind", nil, "judge for an organisation of the kind `ORG`, such as us-state-agency:TX (repeatable)")
	flags.StringVar(&f.asOf, "as-of", "", "judge as of this day, written `YYYY-MM-DD`, instead of today")
	formatFlag(cmd, &f.format)
	flags.StringVar(&f.output, "output", "", "write to `FILE` instead of the terminal")
	flags.BoolVar(&f.quiet, "quiet", false, "no progress, and nothing but findings")
	flags.BoolVar(&f.ask, "via-agent", false, "have the running agent look, by its own settings, instead of this program")
	f.agent.flags(cmd)
	f.rules.flags(cmd)
	return cmd
}

func (f *scanFlags) run(ctx context.Context, env Env) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	var config agent.Config
	if !f.ask {
		var err error
		if config, err = f.config(ctx); err != nil {
			return err
		}
	}
	out, err := openOutput("output", f.output, env.Stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	scan, document, err := f.look(ctx, env, config)
	if err != nil {
		return err
	}
	if f.format == "json" {
		err = writeJSON(out, document)
	} else {
		p := scanPage{page: env.page(), quiet: f.quiet}
		if f.output != "" {
			p.page = page{w: out}
		}
		err = p.print(scan)
	}
	if err == nil {
		err = out.commit()
	}
	if err != nil {
		return fmt.Errorf("write the result: %w", describe(err))
	}
	code := scanExit(&scan.Summary)
	if code == exitIncomplete && f.quiet {
		fmt.Fprintln(env.Stderr, "beagle: not everything could be looked at; scan without --quiet tells what")
	}
	if code != exitClean {
		return exit{code: code}
	}
	return nil
}

// look returns what was found, for the page and as the document of it.
func (f *scanFlags) look(ctx context.Context, env Env, config agent.Config) (*api.Scan, any, error) {
	meter := newMeter(env, f.quiet || f.format != "text")
	defer meter.clear()
	if f.ask {
		doc, err := f.viaAgent(ctx, env, meter)
		if err != nil {
			return nil, nil, err
		}
		return &doc.Scan, doc, nil
	}
	config.Progress = meter.show
	doc := agent.Scan(ctx, config)
	return &doc, doc, nil
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
		Host: host, Probes: all.Probes(host, index, probes),
		Rules: agent.Rules{Catalog: index, Policies: policies, Question: question},
	}, nil
}

func (f *scanFlags) question(index *catalog.Index, set *policy.Set) ([]policy.Policy, policy.Question, error) {
	var none policy.Question
	if err := checkKinds(f.kinds, set); err != nil {
		return nil, none, err
	}
	settings := &agent.ResolvedSettings{}
	if f.settings != "" {
		var err error
		if settings, err = agent.LoadSettings(f.settings); err != nil {
			return nil, none, err
		}
	}
	own := &settings.Settings.Organisation
	own.Kinds = append(own.Kinds, f.kinds...)
	policies, q, err := settings.Decide(set, index)
	if err != nil {
		return nil, none, err
	}
	today, err := dateFlag("as-of", "")
	if err != nil {
		return nil, none, err
	}
	q.Known = today
	q.On, err = dateFlag("as-of", f.asOf)
	return policies, q, err
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
