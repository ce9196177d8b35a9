package macos_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"beagle/packaging/macos"
)

func TestDaemon(t *testing.T) {
	// Given the definition, then it is well-formed,
	decoder := xml.NewDecoder(strings.NewReader(macos.Daemon))
	var texts []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			texts = append(texts, string(text))
		}
	}

	// has the label and the program that the constants say, and every key once.
	if i := slices.Index(texts, "Label"); i < 0 || texts[i+1] != macos.Label {
		t.Errorf("the label is not %s: %q", macos.Label, texts)
	}
	if i := slices.Index(texts, "ProgramArguments"); i < 0 || texts[i+1] != macos.Program || texts[i+2] != "run" {
		t.Errorf("it does not start %s run: %q", macos.Program, texts)
	}
	if n := strings.Count(macos.Daemon, macos.Program); n != 1 {
		t.Errorf("it names %s %d times, want once", macos.Program, n)
	}
	if n := strings.Count(macos.Daemon, macos.LogFolder+"/"); n != 2 {
		t.Errorf("it names the folder of the log %d times, want twice", n)
	}
}
