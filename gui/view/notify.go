package view

import (
	"slices"

	"beagle/agent/api"
)

// Notify says what changed between two snapshots that the viewer should hear of: a banned app
// that is new, one that now runs, one that is gone. Many of a kind become one. A nil before
// stands for a time when nothing was known. A [Notifier] decides when to say it.
func (p *Printer) Notify(before, after *api.Snapshot, viewer string) []Notification {
	var n Notifier
	n.known = map[string]Told{}
	if before != nil {
		n.compare(&Now{Snapshot: before, Viewer: viewer, At: before.At})
		n.found, n.ran, n.gone, n.freed = nil, nil, nil, nil
	}
	if after == nil {
		return nil
	}
	now := Now{Snapshot: after, Viewer: viewer, At: after.At}
	for id, told := range n.known {
		told.Ran = now.At.Add(-quietRun) // when it last ran is for a notifier to mind
		n.known[id] = told
	}
	n.compare(&now)
	return append(n.tellRunning(&now, p), n.tellRest(&now, p)...)
}

// concerns reports whether a record is for the reader to hear of: banned, and theirs or the
// whole machine's.
func (n *Now) concerns(r *api.Stored) bool {
	return r.ClosedAt == nil && r.Verdict == api.VerdictProhibited &&
		(r.Owner == api.MachineOwner || n.Viewer == "" || sameOwner(n.os(), r.Owner, n.Viewer))
}

// settled reports whether what a snapshot lacks is gone: an agent that has not looked yet
// knows nothing.
func settled(s *api.Snapshot) bool { return s.LastSweep != nil && s.Activity != activityStarting }

// compare takes what is new in a snapshot into the queues.
func (n *Notifier) compare(now *Now) {
	here := map[string]*api.Stored{}
	for i := range now.Snapshot.Records {
		r := &now.Snapshot.Records[i]
		here[r.ID] = r
		if now.concerns(r) {
			n.take(now, r)
		}
	}
	if !settled(now.Snapshot) {
		return
	}
	for id, told := range n.known {
		r := here[id]
		if r != nil && now.concerns(r) {
			continue
		}
		delete(n.known, id)
		if n.forget(id) {
			continue // it was never told that it came
		}
		switch {
		case r == nil || r.ClosedAt != nil:
			n.gone = append(n.gone, news{id, told.App})
		case r.Verdict != api.VerdictProhibited && !asksForAction(r.Verdict):
			n.freed = append(n.freed, news{id, told.App})
		}
	}
	n.sortQueues()
}

// take notes one banned app that is there.
func (n *Notifier) take(now *Now, r *api.Stored) {
	told, known := n.known[r.ID]
	runs := slices.Contains(r.Presence, presenceRunning)
	starts := runs && !told.Running && since(now.At, told.Ran) >= quietRun
	item := news{r.ID, short(appName(&r.App))}
	switch {
	case starts:
		n.found = without(n.found, r.ID)
		n.ran = append(without(n.ran, r.ID), item)
		told.Ran = now.At
	case !known && hasNews(n.gone, r.ID): // back before it was told that it had gone
	case !known:
		n.found = append(n.found, item)
	}
	n.gone, n.freed = without(n.gone, r.ID), without(n.freed, r.ID)
	n.known[r.ID] = Told{App: item.app, Running: runs, Ran: told.Ran}
}

// forget takes a record out of what is still to be told as new, and reports whether it was there.
func (n *Notifier) forget(id string) bool {
	was := hasNews(n.found, id) || hasNews(n.ran, id)
	n.found, n.ran = without(n.found, id), without(n.ran, id)
	return was
}

func (n *Notifier) sortQueues() {
	for _, queue := range [][]news{n.gone, n.freed} { // which came out of a map
		slices.SortStableFunc(queue, compareNews)
	}
}

func (n *Notifier) tellRunning(_ *Now, p *Printer) []Notification {
	list := p.tell("running", UrgencyHigh, n.ran, "")
	n.ran = nil
	return list
}

func (n *Notifier) tellRest(now *Now, p *Printer) []Notification {
	left := n.apps()
	rest := p.say("notify.left.none")
	if left > 0 {
		rest = p.count("notify.left", left)
	}
	list := p.tell("found", UrgencyNormal, n.found, "")
	list = append(list, p.tell("gone", UrgencyLow, n.gone, rest)...)
	list = append(list, p.tell("freed", UrgencyLow, n.freed, rest)...)
	n.found, n.gone, n.freed = nil, nil, nil
	return list
}

// tell words all news of a kind as one notification. That of a single record has its name, so
// that what became of it replaces what was said of it before.
func (p *Printer) tell(kind string, urgency Urgency, list []news, more string) []Notification {
	const most = 3
	n := Notification{Urgency: urgency, ID: kind}
	switch len(list) {
	case 0:
		return nil
	case 1:
		n.ID, n.Record = "record:"+list[0].id, list[0].id
	}
	// One app may be there for several owners.
	list = slices.CompactFunc(slices.SortedStableFunc(slices.Values(list), compareNews), func(a, b news) bool { return a.app == b.app })
	var names []string
	for i, item := range list {
		if i == most {
			names = append(names, p.count("notify.more", len(list)-i))
			break
		}
		names = append(names, quoted(item.app))
	}
	n.Title = p.count("notify."+kind, len(list), "apps", said(p.list(names)))
	n.Body = p.count("notify."+kind+".text", len(list), "apps", said(p.list(names)), "left", said(more))
	return []Notification{n}
}

// apps counts the different apps that the reader knows of.
func (n *Notifier) apps() int {
	names := map[string]bool{}
	for _, told := range n.known {
		names[told.App] = true
	}
	return len(names)
}
