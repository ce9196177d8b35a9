package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"beagle/agent/api"
)

// maxRequests bounds what one user may have asked: nobody disputes more.
const maxRequests = 100

// ErrTooMany says that a user asked more than is kept.
var ErrTooMany = errors.New("too many requests")

// Ask keeps what a person asked about a record; id and time are filled in.
func (s *Store) Ask(ctx context.Context, r api.Request) (api.Request, error) {
	r.At = toMicro(s.now())
	r.ID = newID(r.At)
	err := s.turn(ctx)
	if err == nil {
		defer s.done()
		_, err = s.update(ctx, func(tx *sql.Tx) error {
			var count int
			if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM requests WHERE user = ?`, r.User).Scan(&count); err != nil {
				return err
			}
			if count >= maxRequests {
				return ErrTooMany
			}
			const insert = `INSERT INTO requests (id, record, kind, user, text, until, at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
			_, err := tx.ExecContext(ctx, insert, r.ID, r.Record, r.Kind, r.User, r.Text, r.Until, r.At.UnixMicro(), r.Status)
			return err
		})
	}
	if err != nil {
		return api.Request{}, fmt.Errorf("keep a request: %w", err)
	}
	return r, nil
}

// Requests returns all that people asked, the newest first.
func (s *Store) Requests(ctx context.Context) ([]api.Request, error) {
	list := []api.Request{}
	err := s.view(func(db *sql.DB) error {
		const query = `SELECT id, record, kind, user, text, until, at, status FROM requests ORDER BY at DESC, id DESC`
		return each(ctx, db, query, nil, func(row scanner) error {
			var r api.Request
			var at int64
			err := row(&r.ID, &r.Record, &r.Kind, &r.User, &r.Text, &r.Until, &at, &r.Status)
			r.At = fromMicro(at)
			list = append(list, r)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	return list, nil
}
