package desktop_test

import (
	"reflect"
	"strings"
	"testing"

	"beagle/detectors/internal/desktop"
)

func TestArgv(t *testing.T) {
	tests := []struct {
		name string
		exec string
		want []string
	}{
		{"empty", "", nil},
		{"only blanks", " \t ", nil},
		{"plain", "vim  -g\tfile", []string{"vim", "-g", "file"}},
		{"field codes vanish", "a %f %F %u %U %i %c %k %d %D %n %N %v %m b", []string{"a", "b"}},
		{"a field code inside an argument", "a --file=%f x%uy", []string{"a", "--file=", "xy"}},
		{"a quoted field code", `a "%u" '%f' "x %k"`, []string{"a", "x "}},
		{"percent signs", `a 100%% %%f "%%" %`, []string{"a", "100%", "%f", "%", "%"}},
		{"percent in a url", "a https://example.org/%20x", []string{"a", "https://example.org/%20x"}},
		{"double quotes", `"/opt/My App/run" "a\"b" "\$HOME" "\` + "`" + `" "\\" "c:\dir"`,
			[]string{"/opt/My App/run", `a"b`, "$HOME", "`", `\`, `c:\dir`}},
		{"single quotes", `a 'b "c" \d'`, []string{"a", `b "c" \d`}},
		{"an empty argument", `a "" ''`, []string{"a", "", ""}},
		{"quotes in the midst", `env A="b c"d'e f' g`, []string{"env", "A=b cde f", "g"}},
		{"backslash outside quotes", `a b\ c C:\\x \"d\" e\`, []string{"a", "b c", `C:\x`, `"d"`, `e\`}},
		{"a shell's signs mean nothing", "a $(b; c) | `d`", []string{"a", "$(b;", "c)", "|", "`d`"}},
		{"line feed separates", "a\nb", []string{"a", "b"}},
		{"invalid utf-8", "a \xff\xe9", []string{"a", "\xff\xe9"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// When the command line is split.
			got, err := desktop.Argv(tt.exec)
			// Then quoting is undone and codes are gone.
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("argv:\n got %q, %v\nwant %q", got, err, tt.want)
			}
		})
	}
}

func TestArgvErrors(t *testing.T) {
	for name, exec := range map[string]string{
		"double quote left open": `a "b`,
		"single quote left open": `a 'b`,
		"longer than 65536":      strings.Repeat("a ", 40000),
	} {
		got, err := desktop.Argv(exec)
		if err == nil || !strings.Contains(err.Error(), name) || got != nil {
			t.Errorf("argv of %.20q: got %v, %v, want error %q", exec, got, err, name)
		}
	}
}

