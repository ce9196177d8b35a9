package window

import (
	"reflect"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"beagle/gui/view"
)

// How much of one record is shown. A record has no limits of its own; nobody reads a
// thousand copies, and drawing them would freeze the window.
const (
	maxCopies   = 40
	maxEvidence = 25
	maxPast     = 100
)

// detailPage explains one record.
type detailPage struct {
	*scroller
	words view.Words
	on    detailActions
	page  view.Page
	past  bool // the history is unfolded
	other bool // the rules of others are
}

// detailActions are what its buttons do.
type detailActions struct {
	act     func(view.Action)
	recheck func(id string)
	dispute func(id string)
	exempt  func(id string)
}

func newDetailPage(words view.Words, on detailActions) *detailPage {
	s := column(14)
	s.inset = edges{24, 20, 24, 28}
	return &detailPage{scroller: scrolling(s), words: words, on: on}
}

// showNothing asks to choose.
func (d *detailPage) showNothing(e view.Empty) {
	d.page = view.Page{}
	d.scroller.show(true, emptyOf(e))
}

// show replaces the page. It stays where it was scrolled to if it is the same record's.
func (d *detailPage) show(p view.Page) {
	same := d.page.ID == p.ID
	if same && reflect.DeepEqual(d.page, p) {
		return // drawn anew, a button on it would lose the focus
	}
	if !same {
		d.past, d.other = false, false
	}
	d.page = p
	items := []fyne.CanvasObject{textOf(heading(), p.Title), wrapped(6, pills(p.Badges)...)}
	if p.About != "" {
		items = append(items, textOf(secondary(), p.About))
	}
	if p.Summary != "" {
		tone := view.TonePlain
		switch {
		case p.Closed:
			tone = view.ToneGood
		case len(p.Badges) > 0:
			tone = p.Badges[0].Tone
		}
		f := body()
		f.style.Bold = true
		items = append(items, tinted(tintColor(tone), across(10, beside(pictureOf(toneIcon(tone), 20)), textOf(f, p.Summary))))
	}
	if len(p.Facts) > 0 {
		items = append(items, factsOf(p.Facts))
	}
	items = append(items, d.removal(p)...)
	items = append(items, d.copies(p)...)
	items = append(items, d.rules(p)...)
	items = append(items, d.appeal(p)...)
	items = append(items, d.folded(p)...)
	d.scroller.show(!same, items...)
}

func (d *detailPage) removal(p view.Page) []fyne.CanvasObject {
	r := p.Removal
	if r.Intro == "" && len(r.Steps) == 0 && r.Recheck == nil {
		return nil
	}
	box := card()
	if r.Intro != "" {
		box.add(textOf(body(), r.Intro))
	}
	for i, step := range r.Steps {
		words := column(6, textOf(body(), step.Text))
		if step.Action != nil {
			words.add(wrapped(6, actionButton(*step.Action, d.on.act)))
		}
		box.add(across(10, beside(pillOf(view.Badge{Text: strconv.Itoa(i + 1), Tone: view.TonePlain})), words))
	}
	if r.Recheck != nil {
		again := newMainButton(r.Recheck.Text, "look", func() { d.on.recheck(p.ID) })
		again.enable(r.Recheck.Enabled, "look")
		box.add(wrapped(6, again))
		if r.Recheck.Tip != "" {
			box.add(textOf(caption(), r.Recheck.Tip))
		}
	}
	return []fyne.CanvasObject{title(d.words.Removal), box}
}

func (d *detailPage) copies(p view.Page) []fyne.CanvasObject {
	if len(p.Copies) == 0 {
		return nil
	}
	items := []fyne.CanvasObject{title(d.words.Where)}
	for i, c := range p.Copies {
		if i == maxCopies {
			items = append(items, textOf(secondary(), more(len(p.Copies)-maxCopies)))
			break
		}
		f := mono()
		f.size = theme.SizeNameText
		box := card(textOf(f, c.Title))
		if len(c.Facts) > 0 {
			box.add(factsOf(c.Facts))
		}
		for j, e := range c.Evidence {
			if j == maxEvidence {
				box.add(textOf(secondary(), more(len(c.Evidence)-maxEvidence)))
				break
			}
			box.add(rule(), evidenceOf(e))
		}
		if c.Open != nil {
			box.add(wrapped(6, actionButton(*c.Open, d.on.act)))
		}
		items = append(items, box)
	}
	return items
}

