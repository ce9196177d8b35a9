package view_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"beagle/agent/api"
	"beagle/gui/view"
)

// hostile is what a file name may hold: a line break, an escape sequence, marks that turn the
// direction, letters that nobody sees, half a rune.
const hostile = "a\nb\x1b[31mc\u202etxt.exe\u2066d\u200be\u00adf\x00g\xffh\ufe0fi\U000e0041j\u2028k"

// pages are all pages of a machine.
func pages(p *view.Printer, n view.Now, s view.Subject, history []api.HistoryEntry) []any {
	return []any{
		p.Tray(n), p.Header(n), p.Findings(n, view.FilterAll, ""), p.Detail(n, s), p.History(n, history), p.Coverage(n),
		p.Privacy(n, view.Reporting{Known: true, Endpoint: hostile, Sent: hostile, At: at()}),
		p.About(n, view.Program{Version: hostile, Organisation: hostile, Contact: hostile, Credits: hostile}),
		p.Notify(nil, n.Snapshot, ""),
	}
}

// poison puts the hostile text into every string of a value, but codes that are looked at
// stay with one half of the values.
func poison(v reflect.Value, codes bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), codes)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch name := v.Type().Field(i).Name; {
			case !v.Field(i).CanSet():
			case !codes && (name == "Code" || name == "Verdict" || name == "Status" || name == "Kind" || name == "Presence" || name == "What" || name == "OS" || name == "Activity"):
			default:
				poison(v.Field(i), codes)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), codes)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if v.Type().Elem().Kind() == reflect.String {
				v.SetMapIndex(key, reflect.ValueOf(hostile))
			}
		}
	case reflect.String:
		v.SetString(hostile)
	}
}

// harmless fails for every string of a page that could harm whoever reads it. What is exact on
// purpose is named.
func harmless(t *testing.T, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			harmless(t, v.Elem(), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch name := v.Type().Field(i).Name; name {
			case "ID", "Record", "Payload", "Code":
			default:
				harmless(t, v.Field(i), path+"."+name)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			harmless(t, v.Index(i), path)
		}
	case reflect.String:
		for _, r := range v.String() {
			isolate := r == '\u2068' || r == '\u2069' // which we put there ourselves, in pairs
			lines := r == '\n' && strings.HasSuffix(path, ".Mono")
			if !isolate && !lines && (r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)) {
				t.Errorf("%s: %U in %q", path, r, v.String())
				return
			}
		}
		if strings.Count(v.String(), "\u2068") != strings.Count(v.String(), "\u2069") {
			t.Errorf("%s: %q: isolates that are no pairs", path, v.String())
		}
	}
}

func TestHostileText(t *testing.T) {
	for _, codes := range []bool{false, true} {
		n := found(t)
		s := subject(t, "wps-office", "alice")
		s.TakesRequests = true
		s.Record.Requests = []api.Request{{Kind: api.RequestDispute, Status: api.RequestKept}}
		m := recorded(t)
		poison(reflect.ValueOf(n.Snapshot), codes)
		poison(reflect.ValueOf(&n.Coverage), codes)
		poison(reflect.ValueOf(&s), codes)
		poison(reflect.ValueOf(&m.History), codes)
		for _, tag := range view.Languages() {
			for _, page := range pages(printer(tag), n, s, m.History) {
				harmless(t, reflect.ValueOf(page), fmt.Sprintf("%T", page))
			}
		}
	}
}

func TestRightToLeftIsIsolated(t *testing.T) {
	// Given an owner who writes from right to left, then the name is shown, and within a
	// sentence it is set apart.
	n := live(many(1))
	n.Snapshot.Records[0].Owner = "דנה"
	list := printer("en").Findings(n, view.FilterAll, "")
	if got := list.Rows[0].Text; !strings.HasPrefix(got, "Account \u2068דנה\u2069") {
		t.Errorf("got %q", got)
	}
}

func TestLongText(t *testing.T) {
	n := live(many(1))
	n.Snapshot.Records[0].App.Name = strings.Repeat("x\u0301\u0302\u0303\u0304\u0305", 100_000)
	for _, page := range pages(printer("en"), n, view.Subject{Record: n.Snapshot.Records[0]}, nil) {
		if n := len(dump(page)); n > 60_000 {
			t.Errorf("%T takes %d bytes", page, n)
		}
	}
}

