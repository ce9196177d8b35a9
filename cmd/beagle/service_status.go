package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"beagle/agent/api"
)

// Exit codes of `beagle service status`, after
// https://refspecs.linuxbase.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/iniscrptact.html.
const (
	exitNotRunning   = 3
	exitNotInstalled = 4 // or nobody can tell
)

// situation is what the service manager says about the service.
type situation struct {
	state    string
	detail   string    // why, in the manager's words
	pid      int       // 0 if it does not run or cannot be told
	since    time.Time // in this state; zero if it cannot be told
	starts   string    // when it is started
	restarts int       // since somebody started it, where they are counted
}

func serviceStatusCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show whether the service runs and answers",
		Long: `Show whether the service runs and answers.

Exit codes: 0 it runs, 3 it is installed and does not run, 4 it is not installed
or the service manager cannot tell.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return showService(cmd.Context(), env) },
	}
}

func showService(ctx context.Context, env Env) error {
	found, err := findInstallation()
	if err != nil {
		return exit{exitNotInstalled, err}
	}
	if !found.exists() {
		fmt.Fprintln(env.Stdout, "not installed")
		return exit{code: exitNotInstalled}
	}
	now, err := serviceState(ctx, found.program)
	if err != nil {
		return exit{exitNotInstalled, err}
	}
	answer, answers := agentAnswer(ctx)
	p := env.page()
	state := now.state
	if now.detail != "" {
		state += " (" + now.detail + ")"
	}
	p.line("service   %s", state)
	if !now.since.IsZero() {
		p.line("since     %s", now.since.Local().Format(time.DateTime))
	}
	if now.pid != 0 {
		p.line("process   %d", now.pid)
	}
	if now.restarts > 0 {
		p.line("restarts  %d", now.restarts)
	}
	if now.starts != "" {
		p.line("starts    %s", now.starts)
	}
	p.line("runs      %s", clean(found.program))
	if found.place != "" {
		p.line("defined   %s", clean(found.place))
	}
	p.line("agent     %s", answer)
	if now.state == stateFailed || now.state == stateRunning && !answers {
		p.line("log       %s", whereLogs())
	}
	switch {
	case p.err != nil:
		return p.err
	case now.state == stateRunning:
		return nil
	case now.state == stateUnknown:
		return exit{code: exitNotInstalled}
	}
	return exit{code: exitNotRunning}
}

// agentAnswer says whether somebody answers where the service listens, and what.
func agentAnswer(ctx context.Context) (text string, answers bool) {
	const patience = 3 * time.Second
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("it took too long"))
	defer cancel()
	snapshot, err := api.NewClient(api.DefaultSocket()).Snapshot(ctx)
	if err != nil {
		return clean(err.Error()), false
	}
	return fmt.Sprintf("answers: version %s, %s, %s, watching: %s", clean(snapshot.AgentVersion),
		clean(snapshot.Activity), plural(len(snapshot.Records), "finding", "findings"), clean(snapshot.Watching)), true
}
