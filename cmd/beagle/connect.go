package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/spf13/cobra"

	"beagle/agent/api"
)

// agentFlags say which agent to ask.
type agentFlags struct{ socket string }

func (f *agentFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.socket, "socket", "", "ask the agent that listens at `PLACE` instead of the system's (or BEAGLE_SOCKET)")
}

// link is an agent that answered.
type link struct {
	client *api.Client
	path   string
	// own says that it is the asker's own agent, asked because the system has none.
	own bool
	// now is what it knew when it first answered.
	now api.Snapshot
}

// connect asks the agent that was named, or the system's. Only where the system's is not
// there at all is the asker's own one asked instead, which sees less: whoever shows the answer
// says so. An error has its exit code.
func (f *agentFlags) connect(ctx context.Context, env Env) (*link, error) {
	if path := cmp.Or(f.socket, env.Socket); path != "" {
		l, err := reach(ctx, path)
		return l, unreachable(ctx, path, err)
	}
	system := api.DefaultSocket()
	l, err := reach(ctx, system)
	if !errors.Is(err, fs.ErrNotExist) {
		return l, unreachable(ctx, system, err)
	}
	path, failed := api.UserSocket()
	if failed != nil {
		return nil, unreachable(ctx, system, err)
	}
	if own, failed := reach(ctx, path); failed == nil {
		own.own = true
		return own, nil
	}
	return nil, unreachable(ctx, system, err)
}

func reach(ctx context.Context, path string) (*link, error) {
	client := api.NewClient(path)
	now, err := client.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return &link{client: client, path: path, now: now}, nil
}

// notice says on the side what a page says itself: whose agent answers, if not the system's.
func (l *link) notice(env Env) {
	switch {
	case l.own:
		fmt.Fprintln(env.Stderr, "beagle: "+ownAgent)
	case !l.now.Privileged:
		fmt.Fprintln(env.Stderr, "beagle: this agent has the rights of one user and sees nothing of others")
	}
}

const ownAgent = "no agent of the system is here; this is your own, which sees nothing of other users"

// failed is unreachable for an agent that answered before.
func (l *link) failed(ctx context.Context, err error) error { return unreachable(ctx, l.path, err) }

// unreachable gives an error of the client of the agent at a socket its exit code and says what
// to do about it.
func unreachable(ctx context.Context, socket string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return exit{exitUnreachable, errors.New("stopped before the agent answered")}
	}
	return exit{exitUnreachable, noAnswer{err, socket}}
}

// noAnswer adds to an error of the agent's client what to do about it.
type noAnswer struct {
	error
	socket string
}

func (e noAnswer) Error() string {
	return e.error.Error() + "; " + reachAdvice(reachCode(e.error), e.socket)
}

func (e noAnswer) Unwrap() error { return e.error }

// reachCode tells apart why no agent answers.
func reachCode(err error) string {
	var refusal *api.Refusal
	switch {
	case errors.As(err, &refusal):
		return refusal.Problem.Code
	case errors.Is(err, api.ErrUntrusted):
		return "untrusted"
	case errors.Is(err, api.ErrBadAnswer):
		return "bad_answer"
	case errors.Is(err, fs.ErrNotExist):
		return "absent"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "stopped"
	case errors.Is(err, fs.ErrPermission):
		return "not_allowed"
	}
	return "silent"
}

// bareText is an error without what to do about it, which documents leave to their readers.
func bareText(err error) string {
	var bare noAnswer
	if errors.As(err, &bare) {
		return bare.error.Error()
	}
	return err.Error()
}

// reachAdvice says what to do when no agent answers at a socket.
func reachAdvice(code, socket string) string {
	if (code == "absent" || code == "stopped") && socket != api.DefaultSocket() {
		return "that of the system is asked without --socket and BEAGLE_SOCKET; to look without one: beagle scan"
	}
	switch code {
	case "untrusted":
		return "do not trust what answers there, and tell whoever looks after this machine"
	case "bad_answer":
		return "program and agent may be of different versions: " + howToBeAdmin("beagle service restart")
	case "absent":
		return "is it installed? " + howToBeAdmin("beagle service install") + "; to look without it: beagle scan"
	case "stopped":
		return "it has stopped: " + howToBeAdmin("beagle service start") + "; to look without it: beagle scan"
	case "not_allowed":
		return "it is another user's"
	case api.CodeTooSoon, api.CodeTooManyStream:
		return "too much was asked at once: try again in a moment"
	}
	return howToBeAdmin("beagle service restart") + " may help; beagle doctor examines more"
}

// named is the socket that would be asked first.
func (f *agentFlags) named(env Env) string {
	return cmp.Or(f.socket, env.Socket, api.DefaultSocket())
}
