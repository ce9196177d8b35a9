package store

import (
	"context"
	"database/sql"
	"time"
)

const day = 24 * time.Hour

const (
	// retention is how long history, closed records and the coverage of areas that are not
	// looked at any more are kept.
	retention = 400 * day
	// leap is how far the clock may go on between two looks for old rows. A machine whose
	// clock stood wrong, or that lay in a drawer, keeps everything for one more day: enough
	// for a clock to be put right and for the outbox to be delivered.
	leap = 20 * day
	// freePages is how many pages (of 4 KiB) go back to the disk per day.
	freePages = "5000"
)

// tidy forgets what has grown old, once a day.
func tidy(ctx context.Context, tx *sql.Tx, at time.Time) error {
	var micro int64
	if err := tx.QueryRowContext(ctx, `SELECT tidied FROM store`).Scan(&micro); err != nil {
		return err
	}
	since := at.Sub(fromMicro(micro))
	if since >= 0 && since < day {
		return nil
	}
	if since >= day && since <= leap {
		if err := expire(ctx, tx, at); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE store SET tidied = ?`, at.UnixMicro())
	return err
}

// maxChanges is how many changes of one record are kept.
const maxChanges = 1000

// trimHistory forgets the oldest changes of a record that has too many.
func trimHistory(ctx context.Context, tx *sql.Tx, record string) error {
	const drop = `DELETE FROM history WHERE record = ? AND seq <=
		(SELECT seq FROM history WHERE record = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)`
	_, err := tx.ExecContext(ctx, drop, record, record, maxChanges)
	return err
}

// expire forgets what is too old. A forgotten record that comes back goes on counting
// revisions above its last, since others may remember it.
func expire(ctx context.Context, tx *sql.Tx, at time.Time) error {
	old := at.Add(-retention).UnixMicro()
	if err := drop(ctx, tx, `DELETE FROM outbox WHERE time < ?`, at.Add(-maxOutboxAge).UnixMicro()); err != nil {
		return err
	}
	for _, query := range []string{
		`UPDATE store SET base = max(base, (SELECT coalesce(max(revision), 0) FROM records WHERE state = 'closed' AND closed_at < ?))`,
		`DELETE FROM records WHERE state = 'closed' AND closed_at < ?`,
		`DELETE FROM history WHERE time < ?`,
		`DELETE FROM coverage WHERE at < ?`,
		`DELETE FROM requests WHERE at < ?`,
	} {
		if _, err := tx.ExecContext(ctx, query, old); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `PRAGMA incremental_vacuum(`+freePages+`)`)
	return err
}
