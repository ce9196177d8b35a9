package window

import (
	"context"
	"errors"
	"image/color"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"beagle/agent/api"
	"beagle/gui/view"
)

// TestMain speaks English to the toolkit, which otherwise complains of the locale C.
func TestMain(m *testing.M) {
	os.Setenv("LANG", "en_US.UTF-8")
	os.Unsetenv("LC_ALL")
	os.Exit(m.Run())
}

// TestContrast measures how readable text is, by the formula of WCAG 2.2.
func TestContrast(t *testing.T) {
	for _, dark := range []bool{false, true} {
		for _, high := range []bool{false, true} {
			p, least := paletteFor(dark, high), 4.5
			if high {
				least = 7
			}
			for name, pair := range map[string][2]color.NRGBA{
				"text": {p.foreground, p.background}, "text on a card": {p.foreground, p.surface}, "text of a chosen row": {p.foreground, p.selection},
				"secondary": {p.secondary, p.background}, "secondary on a card": {p.secondary, p.surface}, "secondary of a chosen row": {p.secondary, p.selection},
				"secondary on bad": {p.secondary, p.badTint}, "secondary on warn": {p.secondary, p.warnTint},
				"main button": {p.onAccent, p.accent}, "accent": {p.accent, p.surface},
				"bad": {p.bad, p.badTint}, "warn": {p.warn, p.warnTint}, "good": {p.good, p.goodTint}, "plain": {p.plain, p.plainTint},
				"bad icon": {p.bad, p.surface}, "warn icon": {p.warn, p.surface}, "good icon": {p.good, p.surface},
			} {
				if got := contrast(pair[0], pair[1]); got < least {
					t.Errorf("dark %v, high contrast %v: %s has %.2f, want %.1f", dark, high, name, got, least)
				}
			}
		}
	}
}

func contrast(a, b color.NRGBA) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