func evidenceOf(e view.EvidenceLine) fyne.CanvasObject {
	words := column(2, textOf(body(), e.Text))
	if e.Place != "" {
		words.add(textOf(mono().in(colorSecondary), e.Place))
	}
	return across(10, nil, words, pillOf(e.Strength))
}

func (d *detailPage) rules(p view.Page) []fyne.CanvasObject {
	if len(p.Rules) == 0 {
		return nil
	}
	items := []fyne.CanvasObject{title(d.words.Why)}
	for _, r := range p.Rules {
		items = append(items, ruleOf(r))
	}
	return items
}

func ruleOf(r view.Rule) fyne.CanvasObject {
	f := strong()
	box := card(across(10, nil, textOf(f, r.Title), pillOf(r.Verdict)))
	if r.Reason != "" {
		box.add(textOf(body(), r.Reason))
	}
	if r.Legal != "" {
		box.add(textOf(body(), r.Legal))
	}
	if len(r.Facts) > 0 {
		box.add(factsOf(r.Facts))
	}
	if len(r.Events) > 0 {
		box.add(rule())
	}
	for _, e := range r.Events {
		words := column(1, textOf(body(), e.Word))
		if e.Text != "" {
			words.add(textOf(secondary(), e.Text))
		}
		box.add(across(12, beside(fixedText(caption(), e.Date, "0000-00-00")), words))
	}
	return box
}

func (d *detailPage) appeal(p view.Page) []fyne.CanvasObject {
	if p.Appeal == nil {
		return nil
	}
	button := func(b view.Button, pressed func(string)) *button {
		w := newButton(b.Text, "", func() { pressed(p.ID) })
		if !b.Enabled {
			w.Disable()
		}
		return w
	}
	box := card(wrapped(8, button(p.Appeal.Dispute, d.on.dispute), button(p.Appeal.Exemption, d.on.exempt)))
	notes := []string{p.Appeal.Dispute.Tip, p.Appeal.Exemption.Tip, p.Appeal.Note}
	for _, note := range slices.Compact(notes) {
		if note != "" {
			box.add(textOf(caption(), note))
		}
	}
	for _, r := range p.Appeal.Requests {
		box.add(rule(), across(10, nil, column(2, textOf(strong(), r.Title), textOf(body(), r.Text), textOf(caption(), r.When)), pillOf(r.Status)))
	}
	return []fyne.CanvasObject{title(d.words.Wrong), box}
}

// folded are the parts that few people need.
func (d *detailPage) folded(p view.Page) []fyne.CanvasObject {
	var items []fyne.CanvasObject
	if len(p.Others) > 0 {
		items = append(items, disclosed(d.words.OtherRules, d.other, func() []fyne.CanvasObject {
			var list []fyne.CanvasObject
			for _, r := range p.Others {
				list = append(list, ruleOf(r))
			}
			return list
		}, func(open bool) { d.other = open; d.resized() }).stack)
	}
	if len(p.History) > 0 {
		items = append(items, disclosed(d.words.Past, d.past, func() []fyne.CanvasObject {
			box := card()
			for i, h := range p.History {
				if i == maxPast {
					box.add(textOf(secondary(), more(len(p.History)-maxPast)))
					break
				}
				box.add(pastOf(h))
			}
			return []fyne.CanvasObject{box}
		}, func(open bool) { d.past = open; d.resized() }).stack)
	}
	return items
}

func pastOf(h view.HistoryRow) fyne.CanvasObject {
	return across(12, beside(fixedText(caption(), h.When, h.When)), textOf(body(), h.Text), pillOf(h.Badge))
}

// resized lays out again after a part was folded or unfolded.
func (d *detailPage) resized() {
	if d.content.Size().Width > 0 {
		d.scroller.show(false, d.content.items...)
	}
}

// fixedText is a text that is as wide as another one.
func fixedText(f face, text, wide string) fyne.CanvasObject {
	t := &fixed{line: lineOf(f, text), wide: wide}
	t.ExtendBaseWidget(t)
	return t
}

type fixed struct {
	widget.BaseWidget
	line *line
	wide string
}

func (f *fixed) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{
		parts: []fyne.CanvasObject{f.line},
		place: func(size fyne.Size) { f.line.Resize(size) },
		least: func() fyne.Size {
			return fyne.NewSize(max(f.line.face.measure(f.wide).Width, min(f.line.natural(), 200))+1, f.line.MinSize().Height+2)
		},
	}
}
