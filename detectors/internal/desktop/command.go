package desktop

import (
	"path"
	"strings"
)

// maxWrappers bounds how many wrappers in a row are looked through.
const maxWrappers = 8

// Command returns the program that a command line is about, and its arguments. It looks
// through env, nice, pkexec, sudo and "sh -c" (also bash and dash), as often as eight
// times in a row. Of a shell's text it takes the first simple command that does more
// than prepare (cd, export, sleep, source), without variable assignments and "exec"
// before it. Launchers that name an app rather than a program
// (flatpak, snap, wine) are returned as they are, and so is a wrapper without a program
// behind it. For an empty argv both results are empty.
//
// The program is as written: a path, or a name to be found in PATH.
func Command(argv []string) (program string, args []string) {
	for range maxWrappers {
		inner := unwrap(argv)
		if len(inner) == 0 {
			break
		}
		argv = inner
	}
	if len(argv) == 0 {
		return "", nil
	}
	return argv[0], argv[1:]
}

// AppURL returns the page that a browser of the Chromium family runs as an app, the
// value of --app=URL, or "".
func AppURL(args []string) string { return flag(args, "app") }

// AppID returns the installed web app that a browser of the Chromium family runs, the
// value of --app-id=ID, or "".
func AppID(args []string) string { return flag(args, "app-id") }

// flag follows Chromium's base::CommandLine: one hyphen will do, the last one counts,
// "--" ends the flags.
func flag(args []string, name string) string {
	found := ""
	for _, arg := range args {
		if arg == "--" {
			break
		}
		rest, ok := strings.CutPrefix(arg, "-")
		if !ok {
			continue
		}
		rest = strings.TrimPrefix(rest, "-")
		if key, val, ok := strings.Cut(rest, "="); ok && key == name {
			found = val
		}
	}
	return found
}

// unwrap returns the command line that a wrapper starts, nil if argv is no wrapper or
// names no program.
func unwrap(argv []string) []string {
	if len(argv) == 0 {
		return nil
	}
	name, args := path.Base(argv[0]), argv[1:]
	switch name {
	case "sh", "bash", "dash":
		return unwrapShell(args)
	case "env": // env(1) of coreutils
		return skip(args, options{short: "uCS", long: []string{"unset", "chdir", "split-string"}, split: "S", vars: true})
	case "nice": // nice(1) of coreutils; the old form -5 is a flag without value
		return skip(args, options{short: "n", long: []string{"adjustment"}})
	case "pkexec": // pkexec(1)
		return skip(args, options{long: []string{"user"}})
	case "sudo": // sudo(8)
		return skip(args, options{
			short: "CDRTUaghprtu",
			long: []string{"close-from", "chdir", "chroot", "command-timeout", "other-user", "auth-type",
				"group", "host", "prompt", "role", "type", "user"},
			vars: true,
		})
	}
	return nil
}

// options says how a wrapper reads its own arguments.
type options struct {
	short string   // letters of options that take a value
	long  []string // names of long options that take a value
	split string   // of those in short, the one whose value is itself a command line
	vars  bool     // VAR=value may come before the program
}

// skip returns the arguments from the program on.
func skip(args []string, o options) []string {
	for len(args) > 0 {
		arg := args[0]
		switch {
		case arg == "--":
			return afterVars(args[1:], o.vars)
		case strings.HasPrefix(arg, "--"):
			name, val, inline := strings.Cut(arg[2:], "=")
			takes := false
			for _, l := range o.long {
				takes = takes || l == name
			}
			args = args[1:]
			if takes && !inline && len(args) > 0 {
				val, args = args[0], args[1:]
			}
			if name == "split-string" && o.split != "" {
				return afterVars(append(words(val), args...), o.vars)
			}
		case strings.HasPrefix(arg, "-"): // env takes a lone hyphen for -i
			args = args[1:]
			i := strings.IndexAny(arg[1:], o.short) + 1
			if i == 0 {
				continue
			}
			val := arg[i+1:]
			if val == "" && len(args) > 0 {
				val, args = args[0], args[1:]
			}
			if o.split != "" && arg[i] == o.split[0] {
				return afterVars(append(words(val), args...), o.vars)
			}
		case o.vars && isAssignment(arg): // sudo allows more options after it
			args = args[1:]
		default:
			return args
		}
	}
	return nil
}

// afterVars drops the assignments in front of a program.
func afterVars(args []string, vars bool) []string {
	for vars && len(args) > 0 && isAssignment(args[0]) {
		args = args[1:]
	}
	return args
}

// isAssignment tells NAME=value from a program: a shell takes a path with an equal sign
// for a program.
func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && !strings.Contains(name, "/")
}

// unwrapShell finds the text behind -c and returns its first simple command.
func unwrapShell(args []string) []string {
	isText := false
	for len(args) > 0 && (strings.HasPrefix(args[0], "-") || strings.HasPrefix(args[0], "+")) {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		switch {
		case arg == "--rcfile", arg == "--init-file":
			args = args[min(1, len(args)):]
		case strings.HasPrefix(arg, "--"):
		default:
			isText = isText || strings.Contains(arg, "c")
			if strings.HasSuffix(arg, "o") || strings.HasSuffix(arg, "O") { // -o pipefail
				args = args[min(1, len(args)):]
			}
		}
	}
	if !isText || len(args) == 0 {
		return nil
	}
	return firstCommand(args[0])
}

// firstCommand returns the words of the first simple command in a shell's text that
// starts something. Expansions are left as written.
func firstCommand(text string) []string {
	if len(text) > maxLine {
		return nil
	}
	s := splitter{text: text, shell: true}
	for s.text != "" {
		cmd := afterVars(simpleCommand(&s), true)
		if len(cmd) > 1 && cmd[0] == "exec" {
			cmd = afterVars(cmd[1:], true)
		}
		if len(cmd) > 0 && !prepares(cmd[0]) {
			return cmd
		}
		rest := strings.TrimLeft(s.text, operators+s.blanks())
		redirected := strings.ContainsAny(s.text[:len(s.text)-len(rest)], "<>")
		s.text = rest
		if redirected { // the next word is a file
			if _, _, err := s.next(); err != nil {
				return nil
			}
		}
	}
	return nil
}

// prepares tells whether a shell's command only makes ready for the one that matters,
// as menu and autostart entries do before && or a semicolon.
func prepares(name string) bool {
	switch name {
	case "cd", "export", "sleep", "source", ".":
		return true
	}
	return false
}

// words splits text as a shell does, up to the first operator or open quote.
func words(text string) []string {
	if len(text) > maxLine {
		return nil
	}
	return simpleCommand(&splitter{text: text, shell: true})
}

func simpleCommand(s *splitter) []string {
	var cmd []string
	for {
		word, ok, err := s.next()
		if err != nil { // the shell would refuse the text; keep the words before
			s.text = ""
			return cmd
		}
		if !ok {
			return cmd
		}
		cmd = append(cmd, word)
	}
}
