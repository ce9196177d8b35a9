package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beagle/agent"
	"beagle/agent/api"
	"beagle/agent/policy"
	"beagle/detectors/all"
	"beagle/detectors/catalog"
	"beagle/detectors/hosttest"
)

// TestGallery prints every recorded host and compares what a person reads with the golden
// page. UPDATE=1 rewrites the pages; GALLERY=DIR writes pictures of them (make gallery).
func TestGallery(t *testing.T) {
	for _, name := range hosttest.Names(t) {
		t.Run(name, func(t *testing.T) {
			doc := recordedScan(t, name)
			compareWithGolden(t, name, func(color bool) string { return printed(t, doc, color) })
		})
	}
}

// compareWithGolden holds a page to its golden file, and draws it where that is asked for.
func compareWithGolden(t *testing.T, name string, draw func(color bool) string) {
	t.Helper()
	golden := filepath.Join("testdata", "gallery", name+".txt")
	got := draw(false)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (after looking at it, UPDATE=1):\n%s", golden, got)
	}
	if dir := os.Getenv("GALLERY"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".svg"), []byte(terminalPicture(draw(true))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func recordedScan(t *testing.T, name string) *api.Scan {
	t.Helper()
	index, err := catalog.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	host := hosttest.Recorded(t, name)
	day := policy.Date("2026-11-23")
	doc := agent.Scan(context.Background(), agent.Config{
		Host: host, Probes: all.Probes(host, index, all.Options{Deep: true}),
		Rules: agent.Rules{Catalog: index, Policies: policy.Embedded().Policies, Question: policy.Question{On: day, Known: day}},
	})
	for i := range doc.Probes {
		doc.Probes[i].DurationMS = 1
	}
	doc.Host.Root = "/recorded"
	return &doc
}

func printed(t *testing.T, doc *api.Scan, color bool) string {
	t.Helper()
	var buf bytes.Buffer
	page := scanPage{page: page{w: &buf, style: style{color}}}
	if err := page.print(doc); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// terminalPicture draws text with colour sequences as a terminal window, as SVG.
func terminalPicture(text string) string {
	const charWidth, lineHeight, margin = 7.8, 18, 16
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	columns := 0
	var body strings.Builder
	for i, line := range lines {
		fmt.Fprintf(&body, `<text x="%d" y="%d" xml:space="preserve">`, margin, margin+(i+1)*lineHeight)
		length := 0
		for n, part := range strings.Split(line, "\x1b[") {
			class := ""
			if n > 0 {
				code, rest, _ := strings.Cut(part, "m")
				class, part = code, rest
			}
			length += len([]rune(part))
			if class == "" || class == "0" {
				body.WriteString(html.EscapeString(part))
			} else {
				fmt.Fprintf(&body, `<tspan style="%s">%s</tspan>`, sgrStyle(class), html.EscapeString(part))
			}
		}
		body.WriteString("</text>\n")
		columns = max(columns, length)
	}
	width, height := int(float64(columns)*charWidth)+2*margin, (len(lines)+1)*lineHeight+2*margin
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Noto Sans Mono CJK SC',monospace" font-size="13">
<rect width="100%%" height="100%%" rx="8" fill="#16181d"/>
<g fill="#d8dee9">
%s</g>
</svg>
`, width, height, body.String())
}

// sgrStyle is the look of a colour sequence (ECMA-48, SGR) on a dark ground.
func sgrStyle(code string) string {
	switch code {
	case "1":
		return "font-weight:bold;fill:#ffffff"
	case "2":
		return "fill:#8b93a5"
	case "1;31":
		return "font-weight:bold;fill:#ff6b6b"
	case "33":
		return "fill:#f0c674"
	case "32":
		return "fill:#98c379"
	}
	return ""
}
