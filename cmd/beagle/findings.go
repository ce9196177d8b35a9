package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"beagle/agent/api"
)

// findingsFlags are what the command line asks about findings.
type findingsFlags struct {
	agent  agentFlags
	watch  bool
	format string
}

func findingsCommand(env Env) *cobra.Command {
	var f findingsFlags
	cmd := &cobra.Command{
		Use:   "findings",
		Short: "Show what the agent has found, why it is banned and how to remove it",
		Long: `Show what the agent has found, why it is banned and how to remove it.

With --watch it goes on, one line for each change, until Ctrl-C; as JSON, one
object a line. It waits for an agent that restarts.

Exit codes: 0 nothing prohibited, 1 something prohibited, 2 wrong use, 3 nothing
prohibited but something could not be looked at, 4 no agent answers. With
--watch the last state decides.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return refuseEmpty(cmd) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env) },
	}
	f.agent.flags(cmd)
	formatFlag(cmd, &f.format)
	cmd.Flags().BoolVar(&f.watch, "watch", false, "go on and print every change")
	return cmd
}

func (f *findingsFlags) run(ctx context.Context, env Env) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	l, err := f.agent.connect(ctx, env)
	if err != nil {
		return err
	}
	if f.watch {
		l.notice(env)
		return newFollower(l, env, f.format).run(ctx)
	}
	sortRecords(l.now.Records)
	if f.format == "json" {
		l.notice(env)
		err = writeJSON(env.Stdout, l.now)
	} else {
		p := findingsPage{
			scanPage: scanPage{page: env.page()},
			clock:    clockwork{l.now.At, time.Local}, own: l.own,
		}
		err = p.print(&l.now, l.removal(ctx))
	}
	if err != nil {
		return err
	}
	if code := snapshotExit(&l.now); code != exitClean {
		return exit{code: code}
	}
	return nil
}

// removal asks how to remove the apps that somebody has to act upon. Where the agent does not
// tell, the page points to explain.
func (l *link) removal(ctx context.Context) map[string][]api.Step {
	steps := map[string][]api.Step{}
	for i := range l.now.Records {
		r := &l.now.Records[i]
		if _, known := steps[r.App.ID]; known || !asksForAction(r.Verdict) {
			continue
		}
		app, err := l.client.App(ctx, r.App.ID)
		if err != nil {
			continue
		}
		steps[r.App.ID] = app.Removal
	}
	return steps
}
