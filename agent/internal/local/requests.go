package local

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"beagle/agent/api"
)

// maxText bounds what a person writes, in characters: a page is plenty.
const maxText = 2000

func (s *server) sent(w http.ResponseWriter, r *http.Request, who Viewer) error {
	if wait := s.heavy.take(who.ID, time.Now()); wait > 0 {
		return tooSoon(wait)
	}
	sent, err := s.backend.Sent(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, sent)
}

func (s *server) dispute(w http.ResponseWriter, r *http.Request, who Viewer) error {
	var body api.Dispute
	return s.ask(w, r, who, &body, func() api.Request {
		return api.Request{Kind: api.RequestDispute, Text: body.Text}
	})
}

func (s *server) requestExemption(w http.ResponseWriter, r *http.Request, who Viewer) error {
	var body api.ExemptionRequest
	return s.ask(w, r, who, &body, func() api.Request {
		return api.Request{Kind: api.RequestExemption, Text: body.Text, Until: body.Until}
	})
}

// ask reads what a person asks about a record that they see, and keeps it.
func (s *server) ask(w http.ResponseWriter, r *http.Request, who Viewer, body any, request func() api.Request) error {
	record, err := s.find(r, who)
	if err != nil {
		return err
	}
	if err := readBody(r, body); err != nil {
		return err
	}
	wish := request()
	wish.Record, wish.User, wish.Status = record.ID, who.ID, api.RequestKept
	if err := checkRequest(&wish); err != nil {
		return err
	}
	if wait := s.heavy.take(who.ID, time.Now()); wait > 0 {
		return tooSoon(wait)
	}
	err = s.backend.Ask(r.Context(), wish)
	if errors.Is(err, ErrTooMany) {
		return &problem{status: http.StatusConflict, code: api.CodeTooManyRequests, text: err.Error()}
	}
	if err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, struct{}{})
}

func checkRequest(r *api.Request) error {
	r.Text = strings.TrimSpace(r.Text)
	switch n := utf8.RuneCountInString(r.Text); {
	case n == 0:
		return badRequest("text is missing: say why")
	case n > maxText || !utf8.ValidString(r.Text):
		return badRequest(fmt.Sprintf("text has %d characters, want at most %d", n, maxText))
	}
	if _, err := time.Parse(time.DateOnly, r.Until); r.Until != "" && err != nil {
		return badRequest(fmt.Sprintf("until %.40q: want a day such as 2006-01-02", r.Until))
	}
	return nil
}
