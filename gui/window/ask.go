package window

import (
	"context"
	"errors"

	"beagle/agent/api"
	"beagle/gui/view"
)

// historyLength is how many changes the page of history shows.
const historyLength = 500

// askHistory asks for the changes of all records.
func (w *Window) askHistory() {
	w.errands.put("history", func(ctx context.Context) {
		list, err := w.c.Service.History(ctx, "", historyLength)
		w.c.Do(func() {
			if err != nil {
				w.unread("history", err)
				return
			}
			w.changes = list
			if list == nil {
				w.changes = []api.HistoryEntry{}
			}
			w.drawIf(tabHistory)
		})
	})
}

// askCoverage asks how looking at every area ended.
func (w *Window) askCoverage() {
	w.errands.put("coverage", func(ctx context.Context) {
		list, err := w.c.Service.Coverage(ctx)
		w.c.Do(func() {
			if err != nil {
				w.unread("coverage", err)
				return
			}
			w.now.Coverage = list
			if list == nil {
				w.now.Coverage = []api.Coverage{}
			}
			w.publish()
			w.drawIf(tabCoverage)
			w.header.show(w.c.Printer.Header(w.at()))
			w.shell.Refresh()
		})
	})
}

// askReporting asks what is sent, and where.
func (w *Window) askReporting() {
	w.errands.put("reports", func(ctx context.Context) {
		reporting, takes, err := w.readReporting(ctx)
		w.c.Do(func() {
			if err != nil {
				w.unread("reports", err)
				return
			}
			w.reporting = reporting
			if w.subject.TakesRequests != takes {
				w.subject.TakesRequests = takes
				w.drawRecord(w.now.Snapshot)
			}
			w.drawIf(tabPrivacy)
		})
	})
}

// readReporting asks what was sent. An agent that does not know the question is older; it says
// at least where reports go, and takes no answers of employees.
func (w *Window) readReporting(ctx context.Context) (view.Reporting, bool, error) {
	sent, err := w.c.Service.Sent(ctx)
	if err == nil {
		return view.ReportingOfSent(sent), true, nil
	}
	if refusal, ok := errors.AsType[*api.Refusal](err); !ok || refusal.Problem.Code != api.CodeNotFound {
		return view.Reporting{}, false, err
	}
	doctor, err := w.c.Service.Doctor(ctx)
	if err != nil {
		return view.Reporting{}, false, err
	}
	return view.ReportingOf(doctor), false, nil
}

// maxApps is how many apps are asked for so that the search knows their other names.
const maxApps = 64

// askApps asks for the apps that were found and are not known yet.
func (w *Window) askApps() {
	if w.now.Snapshot == nil {
		return
	}
	wanted := map[string]bool{}
	for i := range w.now.Snapshot.Records {
		id := w.now.Snapshot.Records[i].App.ID
		if _, known := w.now.Apps[id]; !known && id != "" && len(wanted) < maxApps {
			wanted[id] = true
		}
	}
	if len(wanted) == 0 {
		return
	}
	w.errands.put("apps", func(ctx context.Context) {
		found := map[string]api.AppPage{}
		for id := range wanted {
			page, err := w.c.Service.App(ctx, id)
			if err != nil {
				w.c.Log.Debug("an app could not be read", "app", id, "error", err)
				continue
			}
			found[id] = page
		}
		w.c.Do(func() {
			// A new map, for the old one may be in use by whoever makes a frame.
			apps := make(map[string]api.AppPage, len(w.now.Apps)+len(found))
			for id, page := range w.now.Apps {
				apps[id] = page
			}
			for id, page := range found {
				apps[id] = page
			}
			w.now.Apps = apps
			w.publish()
		})
	})
}

// unread notes that something could not be read. The page says the same by being empty, and
// the header why.
func (w *Window) unread(what string, err error) {
	w.c.Log.Debug("a page could not be read", "page", what, "error", err)
}

// drawIf draws the page of a tab if it is seen.
func (w *Window) drawIf(tab int) {
	if w.tabs.at == tab {
		w.drawPage()
	}
}