// TestIcons draws every icon: none is missing, and none is empty.
func TestIcons(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(VariantLight, false, 1))
	names := []string{"look", "search", "back", "down", "right", "save", "folder", "copy", "settings", "findings", "history", "coverage", "privacy", "info"}
	for _, k := range append(view.Kinds(), "unknown") {
		names = append(names, kindIcon(k).name)
	}
	for _, tone := range []view.Tone{view.ToneBad, view.ToneWarn, view.ToneGood, view.TonePlain} {
		names = append(names, toneIcon(tone).name)
	}
	files, err := fs.Glob(icons, "icons/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(strings.TrimPrefix(file, "icons/"), ".svg"); !slices.Contains(names, name) {
			t.Errorf("%s is not used", file)
		}
	}
	for _, name := range names {
		img := canvas.NewImageFromResource(glyph{name, theme.ColorNameForeground})
		img.Resize(fyne.NewSquareSize(32))
		c := test.NewCanvas()
		c.SetContent(img)
		if len(img.Resource.Content()) == 0 {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestBreakLines(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(VariantLight, false, 1))
	width := func(text string) float32 { return body().measure(text).Width + 1 }
	for _, c := range []struct {
		name, text string
		width      float32
		want       []string
	}{
		{"words", "one two three", width("one two"), []string{"one two", "three"}},
		{"lines", "a\nb", 200, []string{"a", "b"}},
		{"nothing", "", 200, []string{""}},
		{"a path", "/opt/kingsoft/office6", width("/opt/kingsoft/"), []string{"/opt/kingsoft/", "office6"}},
		{"a long word", "aaaaaaaa", width("aaa"), []string{"aaa", "aaa", "aa"}},
		{"Chinese", "这个应用在这里被禁止", width("这个应用在"), []string{"这个应用在", "这里被禁止"}},
		{"no line begins with a stop", "这个应用在。这里", width("这个应用在"), []string{"这个应用", "在。这里"}},
		{"hardly any room", "ab", 1, []string{"a", "b"}},
	} {
		if got := breakLines(c.text, c.width, body()); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := shorten("/home/alice/Apps/office6", width("…Apps/office6"), body(), true); got != "…Apps/office6" {
		t.Errorf("got %q", got)
	}
	if got := shorten("one two three", width("one tw…"), body(), false); got != "one tw…" {
		t.Errorf("got %q", got)
	}
}

func TestErrands(t *testing.T) {
	e := newErrands()
	var done []string
	for _, what := range []string{"record 1", "scan", "record 2"} {
		key, _, _ := strings.Cut(what, " ")
		e.put(key, func(context.Context) { done = append(done, what) })
	}
	for run := e.next(); run != nil; run = e.next() {
		run(t.Context())
	}
	// The newest record took the place of the older one.
	if want := []string{"record 2", "scan"}; !slices.Equal(done, want) {
		t.Errorf("did %v, want %v", done, want)
	}
}

// flaky breaks off after every snapshot, and does not answer at first.
type flaky struct {
	*machine
	tries int
}

func (f *flaky) Events(_ context.Context, take func(api.Event) error) error {
	f.tries++
	if f.tries <= 3 {
		return api.ErrUnreachable
	}
	if err := take(api.Event{Kind: api.EventSnapshot, Snapshot: &f.snapshot}); err != nil {
		return err
	}
	for i := range 5 {
		if err := take(api.Event{Kind: api.EventProgress, Progress: &api.Progress{Share: float64(i) / 5}}); err != nil {
			return err
		}
	}
	return api.ErrUnreachable
}

// TestRun follows an agent that comes and goes, with the toolkit's thread apart.
func TestRun(t *testing.T) {
	m := recorded(t)
	app := test.NewTempApp(t)
	app.Settings().SetTheme(NewTheme(VariantLight, false, 1))
	synctest.Test(t, func(t *testing.T) {
		thread := make(chan func(), 1000)
		service := &flaky{machine: m}
		w := New(app.NewWindow(""), Config{
			Service: service, Printer: view.NewPrinter("en").In(time.UTC), Viewer: "alice", OS: "linux",
			Log: slog.New(slog.DiscardHandler), Open: func(view.Action) error { return nil }, Do: func(run func()) { thread <- run },
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		drain := func() {
			for {
				synctest.Wait()
				select {
				case run := <-thread:
					run()
				default:
					return
				}
			}
		}
		drain()
		if w.now.Connection.Line != view.LineUnreachable {
			t.Errorf("without an answer the line is %q", w.now.Connection.Line)
		}
		var lines []view.Line
		for range 60 {
			<-time.After(250 * time.Millisecond) // of the bubble's clock
			drain()
			if line := w.now.Connection.Line; len(lines) == 0 || lines[len(lines)-1] != line {
				lines = append(lines, line)
			}
		}
		if !slices.Contains(lines, view.LineStale) || len(w.findings.rows) != len(m.Records) {
			t.Errorf("the line was %v; %d rows", lines, len(w.findings.rows))
		}
		if m.said("coverage") == 0 {
			t.Error("coverage was not asked for after the agent answered")
		}
		closed := errors.New("closed")
		cancel(closed)
		drain()
		if err := <-ended; !errors.Is(err, closed) {
			t.Errorf("Run returned %v", err)
		}
	})
}

// TestUnderscores finds them in monospaced text of every size: the toolkit's own line is too
// low for them, see fonts/README.md.
func TestUnderscores(t *testing.T) {
	app := test.NewTempApp(t)
	for _, size := range []float32{0.75, 0.9, 1, 1.125, 1.5, 2} {
		app.Settings().SetTheme(NewTheme(VariantLight, false, size))
		text := canvas.NewText("", color.Black)
		mono().apply(text, "____")
		frame := app.NewWindow("")
		frame.SetContent(text)
		drawn := pixels(frame.Canvas().Capture())
		dark := 0
		for i := 0; i < len(drawn.Pix); i += 4 {
			if drawn.Pix[i] < 0xd0 {
				dark++
			}
		}
		if dark < 10 {
			t.Errorf("text of size %v: %d pixels", size, dark)
		}
	}
}
