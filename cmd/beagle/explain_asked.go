package main

import "beagle/agent/api"

// asked lists what was asked about a record: what the person who looks asked, or, for an
// administrator, what anybody did.
func (p *recordPage) asked(requests []api.Request) {
	if len(requests) == 0 {
		return
	}
	p.line("%s", p.style.bold("What was asked"))
	for i := range requests {
		r := &requests[i]
		text := requestText(r) + ": " + clean(r.Text)
		p.beside("  "+p.clock.stamp(r.At)+"  ", text)
		p.line("    %s", p.style.dim(requestStatus(r.Status)))
	}
	p.blank()
}

func requestText(r *api.Request) string {
	switch {
	case r.Kind == api.RequestDispute:
		return "this is wrong"
	case r.Until != "":
		return "please leave it until " + clean(r.Until)
	case r.Kind == api.RequestExemption:
		return "please leave it"
	}
	return clean(r.Kind)
}

func requestStatus(status string) string {
	if status == api.RequestKept {
		return "kept on this machine; nobody was told yet, since no endpoint is configured"
	}
	return clean(status)
}
