package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"beagle/agent/api"
)

// Limits of histories. More than is asked for is read, since what others may not see is left
// out afterwards.
const (
	defaultHistory = 200
	maxHistory     = 1000
	historySpare   = 10
)

func (s *server) snapshot(w http.ResponseWriter, _ *http.Request, who Viewer) error {
	return reply(w, http.StatusOK, visible(s.backend.Snapshot(), who))
}

func (s *server) record(w http.ResponseWriter, r *http.Request, who Viewer) error {
	record, err := s.find(r, who)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, record)
}

// find returns the record of the request. One that the asker may not see is not found, so
// that nobody learns of it by asking.
func (s *server) find(r *http.Request, who Viewer) (api.Stored, error) {
	id, err := idOf(r)
	if err != nil {
		return api.Stored{}, err
	}
	record, found, err := s.backend.Record(r.Context(), id)
	if err != nil {
		return api.Stored{}, err
	}
	if !found || !who.sees(record.Owner) {
		return api.Stored{}, nothing("record", id)
	}
	return visibleRecord(record, who), nil
}

func (s *server) history(w http.ResponseWriter, r *http.Request, who Viewer) error {
	query := r.URL.Query()
	limit, id := defaultHistory, query.Get("record")
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return badRequest(fmt.Sprintf("limit %.40q: want a number from 1 to %d", text, maxHistory))
		}
		limit = min(n, maxHistory)
	}
	if id != "" && !validID(id) {
		return badID(id)
	}
	read := limit
	if !who.Admin {
		read = historySpare * limit
	}
	entries, err := s.backend.History(r.Context(), read, id)
	if err != nil {
		return err
	}
	entries = keep(entries, func(e api.HistoryEntry) bool { return who.sees(e.Owner) })
	return reply(w, http.StatusOK, api.HistoryList{History: entries[:min(limit, len(entries))]})
}

func (s *server) coverage(w http.ResponseWriter, r *http.Request, who Viewer) error {
	list, err := s.backend.Coverage(r.Context())
	if err != nil {
		return err
	}
	list = keep(list, func(c api.Coverage) bool { return who.seesArea(c.Area) })
	return reply(w, http.StatusOK, api.CoverageList{Coverage: list})
}

func (s *server) app(w http.ResponseWriter, r *http.Request, _ Viewer) error {
	return lookUp(w, r, "app", s.backend.App)
}

func (s *server) policy(w http.ResponseWriter, r *http.Request, _ Viewer) error {
	return lookUp(w, r, "policy", s.backend.Policy)
}

func lookUp[T any](w http.ResponseWriter, r *http.Request, what string, find func(context.Context, string) (T, bool, error)) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	page, found, err := find(r.Context(), id)
	if err != nil {
		return err
	}
	if !found {
		return nothing(what, id)
	}
	return reply(w, http.StatusOK, page)
}

func (s *server) doctor(w http.ResponseWriter, r *http.Request, who Viewer) error {
	if wait := s.heavy.take(who.ID, time.Now()); wait > 0 {
		return tooSoon(wait)
	}
	doctor, err := s.backend.Doctor(r.Context())
	if err != nil {
		return err
	}
	doctor.Checks = keep(doctor.Checks, func(c api.Check) bool { return who.concerns(c.Args) })
	return reply(w, http.StatusOK, doctor)
}

// export answers with what is kept about the asker, and about nobody else, administrators
// too: records of their own and those of the machine that name them.
func (s *server) export(w http.ResponseWriter, r *http.Request, who Viewer) error {
	if wait := s.heavy.take(who.ID, time.Now()); wait > 0 {
		return tooSoon(wait)
	}
	who.Admin = false
	now := s.backend.Snapshot()
	history, err := s.backend.History(r.Context(), historySpare*maxHistory, "")
	if err != nil {
		return err
	}
	out := api.Export{
		Schema: api.ExportSchema, At: now.At, Host: now.Host, User: who.Owner, UserID: who.ID,
		History: keep(history, func(e api.HistoryEntry) bool { return sameName(e.Owner, who.Owner) }),
	}
	out.Records = keep(visible(now, who).Records, func(r api.Stored) bool { return about(&r, who) })
	closed, err := s.closed(r.Context(), out.History, out.Records)
	if err != nil {
		return err
	}
	for _, record := range closed {
		out.Records = append(out.Records, visibleRecord(record, who))
	}
	return reply(w, http.StatusOK, out)
}

