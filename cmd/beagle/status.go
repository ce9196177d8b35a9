package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"beagle/agent/api"
)

func statusCommand(env Env) *cobra.Command {
	var agent agentFlags
	var format string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say how this machine stands and what the agent does",
		Long: `Say how this machine stands and what the agent does.

Exit codes: 0 the agent answers, 2 wrong use, 4 no agent answers.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return refuseEmpty(cmd) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			return status(cmd.Context(), env, agent, format)
		},
	}
	agent.flags(cmd)
	formatFlag(cmd, &format)
	return cmd
}

func formatFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", "text", "`FORMAT` of the answer: text or json")
}

func checkFormat(format string) error {
	if !slices.Contains([]string{"text", "json"}, format) {
		return fmt.Errorf("--format %q: want text or json", format)
	}
	return nil
}

// statusSchema names the format of [statusDocument].
const statusSchema = "beagle.status/1"

// statusDocument is the status for programs. Without an answer there is no snapshot, and Error
// says why.
type statusDocument struct {
	Schema   string         `json:"schema"`
	Answers  bool           `json:"answers"`
	Socket   string         `json:"socket"`
	OwnAgent bool           `json:"own_agent"` // the asker's own, asked because the system has none
	Error    *api.Error     `json:"error"`
	Snapshot *api.Snapshot  `json:"snapshot"`
	Coverage []api.Coverage `json:"coverage"`
}

func status(ctx context.Context, env Env, flags agentFlags, format string) error {
	l, err := flags.connect(ctx, env)
	var coverage []api.Coverage
	if err == nil {
		coverage, err = l.client.Coverage(ctx)
		err = l.failed(ctx, err)
	}
	if format == "json" {
		doc := statusDocument{Schema: statusSchema, Coverage: []api.Coverage{}}
		if err != nil {
			doc.Socket = flags.named(env)
			doc.Error = &api.Error{Code: reachCode(err), Args: map[string]string{}, Text: bareText(err)}
		} else {
			sortRecords(l.now.Records)
			doc.Answers, doc.Socket, doc.OwnAgent, doc.Snapshot, doc.Coverage = true, l.path, l.own, &l.now, coverage
		}
		if failed := writeJSON(env.Stdout, doc); failed != nil {
			return failed
		}
		return err
	}
	if err != nil {
		return err
	}
	p := statusPage{page: env.page(), clock: clockwork{l.now.At, time.Local}}
	return p.print(&l.now, l.own, coverage)
}

func writeJSON(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}
