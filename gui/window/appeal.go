package window

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"
)

// answerLines is how high the field for an answer is.
const answerLines = 5

// dispute asks why a record is wrong, and tells the agent.
func (w *Window) dispute(id string) {
	text := answerField()
	w.form(w.words.DisputeTitle, w.words.DisputeHint, text, nil, func() {
		answer := strings.TrimSpace(text.Text)
		w.appeal(id, func(ctx context.Context) error { return w.c.Service.Dispute(ctx, id, answer) })
	})
}

// exempt asks why a record is needed and until when, and tells the agent.
func (w *Window) exempt(id string) {
	text, until := answerField(), widget.NewDateEntry()
	w.form(w.words.ExemptionTitle, w.words.ExemptionHint, text, until, func() {
		reason, last := strings.TrimSpace(text.Text), "" // left open
		if until.Date != nil {
			last = until.Date.Format(time.DateOnly)
		}
		w.appeal(id, func(ctx context.Context) error { return w.c.Service.RequestExemption(ctx, id, reason, last) })
	})
}

func answerField() *widget.Entry {
	e := widget.NewMultiLineEntry()
	e.Wrapping = fyne.TextWrapWord
	e.SetMinRowsVisible(answerLines)
	return e
}

// form asks for a text, and a day if there is a field for it. Nothing is sent without a text.
func (w *Window) form(title, hint string, text *widget.Entry, day *widget.DateEntry, send func()) {
	content := column(10, textOf(secondary(), hint), text)
	if day != nil {
		content.add(textOf(secondary(), w.words.Until), day)
	}
	d := dialog.NewCustomConfirm(title, w.words.Send, w.words.Cancel, content, func(sent bool) {
		if sent && strings.TrimSpace(text.Text) != "" {
			send()
		}
	}, w.frame)
	d.Resize(fyne.NewSize(460, content.heightFor(420)+140))
	d.Show()
	w.frame.Canvas().Focus(text)
}

func (w *Window) appeal(id string, send func(context.Context) error) {
	w.errands.put("appeal "+id, func(ctx context.Context) {
		err := send(ctx)
		w.c.Do(func() {
			w.answered(ctx, "send an answer", err, w.words.RequestSent)
			if err == nil && w.wanted == id {
				w.askRecord(id)
			}
		})
	})
}
