package window

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"beagle/agent/api"
	"beagle/gui/view"
)

// press presses a button that shows a text, wherever it is.
func press(t *testing.T, s *scene, text string) {
	t.Helper()
	for _, o := range test.LaidOutObjects(s.frame.Content()) {
		if b, ok := o.(*button); ok && b.Text == text {
			test.Tap(b)
			return
		}
	}
	t.Fatalf("no button %q", text)
}

// says reports whether a text is on the screen.
func says(s *scene, text string) bool {
	for _, o := range test.LaidOutObjects(s.frame.Content()) {
		switch o := o.(type) {
		case *paragraph:
			if strings.Contains(o.text, text) {
				return true
			}
		case *line:
			if strings.Contains(o.text, text) {
				return true
			}
		}
	}
	return false
}

func shortcut(s *scene, key fyne.KeyName) {
	s.frame.Canvas().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
}

func TestSearch(t *testing.T) {
	// Given a window with findings,
	s := open(t, recorded(t), look{}).connect()
	all := len(s.findings.rows)
	if all != len(s.machine.Records) {
		t.Fatalf("got %d rows, want %d", all, len(s.machine.Records))
	}
	// when somebody types, then only what matches stays, by every name that it has,
	test.Type(s.findings.search, "腾讯")
	if got := len(s.findings.rows); got == 0 || got == all {
		t.Errorf("got %d rows for a native name, of %d", got, all)
	}
	// and nothing for what is not there, which the list says.
	test.Type(s.findings.search, "nothing like it")
	if len(s.findings.rows) != 0 || !s.findings.empty.Visible() || !s.findings.search.Visible() {
		t.Errorf("got %d rows, empty page %v, field %v", len(s.findings.rows), s.findings.empty.Visible(), s.findings.search.Visible())
	}
	// Escape brings all back.
	s.findings.search.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if got := len(s.findings.rows); got != all {
		t.Errorf("after Escape: got %d rows, want %d", got, all)
	}
	// A filter lets through as many as it says.
	test.Tap(s.findings.filters.list[1])
	if got := len(s.findings.rows); !strings.HasSuffix(s.findings.filters.list[1].text, fmt.Sprintf("  %d", got)) {
		t.Errorf("filter %q shows %d", s.findings.filters.list[1].text, got)
	}
	// A frame that was made before the filter was chosen is made again.
	s.draw(s.frameOf(s.now, view.FilterAll, ""))
	if got := len(s.findings.rows); got == all {
		t.Errorf("an old frame brought back all %d rows", got)
	}
}

func TestChooseAndRecheck(t *testing.T) {
	s := open(t, recorded(t), look{}).connect()
	// When a row is chosen,
	s.findings.list.Select(0)
	id := s.findings.rows[0].ID
	if s.detail.page.ID != id {
		t.Fatalf("got the page of %q, want that of %q", s.detail.page.ID, id)
	}
	// then the page is there at once, and complete when the agent answered.
	if s.machine.said("policy ") != 0 {
		t.Error("the toolkit's thread asked the agent")
	}
	s.answer()
	if len(s.detail.page.Rules) == 0 || s.subject.App == nil || s.machine.said("policy ") == 0 {
		t.Errorf("the page is not complete: %d rules", len(s.detail.page.Rules))
	}
	// The button asks the agent, and says so.
	press(t, s, s.detail.page.Removal.Recheck.Text)
	s.answer()
	if s.machine.said("recheck "+id) != 1 || !s.toast.Visible() || s.toast.text.text != s.words.RecheckDone {
		t.Errorf("asked %v, said %q", s.machine.asked, s.toast.text.text)
	}
	// What was said goes away by itself.
	s.later[len(s.later)-1]()
	if s.toast.Visible() {
		t.Error("what was said stays")
	}
	// A change of the record reaches the page; one that went is asked for.
	snapshot := s.machine.snapshot
	changed := s.subject.Record
	changed.Revision++
	changed.Presence = []string{"residue"}
	next := snapshot.With(api.Event{Kind: api.EventRecord, Record: &changed})
	n := s.now
	n.Snapshot = &next
	s.draw(s.frameOf(n, view.FilterAll, ""))
	if len(s.detail.page.Badges) < 2 || s.detail.page.Badges[1].Code != "residue" {
		t.Errorf("the page shows %+v", s.detail.page.Badges)
	}
	asked := s.machine.said("record " + id)
	closed := changed
	closed.Revision++
	closed.ClosedAt = ago(0)
	gone := next.With(api.Event{Kind: api.EventRecord, Record: &closed})
	n.Snapshot = &gone
	s.draw(s.frameOf(n, view.FilterAll, ""))
	s.answer()
	if s.machine.said("record "+id) <= asked {
		t.Error("the record went and was not asked for again")
	}
}

