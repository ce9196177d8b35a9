package view_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"beagle/agent/api"
	"beagle/gui/view"
)

// bell is a reader whose notifier is asked at times of the test.
type bell struct {
	t     *testing.T
	n     *view.Notifier
	p     *view.Printer
	now   time.Time
	again time.Time
}

func newBell(t *testing.T, m view.Memory) *bell {
	return &bell{t: t, n: view.NewNotifier(m), p: printer("en"), now: at()}
}

// hear takes a snapshot some time later and returns what is shown, as "id: title".
func (b *bell) hear(after time.Duration, s *api.Snapshot) string {
	b.now = b.now.Add(after)
	now := view.Now{At: b.now, Connection: view.Live(at()), Snapshot: s, Viewer: "alice"}
	if s == nil {
		now.Connection = view.Lost(api.ErrUnreachable, true, b.now)
	}
	list, again := b.n.Next(now, b.p)
	b.again = again
	var texts []string
	for _, n := range list {
		texts = append(texts, n.ID+": "+n.Title)
	}
	return strings.Join(texts, "; ")
}

func (b *bell) want(got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("got %q, want %q", got, want)
	}
}

// has is a machine where alice has these apps; one in capitals runs.
func has(apps ...string) *api.Snapshot {
	s := fine()
	for _, app := range apps {
		r := api.Stored{Record: api.Record{ID: strings.ToLower(app), App: api.App{ID: strings.ToLower(app), Name: strings.ToLower(app)},
			Owner: "alice", Presence: []string{"installed"}, Verdict: api.VerdictProhibited}}
		if app == strings.ToUpper(app) {
			r.Presence = []string{"running", "installed"}
		}
		s.Records = append(s.Records, r)
	}
	s.Summary = api.Count(s.Records, true)
	return &s
}

func TestNotifier(t *testing.T) {
	b := newBell(t, view.Memory{})
	b.want(b.hear(0, has()), "")
	// What is found waits a moment for more, then comes as one.
	b.want(b.hear(time.Minute, has("qq")), "")
	if want := b.now.Add(2 * time.Second); !b.again.Equal(want) {
		t.Fatalf("ask again at %v, want %v", b.again, want)
	}
	b.want(b.hear(time.Second, has("qq", "wps")), "")
	b.want(b.hear(time.Second, has("qq", "wps")), "found: 2 banned apps found")
	b.want(b.hear(0, has("qq", "wps")), "")
	// What runs is told at once, once.
	b.want(b.hear(time.Second, has("QQ", "wps")), "record:qq: Banned app is running: qq")
	b.want(b.hear(time.Second, has("qq", "wps")), "")
	b.want(b.hear(time.Second, has("QQ", "wps")), "") // it restarts itself
	b.want(b.hear(time.Second, has("QQ", "WPS")), "") // so soon after the last
	b.want(b.hear(3*time.Second, has("QQ", "WPS")), "record:wps: Banned app is running: wps")
	// What is gone is told with a pause after the last.
	b.want(b.hear(time.Minute, has("WPS")), "")
	b.want(b.hear(2*time.Second, has("WPS")), "record:qq: qq is gone")
	b.want(b.hear(time.Second, has()), "")
	if want := b.now.Add(29 * time.Second); !b.again.Equal(want) {
		t.Fatalf("ask again at %v, want %v", b.again, want)
	}
	b.want(b.hear(29*time.Second, has()), "record:wps: wps is gone")
	b.want(b.hear(time.Hour, has("QQ")), "record:qq: Banned app is running: qq") // it comes and runs
}

