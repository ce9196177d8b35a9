package window

import (
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"beagle/gui/view"
)

// sectionExport is the part of Privacy that gives the reader a copy.
const sectionExport = "export"

// documentPage is a page of titled parts: Privacy or About.
type documentPage struct {
	*scroller
	act    func(view.Action)
	export *button // nil on pages without
	last   []view.Section
	parts  map[string]fyne.CanvasObject
}

func newDocumentPage(act func(view.Action)) *documentPage {
	return &documentPage{scroller: reading(), act: act}
}

func (d *documentPage) show(list []view.Section) {
	if reflect.DeepEqual(d.last, list) {
		return
	}
	d.last, d.parts = list, map[string]fyne.CanvasObject{}
	var items []fyne.CanvasObject
	for _, s := range list {
		part := d.section(s)
		d.parts[s.ID] = part
		items = append(items, part)
	}
	d.scroller.show(false, items...)
}

func (d *documentPage) section(s view.Section) fyne.CanvasObject {
	box := card()
	if s.Title != "" {
		box.add(title(s.Title))
	}
	for _, text := range s.Text {
		box.add(textOf(body(), text))
	}
	if len(s.Points) > 0 {
		box.add(points(s.Points))
	}
	if len(s.Facts) > 0 {
		box.add(factsOf(s.Facts))
	}
	if s.Mono != "" {
		box.add(documentOf(s.Mono))
	}
	var buttons []fyne.CanvasObject
	if s.Action != nil {
		buttons = append(buttons, actionButton(*s.Action, d.act))
	}
	if s.ID == sectionExport && d.export != nil {
		buttons = append(buttons, d.export)
	}
	if len(buttons) > 0 {
		box.add(wrapped(8, buttons...))
	}
	return box
}

// reveal scrolls to a part.
func (d *documentPage) reveal(id string) {
	if part := d.parts[id]; part != nil {
		d.moveTo(part.Position().Y - 8)
	}
}

// document shows a text of many lines as it is, in a field of a fixed height: only the lines
// that are seen are drawn.
type document struct {
	widget.BaseWidget
	text  string
	lines []string
	list  *keyList
	width float32 // for which lines holds
}

// documentHeight is how high the field is, with text of the usual size.
const documentHeight = 260

func documentOf(text string) fyne.CanvasObject {
	d := &document{text: text}
	d.list = newList(
		func() int { return len(d.lines) },
		func() fyne.CanvasObject { return lineOf(mono(), "") },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			if i < len(d.lines) {
				o.(*line).say(d.lines[i])
			}
		})
	d.list.HideSeparators = true
	d.list.OnSelected = func(i widget.ListItemID) { d.list.Unselect(i) }
	d.ExtendBaseWidget(d)
	return tinted(colorPlainTint, d)
}

func (d *document) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		if d.width != size.Width {
			d.width = size.Width
			d.lines = columns(d.text, int((size.Width-12)/mono().measure("m").Width))
		}
		d.list.Resize(size)
		d.list.Refresh()
	}
	return &drawing{
		parts:   []fyne.CanvasObject{d.list},
		place:   place,
		restyle: func() { d.width = 0; place(d.Size()) },
		least: func() fyne.Size {
			return fyne.NewSize(narrowest, documentHeight*theme.Size(theme.SizeNameText)/13)
		},
	}
}

// columns cuts a text into lines of at most so many characters.
func columns(text string, most int) []string {
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		runes := []rune(part)
		for len(runes) > max(most, 20) {
			lines = append(lines, string(runes[:max(most, 20)]))
			runes = runes[max(most, 20):]
		}
		lines = append(lines, string(runes))
	}
	return lines
}
