package main

import (
	"beagle/detectors/catalog"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit codes of scan and findings; other commands use those that make sense for them.
const (
	exitClean       = 0 // nothing prohibited, everything was looked at
	exitProhibited  = 1
	exitUsage       = 2 // wrong use or bad input
	exitIncomplete  = 3 // nothing prohibited, but something could not be looked at
	exitUnreachable = 4 // the agent could not be reached
)

// Env is the world a command runs in, so that tests can give it another.
type Env struct {
	Stdout, Stderr io.Writer
	// Width is the number of columns of the terminal at Stderr, 0 if progress cannot be
	// shown there.
	Width int
	// Color says whether Stdout takes colours.
	Color bool
	// Columns is how wide the terminal at Stdout is, 0 if it is none or does not tell.
	Columns int
	// Socket is where the agent listens by the environment, "" if that does not say.
	Socket string
}

// System returns the real world.
func System() Env {
	env := Env{Stdout: os.Stdout, Stderr: os.Stderr, Socket: os.Getenv("BEAGLE_SOCKET")}
	if width, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil && capable(os.Stderr) {
		env.Width = width
	}
	// https://no-color.org
	env.Color = capable(os.Stdout) && os.Getenv("NO_COLOR") == ""
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		env.Columns = width
	}
	return env
}

// capable reports whether f is a terminal that understands escape sequences.
func capable(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" && escapes(f)
}

// exit carries an exit code through a command; a code without a message prints nothing.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

// Main runs one command line and returns its exit code.
//
// Messages are one line for each problem, lower case, and name the thing and what to do.
func Main(args []string, env Env) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the program at once, whatever it waits for.
	context.AfterFunc(ctx, stop)
	root := rootCommand(env)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitClean
	}
	code := exitUsage
	var coded exit
	if errors.As(err, &coded) {
		code, err = coded.code, coded.err
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintf(env.Stderr, "beagle: %s\n", clean(line))
		}
	}
	return code
}

func rootCommand(env Env) *cobra.Command {
	root := group("beagle", "Beagle finds banned apps on this machine and says by which rule they are banned",
		scanCommand(env), statusCommand(env), findingsCommand(env), doctorCommand(env), explainCommand(env),
		catalogCommand(env), policyCommand(env), versionCommand(env), runCommand(env), serviceCommand(env))
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if named := cmd.Flags().Args(); cmd.HasSubCommands() && len(named) > 0 {
			return unknownCommand(cmd, named[0]) // the flag is meant for it
		}
		return fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())
	})
	return root
}

// group makes a command that only has sub-commands.
func group(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, RunE: func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return unknownCommand(cmd, args[0])
	}}
	cmd.AddCommand(children...)
	return cmd
}

// unknownCommand says that a command has no such sub-command.
func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, child := range cmd.Commands() {
		names = append(names, child.Name())
	}
	return fmt.Errorf("unknown command %q%s (see %s --help)", name, catalog.DidYouMean(name, names), cmd.CommandPath())
}

// noArgs refuses arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, but there is %q (see %s --help)", cmd.Name(), args[0], cmd.CommandPath())
	}
	return nil
}

// one demands exactly one argument and says what it is.
func one(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return fmt.Errorf("%s: say which %s (see %s --help)", cmd.Name(), what, cmd.CommandPath())
		case len(args) > 1:
			return fmt.Errorf("%s: one %s at a time, but there is %q too", cmd.Name(), what, args[1])
		}
		return nil
	}
}

// describe shortens an error about a file to what a person needs.
func describe(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