func TestNotifierIsNotFooled(t *testing.T) {
	// Given a banned app that is known,
	b := newBell(t, view.Memory{})
	b.hear(0, has("qq"))
	b.want(b.hear(5*time.Second, has("qq")), "record:qq: Banned app found: qq")
	// when the agent is lost, begins anew and has not looked yet, then nothing is gone,
	b.want(b.hear(time.Minute, nil), "")
	s := has()
	s.LastSweep, s.Activity = nil, "starting"
	b.want(b.hear(time.Minute, s), "")
	b.want(b.hear(time.Minute, has("qq")), "")
	// nor is what comes and goes before it was told anything to tell,
	b.hear(time.Minute, has("qq", "wps"))
	b.want(b.hear(time.Second, has("qq")), "")
	b.want(b.hear(time.Minute, has("qq")), "")
	// nor what goes and comes back.
	b.hear(time.Second, has())
	b.want(b.hear(time.Second, has("qq")), "")
	b.want(b.hear(time.Minute, has("qq")), "")
	// A ban that ends is told as such, a doubt is not.
	freed := has("qq")
	freed.Records[0].Verdict = api.VerdictExempt
	b.hear(time.Minute, freed)
	b.want(b.hear(5*time.Second, freed), "record:qq: qq is not banned any more")
	b.hear(time.Minute, has("qq"))
	b.hear(5*time.Second, has("qq"))
	doubt := has("qq")
	doubt.Records[0].Verdict = api.VerdictUnconfirmed
	b.hear(time.Minute, doubt)
	b.want(b.hear(5*time.Second, doubt), "")
}

func TestNotifierTellsOnlyWhomItConcerns(t *testing.T) {
	// Given apps of alice, bob and the machine, seen by an administrator called alice,
	s := has("qq", "wps", "vmate")
	s.Records[1].Owner, s.Records[2].Owner = "bob", api.MachineOwner
	b := newBell(t, view.Memory{})
	b.hear(0, s)
	// then bob's is none of her business.
	b.want(b.hear(5*time.Second, s), "found: 2 banned apps found")
}

func TestNotifierRemembers(t *testing.T) {
	// Given a session that heard of one app, and ended before it was told of another,
	b := newBell(t, view.Memory{})
	b.hear(0, has("qq"))
	b.hear(5*time.Second, has("qq"))
	b.hear(time.Minute, has("qq", "wps"))
	data, err := json.Marshal(b.n.Memory())
	if err != nil {
		t.Fatal(err)
	}
	var m view.Memory
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	// when the next begins, then it tells the other, and what is gone meanwhile.
	b = newBell(t, m)
	b.hear(0, has("wps"))
	b.want(b.hear(5*time.Second, has("wps")), "record:wps: Banned app found: wps; record:qq: qq is gone")
}

func TestNotifierWhenTheClockIsSetBack(t *testing.T) {
	b := newBell(t, view.Memory{})
	b.hear(0, has("qq"))
	b.want(b.hear(5*time.Second, has("qq")), "record:qq: Banned app found: qq")
	b.hear(-48*time.Hour, has("qq", "wps"))
	b.want(b.hear(2*time.Second, has("qq", "wps")), "record:wps: Banned app found: wps")
	b.want(b.hear(-time.Hour, has("QQ", "wps")), "record:qq: Banned app is running: qq")
}

func TestNotify(t *testing.T) {
	p := printer("en")
	if got := p.Notify(nil, has("qq", "WPS"), "alice"); len(got) != 2 || got[0].Urgency != view.UrgencyHigh || got[0].Record != "wps" || got[1].Urgency != view.UrgencyNormal {
		t.Errorf("from nothing: %+v", got)
	}
	if got := p.Notify(has("QQ"), has("QQ"), "alice"); len(got) != 0 {
		t.Errorf("nothing changed: %+v", got)
	}
	if got := p.Notify(has("qq"), has("QQ"), "alice"); len(got) != 1 || got[0].Urgency != view.UrgencyHigh {
		t.Errorf("it starts: %+v", got)
	}
	if got := p.Notify(has("qq"), nil, "alice"); len(got) != 0 {
		t.Errorf("to nothing: %+v", got)
	}
	got := p.Notify(nil, has("a1", "b2", "c3", "d4", "e5"), "alice")
	if len(got) != 1 || got[0].Body != "a1, b2, c3, 2 more. Open Beagle to see why they are banned and how to remove them." {
		t.Errorf("many: %+v", got)
	}
}