func TestFailuresAreSaid(t *testing.T) {
	s := open(t, recorded(t), look{}).connect()
	s.machine.fails = &api.Refusal{Status: 429, Problem: api.Error{Code: api.CodeTooSoon, Args: map[string]string{"seconds": "7"}}}
	s.Show(PageRecord + "unknown")
	s.answer()
	if !s.toast.Visible() || s.toast.text.text != s.c.Printer.Failure(s.machine.fails) {
		t.Errorf("said %q", s.toast.text.text)
	}
	s.Window.look()
	s.answer()
	if s.machine.said("scan") != 1 || s.toast.text.text == s.words.LookAsked {
		t.Errorf("asked %v, said %q", s.machine.asked, s.toast.text.text)
	}
}

func TestKeys(t *testing.T) {
	s := open(t, recorded(t), look{}).connect()
	canvas := s.frame.Canvas()
	for i, key := range []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5} {
		shortcut(s, key)
		for j, p := range s.pages {
			if p.Visible() != (i == j) {
				t.Errorf("key %s: page %d is visible: %v", key, j, p.Visible())
			}
		}
	}
	shortcut(s, fyne.KeyF)
	if canvas.Focused() != fyne.Focusable(s.findings.search) || !s.pair.Visible() {
		t.Errorf("Ctrl+F: %T has the focus", canvas.Focused())
	}
	// F5 looks, whatever has the focus.
	for _, o := range []fyne.Focusable{s.findings.search, s.tabs.list[0], s.findings.list, s.detail.scroller, s.header.look} {
		before := s.machine.said("scan")
		canvas.Focus(o)
		o.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF5})
		s.answer()
		if s.machine.said("scan") != before+1 {
			t.Errorf("F5 on %T did not ask for a look", o)
		}
	}
	// The arrow keys go from tab to tab, and Enter chooses from the list.
	canvas.Focus(s.tabs.list[0])
	s.tabs.list[0].TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if s.tabs.at != tabHistory || canvas.Focused() != fyne.Focusable(s.tabs.list[tabHistory]) {
		t.Errorf("right: tab %d", s.tabs.at)
	}
	shortcut(s, fyne.Key1)
	s.findings.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.findings.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if s.wanted != s.findings.rows[1].ID {
		t.Errorf("Enter chose %q", s.wanted)
	}
}

// TestEverythingIsReached walks with the Tab key.
func TestEverythingIsReached(t *testing.T) {
	s := open(t, recorded(t), look{}).connect()
	s.Show(PageRecord + s.machine.record(t, "wps-office"))
	s.answer()
	seen := map[fyne.Focusable]bool{}
	for range 60 {
		s.frame.Canvas().FocusNext()
		seen[s.frame.Canvas().Focused()] = true
	}
	want := []fyne.Focusable{s.header.look, s.findings.search, s.findings.list, s.detail.scroller}
	for _, c := range append(append([]*choice(nil), s.tabs.list...), s.findings.filters.list...) {
		want = append(want, c)
	}
	for _, o := range want {
		if !seen[o] {
			t.Errorf("the Tab key never reaches %T", o)
		}
	}
}

func TestNarrowGoesInAndOut(t *testing.T) {
	s := open(t, recorded(t), look{size: fyne.NewSize(480, 700)}).connect()
	if s.pair.detail.Visible() || !s.pair.list.Visible() {
		t.Fatal("a narrow window must begin with the list")
	}
	s.findings.list.Select(2)
	if !s.pair.detail.Visible() || s.pair.list.Visible() {
		t.Error("choosing did not go to the page")
	}
	test.Tap(s.pair.back)
	if s.pair.detail.Visible() {
		t.Error("there is no way back")
	}
}

func TestTextGrows(t *testing.T) {
	s := open(t, recorded(t), look{}).connect()
	before := s.header.title.lineHeight()
	shortcut(s, fyne.KeyPlus)
	if got := s.header.title.lineHeight(); got <= before {
		t.Errorf("got lines of %v, before %v", got, before)
	}
	if got := SavedText(fyne.CurrentApp().Preferences()); math.Abs(float64(got)-textStep) > 0.001 {
		t.Errorf("kept %v", got)
	}
	shortcut(s, fyne.Key0)
	if got := s.header.title.lineHeight(); got != before {
		t.Errorf("got lines of %v again, want %v", got, before)
	}
}

func TestActions(t *testing.T) {
	s := open(t, recorded(t), look{}).connect()
	s.act(view.Action{Kind: view.ActionCopy, Payload: "sudo apt remove wps-office"})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "sudo apt remove wps-office" || s.toast.text.text != s.words.Copied {
		t.Errorf("copied %q, said %q", got, s.toast.text.text)
	}
	s.act(view.Action{Kind: view.ActionFolder, Payload: "/opt"})
	if len(s.opened) != 1 || s.opened[0].Payload != "/opt" {
		t.Errorf("opened %v", s.opened)
	}
	s.c.Open = func(view.Action) error { return errors.New("no such folder") }
	s.act(view.Action{Kind: view.ActionFolder, Payload: "/gone"})
	if s.toast.text.text == s.words.Copied || s.toast.text.text == "" {
		t.Errorf("said %q", s.toast.text.text)
	}
}