// closed returns the records in the history that are not among the open ones.
func (s *server) closed(ctx context.Context, history []api.HistoryEntry, open []api.Stored) ([]api.Stored, error) {
	seen := map[string]bool{}
	for i := range open {
		seen[open[i].ID] = true
	}
	var list []api.Stored
	for _, e := range history {
		if seen[e.RecordID] {
			continue
		}
		seen[e.RecordID] = true
		record, found, err := s.backend.Record(ctx, e.RecordID)
		if err != nil {
			return nil, err
		}
		if found {
			list = append(list, record)
		}
	}
	return list, nil
}

// about reports whether a record says something about the viewer.
func about(r *api.Stored, who Viewer) bool {
	return sameName(r.Owner, who.Owner) || slices.ContainsFunc(r.Instances, func(in api.Instance) bool {
		return slices.ContainsFunc(in.Evidence, func(ev api.Evidence) bool {
			return sameName(ev.Attributes[attrUser], who.Account) || sameName(ev.Area, areaUser+who.Owner)
		})
	})
}

func (s *server) scan(w http.ResponseWriter, r *http.Request, who Viewer) error {
	var request api.ScanRequest
	if err := readBody(r, &request); err != nil {
		return err
	}
	if wait := s.scans.take(who.ID, time.Now()); wait > 0 {
		return tooSoon(wait)
	}
	return accepted(w, s.backend.RequestScan(r.Context(), request.Deep))
}

func (s *server) recheck(w http.ResponseWriter, r *http.Request, who Viewer) error {
	record, err := s.find(r, who)
	if err != nil {
		return err
	}
	if err := readBody(r, &struct{}{}); err != nil {
		return err
	}
	if wait := s.heavy.take(who.ID, time.Now()); wait > 0 {
		return tooSoon(wait)
	}
	return accepted(w, s.backend.Recheck(r.Context(), record.ID))
}

func accepted(w http.ResponseWriter, err error) error {
	var soon *TooSoonError
	switch {
	case err == nil:
		return reply(w, http.StatusAccepted, struct{}{})
	case errors.Is(err, ErrScanning):
		return &problem{status: http.StatusConflict, code: api.CodeScanning, text: err.Error()}
	case errors.As(err, &soon):
		return tooSoon(soon.Wait)
	}
	return err
}

// readBody reads one JSON value; no body at all is an empty one. What it does not know is an
// error, lest a wish be passed over in silence.
func readBody(r *http.Request, into any) error {
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	in := json.NewDecoder(r.Body)
	in.DisallowUnknownFields()
	err := in.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		_, err = in.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = errors.New("more than one value")
		}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooLarge()
	}
	return badRequest("the body is not understood: " + err.Error())
}

// validID accepts the ids of records, apps and policies: hex, a slug, a citation such as
// US-EO-13971.
func validID(id string) bool {
	ok, err := regexp.MatchString(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`, id)
	return err == nil && ok
}

func idOf(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if !validID(id) {
		return "", badID(id)
	}
	return id, nil
}

func badID(id string) *problem {
	return &problem{
		status: http.StatusBadRequest, code: api.CodeBadID,
		text: fmt.Sprintf("%.40q is no id: want letters, digits, dots, dashes and underscores", id),
	}
}

func badRequest(text string) *problem {
	return &problem{status: http.StatusBadRequest, code: api.CodeBadRequest, text: text}
}

func tooLarge() *problem {
	return &problem{
		status: http.StatusRequestEntityTooLarge, code: api.CodeTooLarge,
		args: map[string]string{"limit": strconv.Itoa(maxBody)}, text: fmt.Sprintf("the body has more than %d bytes", maxBody),
	}
}

func nothing(what, id string) *problem {
	return &problem{
		status: http.StatusNotFound, code: api.CodeNotFound,
		args: map[string]string{"what": what, "id": id}, text: fmt.Sprintf("there is no %s %q", what, id),
	}
}
