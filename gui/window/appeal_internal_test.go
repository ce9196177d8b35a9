package window

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"beagle/agent/api"
	"beagle/gui/view"
)

// form returns the field and the buttons of the form that is open, cancel first.
func form(t *testing.T, s *scene) (*widget.Entry, []*widget.Button) {
	t.Helper()
	top := s.frame.Canvas().Overlays().Top()
	if top == nil {
		t.Fatal("no form is open")
	}
	var buttons []*widget.Button
	for _, o := range test.LaidOutObjects(top) {
		if b, ok := o.(*widget.Button); ok && (b.Text == s.words.Cancel || b.Text == s.words.Send) {
			buttons = append(buttons, b)
		}
	}
	field, ok := s.frame.Canvas().Focused().(*widget.Entry)
	if !ok || len(buttons) != 2 {
		t.Fatalf("%T has the focus; %d buttons", s.frame.Canvas().Focused(), len(buttons))
	}
	return field, buttons
}

func TestAnswers(t *testing.T) {
	// Given the page of a record, with an answer that was given before,
	m := recorded(t)
	id := m.record(t, "tencent-qq")
	for i := range m.Records {
		if m.Records[i].ID == id {
			m.Records[i].Requests = []api.Request{{ID: "1", Record: id, Kind: api.RequestExemption, Text: "For a customer.", Status: "rejected", At: at()}}
		}
	}
	s := open(t, m, look{}).connect()
	s.Show(PageRecord + id)
	s.answer()
	if s.detail.page.Appeal == nil || !says(s, "For a customer.") {
		t.Fatal("the page does not show the answer, or offers none")
	}
	// when somebody writes an answer and cancels, or writes none, nothing is sent;
	for _, c := range []struct {
		text   string
		button int
	}{{"Not on my machine.", 0}, {"  ", 1}} {
		press(t, s, s.detail.page.Appeal.Dispute.Text)
		field, buttons := form(t, s)
		field.SetText(c.text)
		test.Tap(buttons[c.button])
		s.answer()
		if m.said("dispute") != 0 {
			t.Errorf("%q was sent", c.text)
		}
	}
	// when it is sent, the agent gets it, and the reader hears so.
	press(t, s, s.detail.page.Appeal.Dispute.Text)
	field, buttons := form(t, s)
	field.SetText(" Not on my machine. ")
	test.Tap(buttons[1])
	s.answer()
	if m.said("dispute "+id+" Not on my machine.") != 1 || s.toast.text.text != s.words.RequestSent {
		t.Errorf("asked %v, said %q", m.asked, s.toast.text.text)
	}
	// The same with a wish for an exemption, whose day may be left open.
	press(t, s, s.detail.page.Appeal.Exemption.Text)
	field, buttons = form(t, s)
	field.SetText("Needed for work.")
	test.Tap(buttons[1])
	s.answer()
	if m.said("exemption "+id+" Needed for work. ") != 1 {
		t.Errorf("asked %v", m.asked)
	}
}

func TestOlderAgent(t *testing.T) {
	s := open(t, recorded(t), look{}).connect()
	s.subject, s.wanted, s.detail.page = view.Subject{}, "", view.Page{}
	s.machine.missing = "sent"
	s.askReporting()
	s.answer()
	s.Show(PageRecord + s.machine.record(t, "tencent-qq"))
	s.answer()
	if s.detail.page.Appeal != nil {
		t.Error("an answer is offered that the agent would not take")
	}
	s.Show(PageSent)
	s.answer()
	if !s.reporting.Known || s.privacy.parts["sent"] == nil {
		t.Errorf("where reports go is not known: %+v", s.reporting)
	}
}

// TestSent shows the last report as it was sent.
func TestSent(t *testing.T) {
	m := recorded(t)
	m.reports = api.Sent{Schema: api.SentSchema, Endpoint: "https://beagle.example.org", At: ago(0), Reports: nil}
	for range 200 {
		m.reports.Reports = append(m.reports.Reports, []byte(`{"class_uid":2004,"finding":"wps-office"}`))
	}
	s := open(t, m, look{}).connect()
	s.Show(PageSent)
	s.answer()
	if !strings.Contains(s.reporting.Sent, `"class_uid": 2004`) {
		t.Fatalf("got %.200q", s.reporting.Sent)
	}
	rows := 0
	for _, o := range test.LaidOutObjects(s.privacy.parts["sent"]) {
		if l, ok := o.(*line); ok && strings.Contains(l.text, "class_uid") {
			rows++
		}
	}
	if rows == 0 || rows > 40 {
		t.Errorf("%d lines of the report are drawn", rows)
	}
	if s.privacy.scroll.Offset == (fyne.Position{}) {
		t.Error("the page was not scrolled to what was asked for")
	}
}