// TestHalfASnapshot leaves out or empties every part of what an agent says, one at a time.
func TestHalfASnapshot(t *testing.T) {
	whole := found(t)
	data, err := json.Marshal(whole.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	p := printer("en")
	for key := range all {
		saved := all[key]
		for _, value := range []any{nil, "gone"} {
			if value == nil {
				all[key] = nil
			} else {
				delete(all, key)
			}
			half, err := json.Marshal(all)
			if err != nil {
				t.Fatal(err)
			}
			var s api.Snapshot
			if err := json.Unmarshal(half, &s); err != nil {
				t.Fatal(err)
			}
			pages(p, live(s), view.Subject{}, nil)
		}
		all[key] = saved
	}
	pages(p, view.Now{}, view.Subject{}, nil)
	pages(p, live(api.Snapshot{}), view.Subject{}, []api.HistoryEntry{{}})
	pages(p, live(api.Snapshot{Records: make([]api.Stored, 3), Conditions: make([]api.Condition, 2)}),
		view.Subject{Record: api.Stored{Record: api.Record{Instances: make([]api.Instance, 2), Verdicts: make([]api.Verdict, 2)}}, App: &api.AppPage{Removal: make([]api.Step, 2)}, Policies: make([]api.PolicyPage, 1)}, nil)
}

func TestCodesOfANewerAgent(t *testing.T) {
	// Given codes that this version does not know, then each is shown as it came.
	n := live(many(1))
	r := &n.Snapshot.Records[0]
	r.Verdict, r.Presence, r.Confidence = "frowned_upon", []string{"hovering"}, "rather"
	r.Instances[0].Evidence = []api.Evidence{{Kind: "smell", Value: "fish", Strength: "whiff"}}
	r.Verdicts = []api.Verdict{{Policy: "P", Verdict: "frowned_upon", Reason: api.Reason{Code: "bad_taste", Args: map[string]string{"of": "whom"}}}}
	s := view.Subject{Record: *r, App: &api.AppPage{Removal: []api.Step{{Code: "sing_song", Args: map[string]string{"key": "C"}}}},
		History: []api.HistoryEntry{{What: "pondered"}, {What: api.RecordChanged, Reason: "mood"}, {What: api.RecordClosed, Reason: "bored"}}}
	text := dump(printer("en").Detail(n, s))
	for _, want := range []string{
		"frowned upon", "says “frowned_upon”", "hovering", "rather", "smell: fish", "whiff", "know: bad taste, of whom", "know: sing song, key C",
		"know: pondered", "Something about it changed", "This finding is closed.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestManyFindings(t *testing.T) {
	// Given 10,000 findings and a query that all but one miss, then the one is found.
	n := live(many(10_000))
	p := printer("de")
	list := p.Findings(n, view.FilterAction, "WECHAT user9876/wechat")
	if len(list.Rows) != 1 || list.Rows[0].Place != "/home/user9876/wechat" || list.Filters[0].Count != 10_000 {
		t.Errorf("got %d rows, %+v", len(list.Rows), list.Filters)
	}
	if all := p.Findings(n, view.FilterAll, ""); len(all.Rows) != 10_000 {
		t.Errorf("got %d rows", len(all.Rows))
	}
	if m := p.Tray(n); len(m.Items) != 1+3+1+7 || item(m, view.ItemMore).Text != "9.997 weitere …" {
		t.Errorf("got %d items: %+v", len(m.Items), m.Items)
	}
}

func BenchmarkFindings10000(b *testing.B) {
	n, p := live(many(10_000)), printer("de")
	for b.Loop() {
		p.Findings(n, view.FilterAll, "wechat")
	}
}

func FuzzPages(f *testing.F) {
	seed := found(f)
	whole, err := json.Marshal(seed.Snapshot)
	if err != nil {
		f.Fatal(err)
	}
	record, err := json.Marshal(subject(f, "wps-office", "alice"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, record, "wps alice", 0)
	f.Add([]byte(`{"records":[{"verdict":"prohibited","instances":null}]}`), []byte(`{"Record":{"verdicts":[{}]},"App":{"removal":[{"code":"remove_package","args":null},{"code":"remove_package"}]}}`), "\xff", 3)
	var printers []*view.Printer
	for _, tag := range append(view.Languages(), "en-XA") {
		printers = append(printers, printer(tag))
	}
	f.Fuzz(func(t *testing.T, snapshot, about []byte, query string, language int) {
		var s api.Snapshot
		var subject view.Subject
		if json.Unmarshal(snapshot, &s) != nil || json.Unmarshal(about, &subject) != nil {
			return
		}
		p := printers[uint(language)%uint(len(printers))]
		n := live(s)
		all := pages(p, n, subject, subject.History)
		all = append(all, p.Findings(n, view.FilterMine, query))
		for _, page := range all {
			harmless(t, reflect.ValueOf(page), fmt.Sprintf("%T", page))
		}
		notifier := view.NewNotifier(view.Memory{})
		notifier.Next(n, p)
		n.At = at().Add(time.Minute)
		notifier.Next(n, p)
	})
}
