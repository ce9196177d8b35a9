package window

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"beagle/gui/view"
)

// act does what a button offers outside of Beagle.
func (w *Window) act(a view.Action) {
	if a.Kind == view.ActionCopy {
		fyne.CurrentApp().Clipboard().SetContent(a.Payload)
		w.toast.say(w.words.Copied)
		return
	}
	if err := w.c.Open(a); err != nil {
		w.c.Log.Warn("could not open what a button offers", "kind", a.Kind, "error", err)
		w.toast.say(w.c.Printer.Failure(err))
	}
}

// export asks for everything that the agent holds about the reader, and then where to put it.
func (w *Window) export() {
	w.errands.put("export", func(ctx context.Context) {
		data, err := w.c.Service.Export(ctx)
		var text []byte
		if err == nil {
			text, err = json.MarshalIndent(data, "", "  ")
		}
		w.c.Do(func() {
			if err != nil {
				w.failed(ctx, "export", err)
				return
			}
			w.save("beagle-"+data.At.Format("2006-01-02")+".json", append(text, '\n'))
		})
	})
}

// save asks for a place and writes data there, for nobody else to read.
func (w *Window) save(name string, data []byte) {
	d := dialog.NewFileSave(func(to fyne.URIWriteCloser, err error) {
		if err == nil && to == nil {
			return // cancelled
		}
		if err == nil {
			err = write(to, data)
		}
		if err != nil {
			w.c.Log.Warn("could not save the export", "error", err)
			w.toast.say(w.c.Printer.Failure(err))
			return
		}
		w.toast.say(w.words.Saved)
	}, w.frame)
	d.SetFileName(name)
	d.Resize(w.frame.Canvas().Size().Subtract(fyne.NewSize(60, 60)))
	d.Show()
}

func write(to fyne.URIWriteCloser, data []byte) (err error) {
	defer func() {
		if closed := to.Close(); err == nil && closed != nil {
			err = fmt.Errorf("write %q: %w", to.URI().Name(), closed)
		}
	}()
	if to.URI().Scheme() == "file" {
		if err := os.Chmod(to.URI().Path(), 0o600); err != nil {
			return fmt.Errorf("keep %q from others: %w", to.URI().Name(), err)
		}
	}
	if _, err := to.Write(data); err != nil {
		return fmt.Errorf("write %q: %w", to.URI().Name(), err)
	}
	return nil
}
