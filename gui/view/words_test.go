package view_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/gui/view"
)

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		wishes string
		want   string
	}{
		{"", "en"}, {"de", "de"}, {"de_AT.UTF-8", "de"}, {"de-CH", "de"}, {"fr_CA", "fr"}, {"es-419", "es"}, {"es_MX.utf8", "es"},
		{"zh_CN.UTF-8", "zh-Hans"}, {"zh", "zh-Hans"}, {"zh-SG", "zh-Hans"}, {"en_GB", "en"},
		{"C", "en"}, {"POSIX", "en"}, {"C.UTF-8", "en"}, {"pl fr", "fr"}, {"ja pl", "en"}, {"not-a-language-at-all", "en"}, {"../../etc de", "de"},
		{"ca_ES@valencia", "en"}, {"en-XA", "en-XA"}, {"de en", "de"},
	} {
		if got := view.NewPrinter(strings.Fields(c.wishes)...).Language(); got != c.want {
			t.Errorf("%q: got %s, want %s", c.wishes, got, c.want)
		}
	}
}

func TestLanguagesOfASession(t *testing.T) {
	for _, c := range []struct {
		environment map[string]string
		want        []string
	}{
		{nil, nil},
		{map[string]string{"LANG": "de_DE.UTF-8"}, []string{"de_DE.UTF-8"}},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR"}, []string{"fr_FR"}},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": "es_ES", "LC_MESSAGES": "fr_FR"}, []string{"es_ES"}},
		{map[string]string{"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:es"}, []string{"fr", "es", "de_DE.UTF-8"}},
		{map[string]string{"LANG": "C", "LANGUAGE": "fr"}, nil},
	} {
		if got := view.LanguagesOf(func(name string) string { return c.environment[name] }); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.environment, got, c.want)
		}
	}
}

func TestNumbersAndTimes(t *testing.T) {
	// Given numbers and times as pages show them, then each language writes them its way.
	for _, c := range []struct {
		tag, files, last, next string
	}{
		{"en", "1,234,567 files", "Last full look: 3 minutes ago", "Nov 25, 2026, 3:05\u00a0AM"},
		{"de", "1.234.567 Dateien", "Letzte volle Prüfung: vor 3 Minuten", "25. Nov. 2026, 03:05"},
		{"es", "1.234.567 archivos", "Última revisión completa: hace 3 minutos", "25 nov 2026, 03:05"},
		{"fr", "1\u202f234\u202f567 fichiers", "Dernière analyse complète\u00a0: il y a 3 minutes", "25 nov. 2026, 03:05"},
		{"zh-Hans", "1,234,567 个文件", "上次完整检查：3 分钟前", "2026年11月25日 03:05"},
	} {
		p := printer(c.tag)
		n := live(fine())
		n.Coverage = []api.Coverage{{Probe: "portable", Area: "machine", Status: "finished", Examined: 1234567, Unit: "files"}}
		if got := p.Coverage(n).Probes[0].Areas[0].Text; got != c.files {
			t.Errorf("%s: got %q, want %q", c.tag, got, c.files)
		}
		if got := p.Header(n).Lines[0]; got != c.last {
			t.Errorf("%s: got %q, want %q", c.tag, got, c.last)
		}
		r := many(1).Records[0]
		r.LastSeen = time.Date(2026, 11, 25, 3, 5, 0, 0, time.UTC)
		n.At = at().Add(24 * time.Hour)
		if text := dump(p.Detail(n, view.Subject{Record: r})); !strings.Contains(text, c.next) {
			t.Errorf("%s: %q is missing in %s", c.tag, c.next, text)
		}
	}
}

func TestAges(t *testing.T) {
	p := printer("en")
	for ago, want := range map[time.Duration]string{
		0: "just now", 59 * time.Second: "just now", time.Minute: "1 minute ago", 89 * time.Minute: "89 minutes ago", 2 * time.Hour: "2 hours ago",
		35 * time.Hour: "35 hours ago", 36 * time.Hour: "2 days ago", 59 * 24 * time.Hour: "59 days ago", 60 * 24 * time.Hour: "2 months ago",
		729 * 24 * time.Hour: "24 months ago", 730 * 24 * time.Hour: "2 years ago", -time.Second: "just now", -time.Hour: "6:20\u00a0PM",
	} {
		n := with(fine(), func(s *api.Snapshot) { s.LastSweep = before(ago) })
		if got := p.Header(n).Lines[0]; got != "Last full look: "+want {
			t.Errorf("%v: got %q, want %q", ago, got, want)
		}
	}
	for in, want := range map[time.Duration]string{0: "now", -time.Hour: "now", time.Minute: "in 1 minute", 26 * time.Hour: "in 26 hours", 72 * time.Hour: "in 3 days"} {
		n := with(fine(), func(s *api.Snapshot) { s.NextSweep = before(-in) })
		if got := p.Header(n).Lines[1]; got != "Next look: "+want {
			t.Errorf("%v: got %q, want %q", in, got, want)
		}
	}
}