func TestExport(t *testing.T) {
	s := open(t, recorded(t), look{}).connect()
	s.Show(PagePrivacy)
	s.answer()
	test.Tap(s.privacy.export)
	s.answer()
	if s.frame.Canvas().Overlays().Top() == nil {
		t.Fatal("nobody asked for a place")
	}
	path := filepath.Join(t.TempDir(), "export.json")
	to, err := storage.Writer(storage.NewFileURI(path))
	if err != nil {
		t.Fatal(err)
	}
	if err := write(to, []byte("{}\n")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != 3 {
		t.Errorf("wrote %v, %v", info, err)
	}
}

// TestMany scrolls through ten thousand findings: rows are made for what is seen, no more.
func TestMany(t *testing.T) {
	m := recorded(t)
	m.Records = nil
	for i := range 10_000 {
		m.Records = append(m.Records, api.Stored{Record: api.Record{
			ID: fmt.Sprintf("%064x", i), App: api.App{ID: "wechat", Name: "WeChat", NativeName: "微信"}, Owner: fmt.Sprintf("user%d", i),
			Presence: []string{"installed"}, Confidence: "certain", Verdict: api.VerdictProhibited,
		}, FirstSeen: at()})
	}
	m.snapshot.Records = m.Records
	s := open(t, m, look{}).connect()
	made := 0
	create := s.findings.list.CreateItem
	s.findings.list.CreateItem = func() fyne.CanvasObject { made++; return create() }
	for i := range 200 {
		s.findings.list.ScrollTo(i * 50)
	}
	s.findings.list.ScrollToBottom()
	// The toolkit makes some anew at every jump; what counts is that it is never all.
	if len(s.findings.rows) != 10_000 || made > 20*201 {
		t.Errorf("made %d rows for %d findings", made, len(s.findings.rows))
	}
	if !says(s, "user9999") && !says(s, "user0") {
		t.Error("the last row is not seen")
	}
}

// TestHalf shows what a broken, an older or a newer agent may say, on every page.
func TestHalf(t *testing.T) {
	hostile := "\u202e\x1b[31mevil\x00 " + strings.Repeat("字", 9000) + strings.Repeat("x", 9000)
	for name, change := range map[string]func(m *machine){
		"nothing": func(m *machine) { m.snapshot, m.Records, m.Apps, m.Policies = api.Snapshot{}, nil, nil, nil },
		"progress": func(m *machine) {
			m.snapshot.Progress = &api.Progress{Share: math.NaN(), Examined: -1}
			m.snapshot.Activity = "scanning"
		},
		"codes": func(m *machine) {
			m.snapshot.Activity = "meditating"
			m.snapshot.Conditions = append(m.snapshot.Conditions, api.Condition{Code: "new_thing", Severity: "fatal"}, api.Condition{})
			for i := range m.Records {
				m.Records[i].Verdict, m.Records[i].Presence, m.Records[i].Confidence = "verboten", []string{"quantum", ""}, "sure"
			}
		},
		"bare": func(m *machine) {
			for i := range m.Records {
				m.Records[i].Record = api.Record{ID: m.Records[i].ID}
			}
		},
		"hostile": func(m *machine) {
			for i := range m.Records {
				r := &m.Records[i]
				r.App.Name, r.App.NativeName, r.Owner = hostile, hostile, hostile
				for j := range r.Instances {
					r.Instances[j].Root, r.Instances[j].Version = hostile, hostile
				}
			}
			for i := range m.Areas {
				m.Areas[i].Area, m.Areas[i].Probe = hostile, hostile
			}
		},
		"far": func(m *machine) {
			long := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
			m.snapshot.LastSweep, m.snapshot.NextSweep, m.snapshot.Started = &long, &time.Time{}, long
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := recorded(t)
			change(m)
			m.snapshot.Records = m.Records
			s := open(t, m, look{size: fyne.NewSize(420, 320)}).connect()
			for _, page := range []string{PageFindings, PageHistory, PageCoverage, PageSent, PageAbout, "nonsense", PageRecord, PageRecord + "x"} {
				s.Show(page)
				s.answer()
				s.frame.Canvas().Capture()
			}
			for i := range s.findings.rows {
				s.findings.list.Select(i)
				s.answer()
			}
			s.frame.Canvas().Capture()
		})
	}
}

// TestNothingNewIsNotDrawn keeps pages as they are while nothing on them changes: a button
// that has the focus must not go away because the agent said something.
func TestNothingNewIsNotDrawn(t *testing.T) {
	s := open(t, recorded(t), look{}).connect()
	s.Show(PageRecord + s.machine.record(t, "wps-office"))
	s.answer()
	before := s.detail.content.items[0]
	s.draw(s.frameOf(s.now, view.FilterAll, ""))
	s.answer()
	if s.detail.content.items[0] != before {
		t.Error("the page of the record was drawn anew")
	}
	for page, content := range map[string]*stack{PageCoverage: s.coverage.content, PagePrivacy: s.privacy.content, PageAbout: s.about.content} {
		s.Show(page)
		s.answer()
		before := content.items[0]
		s.draw(s.frameOf(s.now, view.FilterAll, ""))
		s.answer()
		if content.items[0] != before {
			t.Errorf("page %s was drawn anew", page)
		}
	}
}
