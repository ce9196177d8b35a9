package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"beagle/agent/api"
)

// Records returns the records that are on the disk, ordered by app and owner.
func (s *Store) Records(ctx context.Context, includeClosed bool) (list []api.Stored, err error) {
	where := `WHERE state = 'open'`
	if includeClosed {
		where = ""
	}
	err = s.view(func(db *sql.DB) error {
		list, err = readRecords(ctx, db, s.opening.Epoch, where)
		return err
	})
	return list, err
}

// Record returns one record, open or closed, and whether there is one.
func (s *Store) Record(ctx context.Context, id string) (r api.Stored, found bool, err error) {
	if p := s.owed(); p != nil {
		if i := slices.IndexFunc(p.records, func(r row) bool { return r.id == id }); i >= 0 {
			r, err = p.records[i].decode()
			return r, err == nil, err
		}
		return r, false, nil
	}
	err = s.view(func(db *sql.DB) error {
		list, err := readRecords(ctx, db, s.opening.Epoch, `WHERE id = ?`, id)
		if len(list) > 0 {
			r, found = list[0], true
		}
		return err
	})
	return r, found, err
}

// History returns what happened to a record, or to all where id is "", the newest first and
// at most limit entries.
func (s *Store) History(ctx context.Context, limit int, id string) ([]api.HistoryEntry, error) {
	query, args := `SELECT time, record, revision, what, reason, app, owner, verdict FROM history`, []any{}
	if id != "" {
		query, args = query+` WHERE record = ?`, append(args, id)
	}
	list := []api.HistoryEntry{}
	err := s.view(func(db *sql.DB) error {
		return each(ctx, db, query+` ORDER BY seq DESC LIMIT ?`, append(args, max(limit, 0)), func(row scanner) error {
			var h api.HistoryEntry
			var at int64
			err := row(&at, &h.RecordID, &h.Revision, &h.What, &h.Reason, &h.App, &h.Owner, &h.Verdict)
			h.Time = fromMicro(at)
			list = append(list, h)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	if p := s.owed(); p != nil {
		list = p.overHistory(list, max(limit, 0), id)
	}
	return list, nil
}

// row is a record as it lies in the store. Most are only compared, so the body is decoded when
// it is asked for.
type row struct {
	api.Stored // without the record itself where it was read
	id         string
	body       []byte // JSON of the record
}

// decode fills in the record itself.
func (r *row) decode() (api.Stored, error) {
	out := r.Stored
	out.Record = api.Record{} // lest what is there already be filled in, and changed for others
	if err := json.Unmarshal(r.body, &out.Record); err != nil {
		return out, fmt.Errorf("%w: record %q: %w", ErrCorrupt, r.id, err)
	}
	if out.ID != r.id {
		return out, fmt.Errorf("%w: record %q holds %q", ErrCorrupt, r.id, out.ID)
	}
	return out, nil
}

func readRows(ctx context.Context, db querier, epoch, where string, args ...any) (list []row, err error) {
	const columns = `SELECT id, revision, first_seen, last_seen, closed_at, closed_reason, body FROM records `
	err = each(ctx, db, columns+where+` ORDER BY app, owner, id`, args, func(scan scanner) error {
		r := row{Stored: api.Stored{Epoch: epoch}}
		var first, last int64
		var closed *int64
		err := scan(&r.id, &r.Revision, &first, &last, &closed, &r.ClosedReason, &r.body)
		r.FirstSeen, r.LastSeen, r.ClosedAt = fromMicro(first), fromMicro(last), fromMicroOrNil(closed)
		list = append(list, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return list, nil
}

func readRecords(ctx context.Context, db querier, epoch, where string, args ...any) ([]api.Stored, error) {
	rows, err := readRows(ctx, db, epoch, where, args...)
	if err != nil {
		return nil, err
	}
	list := make([]api.Stored, len(rows))
	for i := range rows {
		if list[i], err = rows[i].decode(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func writeRecord(ctx context.Context, tx *sql.Tx, r *row) error {
	state, closed := "open", (*int64)(nil)
	if r.ClosedAt != nil {
		at := r.ClosedAt.UnixMicro()
		state, closed = "closed", &at
	}
	const upsert = `INSERT INTO records (id, app, owner, state, revision, first_seen, last_seen, closed_at, closed_reason, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET app = excluded.app, owner = excluded.owner, state = excluded.state,
			revision = excluded.revision, first_seen = excluded.first_seen, last_seen = excluded.last_seen,
			closed_at = excluded.closed_at, closed_reason = excluded.closed_reason, body = excluded.body`
	_, err := tx.ExecContext(ctx, upsert, r.id, r.App.ID, r.Owner, state, r.Revision,
		r.FirstSeen.UnixMicro(), r.LastSeen.UnixMicro(), closed, r.ClosedReason, string(r.body))
	return err
}

func writeHistory(ctx context.Context, tx *sql.Tx, c *api.Change) error {
	const insert = `INSERT INTO history (time, record, revision, what, reason, app, owner, verdict) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	r := &c.Record
	_, err := tx.ExecContext(ctx, insert, c.Time.UnixMicro(), r.ID, r.Revision, c.What, c.Reason, r.App.ID, r.Owner, r.Verdict)
	return err
}
