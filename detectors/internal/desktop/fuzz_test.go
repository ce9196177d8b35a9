package desktop_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beagle/detectors/internal/desktop"
)

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.desktop")
	if err != nil || len(files) == 0 {
		f.Fatalf("seeds: got %d files, %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("\ufeff[Desktop Entry]\r\nName=\\s\\\\\r\nHidden=1\n[X]\nExec=sh -c \"cd /x; y\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := desktop.Parse(bytes.NewReader(data))
		if err != nil && e != (desktop.Entry{}) {
			t.Errorf("entry: got %+v beside error %v", e, err)
		}
		argv, err := desktop.Argv(e.Exec)
		if err == nil {
			checkCommand(t, argv)
		}
	})
}

func FuzzArgv(f *testing.F) {
	f.Add(`env A="b c" sudo -u x sh -c "cd \"$(dirname %k)\" && exec run --app=https://example.org/%%20"`)
	f.Add("bash -o pipefail -lc 'sleep 1; . x 2>/dev/null; `a` | (b)'")
	f.Add(`nice -n 5 env -S "A=b pkexec --user r run" ""`)
	f.Fuzz(func(t *testing.T, exec string) {
		argv, err := desktop.Argv(exec)
		if err != nil {
			if argv != nil {
				t.Errorf("argv: got %q beside error %v", argv, err)
			}
			return
		}
		if n := len(strings.Join(argv, "")); n > len(exec) {
			t.Errorf("argv: got %d bytes of %d", n, len(exec))
		}
		checkCommand(t, argv)
	})
}

func checkCommand(t *testing.T, argv []string) {
	t.Helper()
	program, args := desktop.Command(argv)
	n, most := len(program)+len(strings.Join(args, "")), len(strings.Join(argv, ""))
	if n > most || len(argv) == 0 && program != "" {
		t.Errorf("command of %q: got %q, %q", argv, program, args)
	}
	desktop.AppURL(args)
	desktop.AppID(args)
}
