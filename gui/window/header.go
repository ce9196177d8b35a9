package window

import (
	"strings"

	"fyne.io/fyne/v2"

	"beagle/gui/view"
)

// header stands above all pages: how this machine is, when it was looked at, how far a look
// is, and what a person should know about the agent itself.
type header struct {
	*stack
	state              *picture
	title, text, lines *paragraph
	look               *button
	progress           *stack
	meter              *meter
	progressText       *paragraph
	notices            *stack
	all                bool // notices, not only the gravest
	last               view.Header
	act                func(view.Action)
}

// fewNotices is how many are shown until somebody asks for all.
const fewNotices = 2

func newHeader(look func(), act func(view.Action)) *header {
	h := &header{
		act:   act,
		state: pictureOf(kindIcon(view.KindScanning), 44),
		title: textOf(heading(), ""), text: textOf(secondary(), ""), lines: textOf(caption(), ""),
		meter: newMeter(), progressText: textOf(caption(), ""), notices: column(6),
	}
	h.look = newMainButton("", "look", look)
	h.progress = column(4, h.meter, h.progressText)
	top := across(16, beside(h.state), column(3, h.title, h.text, h.lines), h.look)
	top.centred = true
	h.stack = column(12, top, h.progress, h.notices)
	h.inset, h.fill = edges{20, 16, 20, 12}, colorSurface
	return h
}

func (h *header) show(v view.Header) {
	again := sameNotices(v.Notices, h.last.Notices)
	h.last = v
	h.state.show(kindIcon(v.State.Kind))
	h.title.say(v.State.Title)
	h.text.say(v.State.Text)
	// To open the window and see how to remove them is what the tray advises.
	h.text.Hidden = v.State.Text == "" || v.State.Kind == view.KindProhibited
	h.lines.say(strings.Join(v.Lines, "   ·   "))
	h.lines.Hidden = len(v.Lines) == 0
	h.look.SetText(v.Look.Text)
	h.look.enable(v.Look.Enabled, "look")
	h.progress.Hidden = v.Progress == nil
	if v.Progress != nil {
		h.meter.set(v.Progress.Share)
		h.progressText.say(v.Progress.Text)
	}
	if !again {
		h.drawNotices()
	}
	h.Refresh()
}

func sameNotices(a, b []view.Notice) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if (x.Open == nil) != (y.Open == nil) || x.Open != nil && *x.Open != *y.Open {
			return false
		}
		x.Open, y.Open = nil, nil
		if x != y {
			return false
		}
	}
	return true
}

func (h *header) drawNotices() {
	list := h.last.Notices
	rest := len(list) - fewNotices
	if !h.all && rest > 0 {
		list = list[:fewNotices]
	}
	items := make([]fyne.CanvasObject, 0, len(list)+1)
	for _, n := range list {
		items = append(items, noticeOf(n, h.act))
	}
	if rest > 0 {
		icon, text := "right", more(rest)
		if h.all {
			icon, text = "down", ""
		}
		turn := newQuietButton(text, icon, func() {
			h.all = !h.all
			h.drawNotices()
			h.Refresh()
		})
		items = append(items, wrapped(0, turn))
	}
	h.notices.set(items...)
	h.notices.Hidden = len(items) == 0
}

func noticeOf(n view.Notice, act func(view.Action)) fyne.CanvasObject {
	words := column(2, textOf(body(), n.Text))
	var rest []string
	for _, text := range []string{n.Todo, n.Since} {
		if text != "" {
			rest = append(rest, text)
		}
	}
	if len(rest) > 0 {
		words.add(textOf(caption(), strings.Join(rest, "   ·   ")))
	}
	if n.Open != nil {
		words.add(wrapped(6, actionButton(*n.Open, act)))
	}
	return tinted(tintColor(n.Tone), across(10, beside(pictureOf(toneIcon(n.Tone), 18)), words))
}
