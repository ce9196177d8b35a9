package window

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"beagle/agent/api"
	"beagle/gui/view"
)

// picture is one image of the gallery.
type exhibit struct {
	name string
	look look
	set  func(m *machine) // changes the machine before the window opens
	show func(s *scene)   // and what is shown after the agent spoke; nil: nothing was heard yet
}

func connected(*scene) {}

func shows(page string) func(*scene) {
	return func(s *scene) {
		s.Show(page)
		s.answer()
	}
}

// showsRecord shows the record of an app, scrolled down by so much.
func showsRecord(app string, down float32) func(*scene) {
	return func(s *scene) {
		s.Show(PageRecord + s.machine.record(s.t, app))
		s.answer()
		s.detail.moveTo(down)
	}
}

func clean(m *machine) {
	m.snapshot, m.Records, m.Changes = fine(), nil, nil
}

func scanning(m *machine) {
	m.snapshot.Activity = activityScanning
	m.snapshot.Progress = &api.Progress{Probe: "desktop", Unit: "entries", Examined: 1234, Share: 0.42, Began: at().Add(-4 * time.Second)}
}

func unseen(m *machine) {
	m.snapshot.Privileged = false
	for i, code := range []string{api.ConditionNotPrivileged, api.ConditionStoreUnwritable, api.ConditionWatchDegraded, api.ConditionClockBehind} {
		m.snapshot.Conditions = append(m.snapshot.Conditions, api.Condition{Code: code, Severity: []string{"warning", "error", "warning", "error"}[i], Since: at().Add(-time.Hour), Args: map[string]string{"now": "2019-01-01T00:00:00Z", "made": "2026-11-01T00:00:00Z"}})
	}
}

// reported is a machine with a central server.
func reported(m *machine) {
	m.reports = api.Sent{Schema: api.SentSchema, Endpoint: "https://beagle.example.org", At: ago(2 * time.Hour)}
	m.reports.Reports = append(m.reports.Reports, []byte(`{"class_uid":2004,"activity_id":1,"severity_id":4,"unmapped":{"beagle":{"record":{"app":"wps-office","owner":"alice"}}}}`))
}

// answered is a machine whose employees answered.
func answered(m *machine) {
	for i := range m.Records {
		if r := &m.Records[i]; r.App.ID == "tencent-qq" {
			r.Requests = []api.Request{
				{ID: "2", Record: r.ID, Kind: api.RequestExemption, Text: "A customer in Shenzhen answers only there.", Until: "2027-02-28", Status: api.RequestKept, At: at().Add(-time.Hour)},
				{ID: "1", Record: r.ID, Kind: api.RequestDispute, Text: "This is not mine.", Status: "rejected", At: at().Add(-50 * time.Hour)},
			}
		}
	}
}

// lost is a line that broke, with or without anything heard before.
func lost(had bool) func(*scene) {
	return func(s *scene) {
		n := s.now
		if !had {
			n.Snapshot = nil
		}
		n.Connection = view.Lost(fmt.Errorf("%w at the socket", api.ErrUnreachable), had, at().Add(-12*time.Minute))
		s.draw(s.frameOf(n, view.FilterAll, ""))
	}
}

