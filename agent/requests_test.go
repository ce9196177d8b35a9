package agent

import (
	"testing"

	"beagle/agent/api"
)

func TestRequestsAreKept(t *testing.T) {
	// Given a record, when somebody disputes it, then that shows at once,
	m := newMachine(t)
	m.installed(t, wpsPackage)
	r := agentOn(t, m)
	s, err := r.client.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.client.Dispute(t.Context(), s.Records[0].ID, "it is not mine"); err != nil {
		t.Fatal(err)
	}
	asked := func(s api.Snapshot) bool {
		return len(s.Records) == 1 && len(s.Records[0].Requests) == 1 && s.Records[0].Requests[0].Text == "it is not mine"
	}
	r.until("the request", asked)
	// after a sweep, and after a restart,
	if s := r.sweep(t); !asked(s) {
		t.Errorf("got %+v after a sweep", s.Records)
	}
	r.end()
	r.start()
	r.until("the request", asked)
	// and changes neither record nor history.
	got, err := r.client.Record(t.Context(), s.Records[0].ID)
	if err != nil || got.Revision != s.Records[0].Revision || len(got.Requests) != 1 || got.Requests[0].ID == "" || got.Requests[0].At.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	if sent, err := r.client.Sent(t.Context()); err != nil || len(sent.Reports) != 0 {
		t.Errorf("got %+v, %v, want nothing sent", sent, err)
	}
}
