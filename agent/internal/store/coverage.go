package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"beagle/agent/api"
	"beagle/detectors/catalog"
)

// Coverage says how looking at every area ended the last time, ordered by probe and area.
func (s *Store) Coverage(ctx context.Context) (list []api.Coverage, err error) {
	err = s.view(func(db *sql.DB) error {
		list, err = readCoverage(ctx, db)
		return err
	})
	if p := s.owed(); p != nil && err == nil {
		list = p.overCoverage(list)
	}
	return list, err
}

// Evidence returns all evidence that is believed, in the order in which a judge gets it.
func (s *Store) Evidence(ctx context.Context) ([]catalog.Evidence, error) {
	if p := s.owed(); p != nil {
		return believed(p.evidence), nil
	}
	var all []kept
	err := s.view(func(db *sql.DB) (err error) {
		all, err = readEvidence(ctx, db)
		return err
	})
	return believed(all), err
}

// Meta returns a small value that was kept with [Store.SetMeta], "" if none was.
func (s *Store) Meta(ctx context.Context, key string) (value string, err error) {
	err = s.view(func(db *sql.DB) error {
		return each(ctx, db, `SELECT value FROM meta WHERE key = ?`, []any{key}, func(row scanner) error { return row(&value) })
	})
	if err != nil {
		return "", fmt.Errorf("read %q: %w", key, err)
	}
	return value, nil
}

// SetMeta keeps a small value, such as the time of the last full sweep.
func (s *Store) SetMeta(ctx context.Context, key, value string) error {
	err := s.turn(ctx)
	if err == nil {
		defer s.done()
		_, err = s.update(ctx, func(tx *sql.Tx) error {
			const upsert = `INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`
			_, err := tx.ExecContext(ctx, upsert, key, value)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("keep %q: %w", key, err)
	}
	return nil
}

func readCoverage(ctx context.Context, db querier) ([]api.Coverage, error) {
	list := []api.Coverage{}
	const query = `SELECT probe, area, status, examined, at, last_finished, error FROM coverage ORDER BY probe, area`
	err := each(ctx, db, query, nil, func(row scanner) error {
		var c api.Coverage
		var at int64
		var finished *int64
		var problem []byte
		if err := row(&c.Probe, &c.Area, &c.Status, &c.Examined, &at, &finished, &problem); err != nil {
			return err
		}
		c.At, c.LastFinished = fromMicro(at), fromMicroOrNil(finished)
		if problem != nil {
			if err := json.Unmarshal(problem, &c.Error); err != nil {
				return fmt.Errorf("%w: area %q: %w", ErrCorrupt, c.Area, err)
			}
		}
		list = append(list, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read coverage: %w", err)
	}
	return list, nil
}

func writeCoverage(ctx context.Context, tx *sql.Tx, coverage map[place]api.Coverage, retired []string) error {
	for _, probe := range retired {
		if _, err := tx.ExecContext(ctx, `DELETE FROM coverage WHERE probe = ?`, probe); err != nil {
			return err
		}
	}
	for _, c := range coverage {
		var finished, problem any
		if c.LastFinished != nil {
			finished = c.LastFinished.UnixMicro()
		}
		if c.Error != nil {
			data, err := json.Marshal(c.Error)
			if err != nil {
				return fmt.Errorf("write area %q: %w", c.Area, err)
			}
			problem = string(data)
		}
		const upsert = `INSERT INTO coverage (probe, area, status, examined, at, last_finished, error) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (probe, area) DO UPDATE SET status = excluded.status, examined = excluded.examined, at = excluded.at,
				last_finished = coalesce(excluded.last_finished, last_finished), error = excluded.error`
		if _, err := tx.ExecContext(ctx, upsert, c.Probe, c.Area, c.Status, c.Examined, c.At.UnixMicro(), finished, problem); err != nil {
			return err
		}
	}
	return nil
}