func TestSpecificationEscapes(t *testing.T) {
	// Given the specification's own examples of escapes in a file.
	const text = "[Desktop Entry]\n" + `Exec=a "\\\\" "\\$" C:\\\\x` + "\n"
	// When file and command line are read.
	e, err := desktop.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := desktop.Argv(e.Exec)
	// Then four backslashes are one, and two before a dollar sign are none.
	if want := []string{"a", `\`, "$", `C:\x`}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("argv: got %q, %v, want %q", got, err, want)
	}
}

func TestCommand(t *testing.T) {
	tests := []struct {
		name string
		exec string // in the form of Entry.Exec
		want string // words joined by "|"
	}{
		{"empty", "", ""},
		{"plain", "/usr/bin/vim -g", "/usr/bin/vim|-g"},

		{"env with assignment", `env BAMF_HINT=/x.desktop /snap/bin/code --new`, "/snap/bin/code|--new"},
		{"env by path with options", "/usr/bin/env -i -u A -iuB --unset C --unset=D -C /tmp - E=f G= run -x", "run|-x"},
		{"env ended by hyphens", "env -- A=b run", "run"},
		{"env split string", `env -S "A=b run -x" y`, "run|-x|y"},
		{"env split string, long and joined", `env '--split-string=run -x' y`, "run|-x|y"},
		{"env split string in a cluster", `env -iS 'run -x' y`, "run|-x|y"},
		{"env alone", "env A=b", "env|A=b"},
		{"env with an option cut short", "env -u", "env|-u"},

		{"nice", "/usr/bin/nice -n 5 run a", "run|a"},
		{"nice joined, old, long", "nice -n5 nice -5 nice --adjustment=5 nice --adjustment 5 run", "run"},
		{"pkexec", "pkexec --user root --disable-internal-agent /usr/sbin/gparted %f", "/usr/sbin/gparted"},
		{"sudo", "sudo -nE -u user --group=g --chdir /x A=b -- run -u x", "run|-u|x"},

		{"sh", `sh -c "run --app=x; other"`, "run|--app=x"},
		{"sh without text", "sh -c", "sh|-c"},
		{"sh with empty text", `sh -c ""`, "sh|-c|"},
		{"a script of sh", "sh /opt/x/run.sh -c y", "sh|/opt/x/run.sh|-c|y"},
		{"bash with clustered and valued options", `/bin/bash --noprofile --rcfile /x -o pipefail -lc "run a" name`, "run|a"},
		{"exec and assignments", `bash -c "LD_PRELOAD=/x.so exec A=b /opt/run %F"`, "/opt/run"},
		{"change directory first", `sh -c "cd /opt/llm; ./start.sh && sleep 5"`, "./start.sh"},
		{"several preparations", `bash -c 'cd "/opt/a b" 2>/dev/null && . .venv/bin/activate && export A=b && sleep 1; python main.py'`, "python|main.py"},
		{"only preparations", `sh -c "cd /x && sleep 1"`, `sh|-c|cd /x && sleep 1`},
		{"substitution in quotes", `bash -c "cd \"$(dirname \"%k\")\" && ./run.sh"`, "./run.sh"},
		{"substitution in backticks", "bash -c \"cd \\`dirname %k\\` && ./Exodus %u\"", "./Exodus"},
		{"substitution with operators", `sh -c 'run $(a | (b; c)) d; e'`, "run|$(a | (b; c))|d"},
		{"substitution left open", `sh -c 'run $(a | b'`, "run|$(a | b"},
		{"backtick left open", "sh -c 'run `a; b'", "run|`a"},
		{"a quote left open in the text", `sh -c "run \"a"`, "run"},
		{"only operators", `sh -c "&& ; | ("`, "sh|-c|&& ; | ("},
		{"a program path with an equal sign", `sh -c "/opt/a=b/run"`, "/opt/a=b/run"},

		{"wrappers in a row", `sudo env A=b nice -n 1 sh -c "exec env B=c run x"`, "run|x"},
		{"too many wrappers", strings.Repeat("nice ", 9) + "run", "nice|run"},
		{"flatpak stays", "/usr/bin/flatpak run --branch=stable org.example.App @@u %U @@", "/usr/bin/flatpak|run|--branch=stable|org.example.App|@@u|@@"},
		{"snap stays", "env A=b snap run code", "snap|run|code"},
		{"wine stays", "env WINEPREFIX=/x wine a.exe", "wine|a.exe"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			argv, err := desktop.Argv(tt.exec)
			if err != nil {
				t.Fatal(err)
			}
			// When wrappers are looked through.
			program, args := desktop.Command(argv)
			// Then the program and its arguments remain.
			got := strings.Join(append([]string{program}, args...), "|")
			if got != tt.want {
				t.Errorf("command: got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWebApp(t *testing.T) {
	tests := []struct {
		name    string
		args    []string
		url, id string
	}{
		{"none", nil, "", ""},
		{"url", []string{"--new-window", "--app=https://example.org/?a=b"}, "https://example.org/?a=b", ""},
		{"id", []string{"--profile-directory=Default", "--app-id=abc"}, "", "abc"},
		{"last one counts", []string{"--app=a", "--app=b"}, "b", ""},
		{"one hyphen", []string{"-app=a"}, "a", ""},
		{"after the end of flags", []string{"--", "--app=a"}, "", ""},
		{"alike", []string{"app=a", "---app=b", "--apps=c", "--app", "d", "--app-id"}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := desktop.AppURL(tt.args); got != tt.url {
				t.Errorf("url: got %q, want %q", got, tt.url)
			}
			if got := desktop.AppID(tt.args); got != tt.id {
				t.Errorf("id: got %q, want %q", got, tt.id)
			}
		})
	}
}
