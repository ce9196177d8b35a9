package window

import (
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"beagle/agent/api"
	"beagle/gui/view"
)

// The pages, as [Window.Show] names them. [PageSent] is the part of Privacy about reports;
// a record is [PageRecord] and its id.
const (
	PageFindings = "findings"
	PageHistory  = "history"
	PageCoverage = "coverage"
	PagePrivacy  = "privacy"
	PageSent     = "sent"
	PageAbout    = "about"
	PageRecord   = "record:"
)

// Config is what a window needs.
type Config struct {
	Service Service
	Printer *view.Printer
	Program view.Program
	// Viewer is the owner as whom the reader appears in records, OS the reader's system; both
	// may be "" as in [view.Now].
	Viewer, OS string
	// Open hands a screen or a folder to the system.
	Open func(view.Action) error

	// What follows may be left out.

	// Do runs a function on the toolkit's thread, soon; fyne.Do.
	Do func(func())
	// Now is the clock.
	Now func() time.Time
	// Later runs a function on the toolkit's thread after a while.
	Later func(time.Duration, func())
	Log   *slog.Logger
}

// Window is the window's content. All fields but side belong to the toolkit's thread.
type Window struct {
	c       Config
	frame   fyne.Window
	words   view.Words
	errands *errands
	now     view.Now // what is known; At is set when it is used
	side    atomic.Pointer[aside]

	shell    *shell
	header   *header
	tabs     *choices
	pages    []fyne.CanvasObject
	findings *findingsPage
	detail   *detailPage
	pair     *pair
	history  *historyPage
	coverage *coveragePage
	privacy  *documentPage
	about    *documentPage
	toast    *toast

	subject   view.Subject // what is shown as detail; its id is "" if nothing is
	wanted    string       // a record that was asked for and did not come yet
	changes   []api.HistoryEntry
	reporting view.Reporting
	reveal    string // a part of a page to scroll to when it is there
}

// The tabs, in their order.
const (
	tabFindings = iota
	tabHistory
	tabCoverage
	tabPrivacy
	tabAbout
)

// New fills a window of the toolkit. Nothing is asked until [Window.Run].
func New(frame fyne.Window, c Config) *Window {
	if c.Do == nil {
		c.Do = fyne.Do
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Later == nil {
		c.Later = func(d time.Duration, run func()) { time.AfterFunc(d, func() { c.Do(run) }) }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	w := &Window{c: c, frame: frame, words: c.Printer.Words(), errands: newErrands()}
	w.now = view.Now{Connection: view.Connecting(c.Now()), Viewer: c.Viewer, OS: c.OS, Apps: map[string]api.AppPage{}}
	w.build()
	frame.SetTitle(w.words.App)
	frame.SetPadded(false)
	frame.SetContent(container.NewStack(w.layout(), w.toast))
	w.bindKeys()
	w.publish()
	w.draw(w.frameOf(w.now, view.FilterAll, ""))
	return w
}

func (w *Window) build() {
	w.header = newHeader(w.look, w.act)
	w.findings = newFindingsPage(w.words.Search, w.search, w.pick)
	w.detail = newDetailPage(w.words, detailActions{act: w.act, recheck: w.recheck, dispute: w.dispute, exempt: w.exempt})
	w.pair = newPair(w.findings, w.detail.scroller, w.words.Back)
	w.history = newHistoryPage(func(id string) { w.Show(PageRecord + id) })
	w.coverage = newCoveragePage()
	w.privacy = newDocumentPage(w.act)
	w.privacy.export = newButton(w.words.Export, "save", w.export)
	w.about = newDocumentPage(w.act)
	w.toast = newToast(w.c.Later)
	w.pages = []fyne.CanvasObject{w.pair, w.history, w.coverage.scroller, w.privacy.scroller, w.about.scroller}
	w.tabs = newChoices(w.turnTo)
	icons := []string{"findings", "history", "coverage", "privacy", "info"}
	for i, text := range []string{w.words.TabFindings, w.words.TabHistory, w.words.TabCoverage, w.words.TabPrivacy, w.words.TabAbout} {
		w.tabs.add(newChoice(text, icons[i], true, nil))
	}
	w.tabs.mark(tabFindings)
	for _, p := range w.pages[1:] {
		p.Hide()
	}
}

func (w *Window) layout() fyne.CanvasObject {
	bar := column(0, w.tabs.cloud)
	bar.inset, bar.fill = edges{8, 0, 8, 0}, colorSurface
	top := column(0, w.header.stack, bar, rule())
	w.shell = newShell(top, container.NewStack(w.pages...))
	return w.shell
}

// Show turns to a page by its name. A name that it does not know shows the findings.
func (w *Window) Show(page string) {
	id, record := strings.CutPrefix(page, PageRecord)
	switch {
	case record && id != "":
		w.tabs.choose(tabFindings)
		w.pick(id)
		w.findings.choose(id)
	case page == PageHistory:
		w.tabs.choose(tabHistory)
	case page == PageCoverage:
		w.tabs.choose(tabCoverage)
	case page == PagePrivacy:
		w.tabs.choose(tabPrivacy)
	case page == PageSent:
		w.reveal = PageSent
		w.tabs.choose(tabPrivacy)
	case page == PageAbout:
		w.tabs.choose(tabAbout)
	default:
		w.tabs.choose(tabFindings)
	}
}

// turnTo shows the page of a tab and asks for what it needs.
func (w *Window) turnTo(tab int) {
	for i, p := range w.pages {
		show(p, i == tab)
	}
	switch tab {
	case tabHistory:
		w.askHistory()
	case tabCoverage:
		w.askCoverage()
	case tabPrivacy:
		w.askReporting()
	}
	w.drawPage()
}

// at is what is known, at this moment.
func (w *Window) at() view.Now {
	n := w.now
	n.At = w.c.Now()
	return n
}

// search asks for the list again, after another filter was chosen or something was typed.
func (w *Window) search(f view.Filter, query string) {
	w.publish()
	w.findings.show(w.c.Printer.Findings(w.at(), f, query))
}

// drawPage draws the page that is seen, apart from the findings, which come with each frame.
func (w *Window) drawPage() {
	switch w.tabs.at {
	case tabHistory:
		w.history.show(w.c.Printer.History(w.at(), w.changes))
	case tabCoverage:
		w.coverage.show(w.c.Printer.Coverage(w.at()))
	case tabPrivacy:
		w.privacy.show(w.c.Printer.Privacy(w.at(), w.reporting))
		if w.reveal != "" {
			w.privacy.reveal(w.reveal)
		}
		w.reveal = ""
	case tabAbout:
		w.about.show(w.c.Printer.About(w.at(), w.c.Program))
	}
}