func exhibits() []exhibit {
	dark, high, highDark := look{variant: VariantDark}, look{contrast: true}, look{variant: VariantDark, contrast: true}
	chinese, german, pseudo := look{language: "zh-Hans"}, look{language: "de"}, look{language: "en-XA"}
	narrow := look{size: fyne.NewSize(480, 760)}
	return []exhibit{
		{"findings-light", look{}, nil, showsRecord("wps-office", 0)},
		{"findings-dark", dark, nil, showsRecord("wps-office", 0)},
		{"findings-contrast", high, nil, showsRecord("wps-office", 0)},
		{"findings-contrast-dark", highDark, nil, showsRecord("wps-office", 0)},
		{"findings-chinese", chinese, nil, showsRecord("wps-office", 0)},
		{"findings-german", german, nil, showsRecord("wps-office", 0)},
		{"findings-pseudo", pseudo, nil, showsRecord("wps-office", 0)},
		{"findings-2x", look{scale: 2, size: fyne.NewSize(820, 560)}, nil, showsRecord("wps-office", 0)},
		{"findings-large-text", look{text: 1.6}, nil, showsRecord("wps-office", 0)},
		{"findings-nothing-chosen", look{}, nil, connected},
		{"narrow-list", narrow, nil, connected},
		{"narrow-detail", narrow, nil, showsRecord("wps-office", 0)},
		{"detail-evidence", look{}, nil, showsRecord("wps-office", 560)},
		{"detail-rules", look{}, nil, showsRecord("wps-office", 1120)},
		{"detail-rules-chinese", chinese, nil, showsRecord("wps-office", 1000)},
		{"answers", look{}, answered, showsRecord("tencent-qq", 2000)},
		{"answers-form", look{}, answered, func(s *scene) {
			showsRecord("tencent-qq", 0)(s)
			s.exempt(s.wanted)
		}},
		{"said", look{}, nil, func(s *scene) {
			showsRecord("wps-office", 0)(s)
			s.recheck(s.wanted)
			s.answer()
		}},
		{"clean", look{}, clean, connected},
		{"clean-dark", dark, clean, connected},
		{"scanning", look{}, scanning, connected},
		{"conditions", look{}, unseen, connected},
		{"connecting", look{}, nil, nil},
		{"unreachable", look{}, nil, lost(false)},
		{"stale-german", german, nil, lost(true)},
		{"history", look{}, nil, shows(PageHistory)},
		{"history-dark", dark, nil, shows(PageHistory)},
		{"history-empty", look{}, clean, shows(PageHistory)},
		{"coverage", look{}, nil, shows(PageCoverage)},
		{"coverage-german", german, nil, shows(PageCoverage)},
		{"privacy", look{}, nil, shows(PagePrivacy)},
		{"privacy-chinese-dark", look{language: "zh-Hans", variant: VariantDark}, nil, shows(PagePrivacy)},
		{"sent", look{}, reported, shows(PageSent)},
		{"about", look{}, nil, shows(PageAbout)},
		{"about-french", look{language: "fr"}, nil, shows(PageAbout)},
	}
}

// TestGallery draws every page and state and compares with what was looked at. With GALLERY it
// writes the images into that folder instead (make gallery).
func TestGallery(t *testing.T) {
	if raced {
		t.Skip("drawn without the race detector: the other tests draw enough for it")
	}
	for _, e := range exhibits() {
		t.Run(e.name, func(t *testing.T) {
			m := recorded(t)
			if e.set != nil {
				e.set(m)
			}
			s := open(t, m, e.look)
			if e.show != nil {
				s.connect()
				e.show(s)
			}
			compare(t, e.name, s.frame.Canvas().Capture())
		})
	}
}

func compare(t *testing.T, name string, got image.Image) {
	t.Helper()
	master := filepath.Join("testdata", "gallery", name+".png")
	if folder := os.Getenv("GALLERY"); folder != "" {
		keep(t, filepath.Join(folder, name+".png"), got)
		return
	}
	data, err := os.ReadFile(master)
	if err != nil {
		t.Fatalf("%v (make gallery draws it; look at it)", err)
	}
	want, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if share := different(want, got); share > 0.0005 {
		failed := filepath.Join(t.ArtifactDir(), name+".png")
		keep(t, failed, got)
		t.Errorf("%.2f %% of the pixels differ from %s: compare with %s; make gallery replaces it", share*100, master, failed)
	}
}

func keep(t *testing.T, path string, picture image.Image) {
	t.Helper()
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// different is the share of pixels that differ to the eye: other processors round otherwise
// at the edges of letters.
func different(a, b image.Image) float64 {
	if a.Bounds() != b.Bounds() {
		return 1
	}
	count := 0
	const near = 24
	one, other := pixels(a), pixels(b)
	for i := 0; i+3 < len(one.Pix); i += 4 {
		for part := range 3 {
			v, w := one.Pix[i+part], other.Pix[i+part]
			if max(v, w)-min(v, w) > near {
				count++
				break
			}
		}
	}
	return float64(count) / float64(len(one.Pix)/4)
}

func pixels(from image.Image) *image.RGBA {
	to := image.NewRGBA(from.Bounds())
	draw.Draw(to, to.Bounds(), from, from.Bounds().Min, draw.Src)
	return to
}