func TestPlurals(t *testing.T) {
	// French counts none as one; none of the languages lacks a form for a million.
	for _, c := range []struct {
		tag  string
		n    int64
		want string
	}{
		{"fr", 0, "0 fichier"}, {"fr", 1, "1 fichier"}, {"fr", 2, "2 fichiers"}, {"fr", 1_000_000, "1\u202f000\u202f000 fichiers"},
		{"es", 0, "0 archivos"}, {"es", 1234, "1234 archivos"}, {"es", 1_000_000, "1.000.000 archivos"}, {"de", 1, "1 Datei"}, {"zh-Hans", 1, "1 个文件"},
	} {
		n := live(fine())
		n.Coverage = []api.Coverage{{Probe: "portable", Area: "machine", Status: "finished", Examined: c.n, Unit: "files"}}
		if got := printer(c.tag).Coverage(n).Probes[0].Areas[0].Text; got != c.want {
			t.Errorf("%s, %d: got %q, want %q", c.tag, c.n, got, c.want)
		}
	}
}

func TestReasons(t *testing.T) {
	// Given reasons with and without what they may carry, then no sentence ends in nothing.
	p := printer("en")
	reason := func(code string, args map[string]string) string {
		s := view.Subject{Record: api.Stored{Record: api.Record{Verdicts: []api.Verdict{{Policy: "P", Reason: api.Reason{Code: code, Args: args}}}}}}
		page := p.Detail(live(fine()), s)
		return append(page.Rules, page.Others...)[0].Reason
	}
	type args = map[string]string
	for _, c := range []struct {
		code string
		args args
		want string
	}{
		{"named", args{"since": "2023-01-23"}, "In force since Jan 23, 2023. The app is named on the list."},
		{"named", args{"since": "2023-01-23", "note": "as Tencent."}, "In force since Jan 23, 2023. The app is named on the list. Note: as Tencent."},
		{"by_company", args{"since": "2023-01-23", "company": "tencent-holdings"}, "In force since Jan 23, 2023. The app is covered because Tencent Holdings makes it."},
		{"starts", args{"starts": "2027-01-01"}, "Not in force yet: it starts on Jan 1, 2027."},
		{"starts", args{"starts": "2027-01-01", "condition": "somebody signs"}, "Not in force yet: it starts on Jan 1, 2027. Condition: somebody signs."},
		{"enjoined", args{"since": "2020-09-27", "by": "A v. B", "status": "enjoined", "text": "Hours before."}, "Not in force: a court stopped it. Since Sep 27, 2020. By: A v. B. Hours before."},
		{"enjoined", nil, "Not in force: a court stopped it."},
		{"never_operative", args{"since": "2021-06-09", "by": "US-EO-14034", "status": "revoked"}, "It never took effect (Revoked). Since Jun 9, 2021. By: US-EO-14034."},
		{"exempted", args{"expires": "2027-03-31", "approver": "Eve", "reason": "a customer"}, "Exempted until Mar 31, 2027 by Eve: a customer."},
		{"other_acts", args{"acts": "host, distribute"}, "In force, but it does not forbid to have the app. It forbids: hosting it, distributing it."},
		{"other_kinds", args{"answers": "us-person,us-school:TX|lifted|2021-06-09;nonsense"}, "It binds other organisations, not yours. For persons under US law, US schools (TX): Ban lifted since Jun 9, 2021"},
		{"other_kinds", nil, "It binds other organisations, not yours."},
	} {
		if got := reason(c.code, c.args); got != c.want {
			t.Errorf("%s: got %q, want %q", c.code, got, c.want)
		}
	}
}

func TestSent(t *testing.T) {
	p := printer("en")
	when := at().Add(-time.Hour)
	r := view.ReportingOfSent(api.Sent{Endpoint: "https://beagle.example", At: &when, Reports: []json.RawMessage{[]byte(`{"a":1}`), []byte(`no json`)}})
	s := p.Privacy(live(fine()), r)[2]
	if s.ID != "sent" || s.Mono != "{\n  \"a\": 1\n}\nno json\n" || s.Action == nil || s.Action.Payload != r.Sent || !strings.Contains(strings.Join(s.Text, " "), "4:20") {
		t.Errorf("got %+v", s)
	}
	for want, r := range map[string]view.Reporting{
		"stay on this computer":         view.ReportingOf(api.Doctor{Checks: []api.Check{{Code: api.CheckEndpoint, Args: map[string]string{"problem": "none"}}}}),
		"reported to https://b.example": view.ReportingOf(api.Doctor{Checks: []api.Check{{Code: api.CheckEndpoint, Args: map[string]string{"endpoint": "https://b.example"}}}}),
		"does not say":                  view.ReportingOf(api.Doctor{}),
		"Nothing was sent":              view.ReportingOfSent(api.Sent{Endpoint: "https://b.example"}),
	} {
		if got := strings.Join(p.Privacy(live(fine()), r)[2].Text, " "); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
