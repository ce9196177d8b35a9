package local_test

import (
	"net/http"
	"strings"
	"testing"

	"beagle/agent/api"
	"beagle/agent/internal/local"
)

func TestRequests(t *testing.T) {
	r := serve(t, newAgent(record("m1", api.MachineOwner, api.VerdictProhibited), record("b1", "bob", api.VerdictProhibited)), alice(), bob())
	ctx := t.Context()
	// Given a record that somebody sees, then they may dispute it and ask for an exemption,
	if err := r.as(alice()).Dispute(ctx, "m1", " it is LibreOffice \n"); err != nil {
		t.Fatal(err)
	}
	if err := r.as(alice()).RequestExemption(ctx, "m1", "for a case", "2027-01-31"); err != nil {
		t.Fatal(err)
	}
	// and what reaches the agent says who they are by the system's word.
	want := []api.Request{
		{Record: "m1", Kind: api.RequestDispute, User: "1000", Text: "it is LibreOffice", Status: api.RequestKept},
		{Record: "m1", Kind: api.RequestExemption, User: "1000", Text: "for a case", Until: "2027-01-31", Status: api.RequestKept},
	}
	if len(r.wishes) != 2 || r.wishes[0] != want[0] || r.wishes[1] != want[1] {
		t.Errorf("got %+v, want %+v", r.wishes, want)
	}
	for _, c := range []struct {
		name   string
		err    error
		status int
		text   string
	}{
		{"a record of another", r.as(alice()).Dispute(ctx, "b1", "x"), http.StatusNotFound, "b1"},
		{"no text", r.as(alice()).Dispute(ctx, "m1", " "), http.StatusBadRequest, "text is missing"},
		{"a book", r.as(alice()).Dispute(ctx, "m1", strings.Repeat("x", 2001)), http.StatusBadRequest, "2001 characters"},
		{"no day", r.as(alice()).RequestExemption(ctx, "m1", "x", "soon"), http.StatusBadRequest, `"soon"`},
	} {
		if got := refusal(t, c.err); got.Status != c.status || !strings.Contains(got.Error(), c.text) {
			t.Errorf("%s: got %+v, want %d with %q", c.name, got, c.status, c.text)
		}
	}
	r.refuse = local.ErrTooMany
	if got := refusal(t, r.as(bob()).Dispute(ctx, "b1", "x")); got.Problem.Code != api.CodeTooManyRequests {
		t.Errorf("too many: got %+v", got)
	}
}

func TestRequestsOfOthersAreHidden(t *testing.T) {
	asked := record("m1", api.MachineOwner, api.VerdictProhibited)
	asked.Requests = []api.Request{{ID: "1", User: "1000", Text: "mine"}, {ID: "2", User: "1001", Text: "theirs"}}
	r := serve(t, newAgent(asked), alice(), admin())
	for who, want := range map[local.Viewer]int{alice(): 1, admin(): 2} {
		got, err := r.as(who).Record(t.Context(), "m1")
		if err != nil || len(got.Requests) != want {
			t.Errorf("%s: got %+v, %v, want %d requests", who.Owner, got.Requests, err, want)
		}
		s, err := r.as(who).Snapshot(t.Context())
		if err != nil || len(s.Records[0].Requests) != want {
			t.Errorf("%s: got %+v, %v in the snapshot, want %d", who.Owner, s.Records[0].Requests, err, want)
		}
	}
}

func TestNothingWasSent(t *testing.T) {
	r := serve(t, newAgent(), alice())
	sent, err := r.as(alice()).Sent(t.Context())
	if err != nil || sent.Endpoint != "" || sent.At != nil || len(sent.Reports) != 0 {
		t.Errorf("got %+v, %v", sent, err)
	}
}
