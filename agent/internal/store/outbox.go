package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"beagle/agent/api"
)

// The outbox is bounded in bytes of payload and in age; the oldest rows go first.
const (
	defaultOutbox = 50 << 20
	maxOutboxAge  = 30 * day
)

// Outgoing is a change that has yet to be told to the organisation.
type Outgoing struct {
	ID      string // that of the change
	Time    time.Time
	Payload []byte // the [api.Change] as JSON
}

// Backlog says how much has yet to be told.
type Backlog struct {
	Rows, Bytes int64
	Oldest      time.Time // zero if there is none
	// Dropped counts the changes that were given up, ever: the outbox was full or they were
	// too old.
	Dropped int64
}

// Outbox returns what has yet to be told, the oldest first and at most limit changes.
func (s *Store) Outbox(ctx context.Context, limit int) ([]Outgoing, error) {
	list := []Outgoing{}
	err := s.view(func(db *sql.DB) error {
		const query = `SELECT id, time, payload FROM outbox ORDER BY seq LIMIT ?`
		return each(ctx, db, query, []any{max(limit, 0)}, func(row scanner) error {
			var o Outgoing
			var at int64
			err := row(&o.ID, &at, &o.Payload)
			o.Time = fromMicro(at)
			list = append(list, o)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return list, nil
}

// Delivered forgets changes that were told. Unknown ids are ignored: they were dropped, or
// acknowledged twice.
func (s *Store) Delivered(ctx context.Context, ids []string) error {
	err := s.turn(ctx)
	if err == nil {
		defer s.done()
		_, err = s.update(ctx, func(tx *sql.Tx) error {
			for _, id := range ids {
				if _, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE id = ?`, id); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("empty outbox: %w", err)
	}
	return nil
}

// Backlog says how much has yet to be told.
func (s *Store) Backlog(ctx context.Context) (b Backlog, err error) {
	var oldest *int64
	err = s.view(func(db *sql.DB) error {
		const query = `SELECT count(*), coalesce(sum(size), 0), min(time), (SELECT dropped FROM store) FROM outbox`
		return db.QueryRowContext(ctx, query).Scan(&b.Rows, &b.Bytes, &oldest, &b.Dropped)
	})
	if err != nil {
		return Backlog{}, fmt.Errorf("measure outbox: %w", err)
	}
	if oldest != nil {
		b.Oldest = fromMicro(*oldest)
	}
	return b, nil
}

// post puts a change into the outbox.
func post(ctx context.Context, tx *sql.Tx, c *api.Change) error {
	payload, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("post change of %q: %w", c.Record.ID, err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO outbox (id, time, size, payload) VALUES (?, ?, ?, ?)`,
		c.ID, c.Time.UnixMicro(), len(payload), payload)
	return err
}

// trimOutbox drops the oldest rows until the rest is small enough.
func trimOutbox(ctx context.Context, tx *sql.Tx, limit int64) error {
	var size int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(sum(size), 0) FROM outbox`).Scan(&size); err != nil || size <= limit {
		return err
	}
	return drop(ctx, tx, `DELETE FROM outbox WHERE seq <= (
		SELECT max(seq) FROM (SELECT seq, sum(size) OVER (ORDER BY seq DESC) AS sum FROM outbox) WHERE sum > ?)`, limit)
}

// drop deletes rows of the outbox and counts them.
func drop(ctx context.Context, tx *sql.Tx, query string, arg any) error {
	result, err := tx.ExecContext(ctx, query, arg)
	if err != nil {
		return err
	}
	count, err := result.RowsAffected()
	if err != nil {
		return err
	}
	return addDropped(ctx, tx, count)
}

func addDropped(ctx context.Context, tx *sql.Tx, count int64) error {
	if count == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE store SET dropped = dropped + ?`, count)
	return err
}

// newID makes a UUID of version 7, which sorts by time:
// https://www.rfc-editor.org/rfc/rfc9562#section-5.7
func newID(at time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(max(at.UnixMilli(), 0))<<16)
	_, _ = rand.Read(id[6:]) // never fails: https://pkg.go.dev/crypto/rand#Read
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
