package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"beagle/agent"
	"beagle/agent/api"
)

// doctorFlags are what the command line asks of the doctor.
type doctorFlags struct {
	agent  agentFlags
	format string
	bundle string
}

func doctorCommand(env Env) *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the agent and say what to do about what is wrong",
		Long: `Examine the agent and say what to do about what is wrong: its service, its
socket, its settings and where each comes from, the age of the catalog, room on
the disk, the clock, the rights that are missing, and how it watches.

--bundle writes what a help desk needs into a zip file: without names of people,
files or the machine, and without secrets.

Exit codes: 0 all is well, 1 something is to be looked at, 2 wrong use, 4 no
agent answers; what can be examined without it is shown all the same.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return refuseEmpty(cmd) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env) },
	}
	f.agent.flags(cmd)
	formatFlag(cmd, &f.format)
	cmd.Flags().StringVar(&f.bundle, "bundle", "", "also write a zip `FILE` for the help desk, without personal data")
	return cmd
}

// doctorSchema names the format of [examination].
const doctorSchema = "beagle.doctor/1"

// examination is what the doctor found, also as a document for programs.
type examination struct {
	Schema string    `json:"schema"`
	At     time.Time `json:"at"`
	// Answers says whether an agent does; without one there are fewer checks.
	Answers bool        `json:"answers"`
	Checks  []api.Check `json:"checks"`

	link *link // nil if no agent answers
}

func (f *doctorFlags) run(ctx context.Context, env Env) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	out, err := openOutput("bundle", f.bundle, nil)
	if err != nil {
		return err
	}
	defer out.discard()
	found := f.examine(ctx, env)
	if f.format == "json" {
		err = writeJSON(env.Stdout, found)
	} else {
		p := doctorPage{page: env.page(), clock: clockwork{found.At, time.Local}}
		err = p.print(found)
	}
	if err != nil {
		return err
	}
	if f.bundle != "" {
		if err := writeBundle(ctx, out, found); err != nil {
			return fmt.Errorf("write the bundle: %w", describe(err))
		}
		if err := out.commit(); err != nil {
			return fmt.Errorf("write the bundle: %w", describe(err))
		}
		fmt.Fprintf(env.Stderr, "beagle: wrote %s for the help desk; it names no person, file or machine\n", clean(f.bundle))
	}
	if code := found.exit(); code != exitClean {
		return exit{code: code}
	}
	return nil
}

// exit is the exit code for what was found. What could not be examined is nothing that is wrong.
func (e *examination) exit() int {
	switch {
	case !e.Answers:
		return exitUnreachable
	case toLookAt(e.Checks) > 0:
		return exitProhibited
	}
	return exitClean
}

// examine asks the agent and looks at what can be seen from outside.
func (f *doctorFlags) examine(ctx context.Context, env Env) *examination {
	e := examination{Schema: doctorSchema, At: time.Now().UTC()}
	l, err := f.agent.connect(ctx, env)
	socket := f.agent.named(env)
	if err == nil {
		e.Answers, e.link, socket = true, l, l.path
	}
	e.Checks = append(e.Checks, agentCheck(l, socket, err))
	system := socket == api.DefaultSocket()
	if system || l != nil && l.own {
		e.Checks = append(e.Checks, serviceCheck(ctx))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		e.Checks = append(e.Checks, socketChecks(socket, system)...)
	}
	if err != nil {
		e.Checks = append(e.Checks, alone(system)...)
		return &e
	}
	own, err := l.client.Doctor(ctx)
	if err != nil {
		e.Checks = append(e.Checks, api.Check{
			Code: api.CheckAgent, Status: api.CheckUnknown, Args: map[string]string{"socket": socket, "problem": "no_doctor"}, Text: err.Error(),
		})
		return &e
	}
	e.At = own.At
	e.Checks = append(e.Checks, own.Checks...)
	return &e
}

// alone examines what can be examined where no agent answers.
func alone(system bool) []api.Check {
	find := userState
	if system {
		find = systemState
	}
	folder, err := find()
	if err != nil {
		folder = ""
	}
	return agent.Examine(folder, system, time.Now())
}

// agentCheck says whether an agent answers and whether it is of this program's version.
func agentCheck(l *link, socket string, err error) api.Check {
	c := api.Check{Code: api.CheckAgent, Status: api.CheckOK, Args: map[string]string{"socket": socket, "client": agent.Version}}
	switch {
	case err != nil:
		c.Status, c.Args["problem"], c.Text = api.CheckError, reachCode(err), bareText(err)
	case l.own:
		c.Status, c.Args["problem"] = api.CheckWarning, "own"
	case l.now.AgentVersion != agent.Version:
		c.Status, c.Args["problem"] = api.CheckWarning, "version"
	}
	if l != nil {
		c.Args["version"] = l.now.AgentVersion
	}
	return c
}

// serviceCheck asks the system whether it runs the agent.
func serviceCheck(ctx context.Context) api.Check {
	c := api.Check{Code: api.CheckService, Status: api.CheckOK, Args: map[string]string{}}
	found, err := findInstallation()
	var now situation
	switch {
	case err == nil && !found.exists():
		c.Status, c.Args["problem"] = api.CheckError, "not_installed"
		return c
	case err == nil:
		now, err = serviceState(ctx, found.program)
	}
	if err != nil {
		c.Status, c.Text = api.CheckUnknown, err.Error()
		return c
	}
	c.Args["state"] = now.state
	switch now.state {
	case stateRunning, stateStarting:
	case stateUnknown:
		c.Status, c.Text = api.CheckUnknown, now.detail
	default:
		c.Status, c.Args["problem"], c.Text = api.CheckError, "stopped", now.detail
	}
	return c
}
