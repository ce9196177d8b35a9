package window

import (
	"context"
	"slices"

	"beagle/agent/api"
	"beagle/gui/view"
)

// pastLength is how many changes of one record are asked for.
const pastLength = 100

// pick shows a record: at once what is known of it, and the rest when it was asked for.
func (w *Window) pick(id string) {
	w.wanted = id
	w.pair.enter(true)
	if r, ok := w.open(id); ok {
		if w.subject.Record.ID != id {
			w.subject = view.Subject{TakesRequests: w.subject.TakesRequests}
		}
		w.subject.Record = r
		w.drawSubject()
	}
	w.askRecord(id)
}

// open finds a record among the open ones.
func (w *Window) open(id string) (api.Stored, bool) {
	if w.now.Snapshot == nil {
		return api.Stored{}, false
	}
	i := slices.IndexFunc(w.now.Snapshot.Records, func(r api.Stored) bool { return r.ID == id })
	if i < 0 {
		return api.Stored{}, false
	}
	return w.now.Snapshot.Records[i], true
}

// drawSubject draws the record that is shown.
func (w *Window) drawSubject() { w.detail.show(w.c.Printer.Detail(w.at(), w.subject)) }

// drawRecord follows the record that is shown through a new snapshot, and asks again for one
// that changed or went.
func (w *Window) drawRecord(before *api.Snapshot) {
	id := w.wanted
	if id == "" {
		if w.detail.page.ID == "" {
			kind := w.c.Printer.State(w.at()).Kind
			w.detail.showNothing(view.Empty{Kind: kind, Text: w.words.NothingChosen})
		}
		return
	}
	r, open := w.open(id)
	switch {
	case open && (r.Revision != w.subject.Record.Revision || r.Epoch != w.subject.Record.Epoch):
		w.subject.Record = r
		w.drawSubject()
		w.askRecord(id)
	case open:
		w.subject.Record = r
		w.drawSubject()
	case before != w.now.Snapshot && w.subject.Record.ClosedAt == nil:
		w.askRecord(id) // it is closed now, or was before the window knew it
	}
}

// askRecord asks for everything that belongs to a record.
func (w *Window) askRecord(id string) {
	known := w.subject
	have := known.Record.ID == id
	w.errands.put("record", func(ctx context.Context) {
		subject, err := w.load(ctx, id, known, have)
		w.c.Do(func() {
			switch {
			case w.wanted != id:
				// Somebody went on meanwhile.
			case err != nil:
				w.failed(ctx, "read a record", err)
			default:
				// What the stream brought meanwhile is newer.
				if r, open := w.open(id); open {
					subject.Record = r
				}
				subject.TakesRequests = w.subject.TakesRequests
				w.subject = subject
				w.drawSubject()
			}
		})
	})
}

// load reads a record with its app, rules and history. Only the record itself must be there;
// the page is true without the rest.
func (w *Window) load(ctx context.Context, id string, known view.Subject, have bool) (view.Subject, error) {
	service := w.c.Service
	s := known
	record, err := service.Record(ctx, id)
	switch {
	case err == nil:
		s.Record = record
	case !have:
		return s, err
	}
	if app, err := service.App(ctx, s.Record.App.ID); err == nil {
		s.App = &app
	} else {
		w.c.Log.Debug("an app could not be read", "app", s.Record.App.ID, "error", err)
	}
	s.Policies = nil
	for _, v := range s.Record.Verdicts {
		if page, err := service.Policy(ctx, v.Policy); err == nil {
			s.Policies = append(s.Policies, page)
		} else {
			w.c.Log.Debug("a policy could not be read", "policy", v.Policy, "error", err)
		}
	}
	if history, err := service.History(ctx, id, pastLength); err == nil {
		s.History = history
	} else {
		w.c.Log.Debug("the history of a record could not be read", "record_id", id, "error", err)
	}
	return s, nil
}

// recheck asks the agent to look at once where a record was seen.
func (w *Window) recheck(id string) {
	w.errands.put("recheck "+id, func(ctx context.Context) {
		err := w.c.Service.Recheck(ctx, id)
		w.c.Do(func() { w.answered(ctx, "look at a record again", err, w.words.RecheckDone) })
	})
}

// look asks the agent for a full look.
func (w *Window) look() {
	if !w.header.last.Look.Enabled {
		return
	}
	w.errands.put("look", func(ctx context.Context) {
		err := w.c.Service.RequestScan(ctx, false)
		w.c.Do(func() { w.answered(ctx, "ask for a look", err, w.words.LookAsked) })
	})
}

// answered says how something ended that was asked for.
func (w *Window) answered(ctx context.Context, what string, err error, good string) {
	if err != nil {
		w.failed(ctx, what, err)
		return
	}
	w.toast.say(good)
}

// failed says why something did not happen, unless the window is being closed.
func (w *Window) failed(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		w.c.Log.Warn("could not "+what, "error", err)
		w.toast.say(w.c.Printer.Failure(err))
	}
}
