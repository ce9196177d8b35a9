package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"beagle/agent/api"
	"beagle/detectors/catalog"
)

// kept is a piece of evidence as it lies in the store.
type kept struct {
	id   int64 // 0 until it is stored
	mark int64 // the sweep that last confirmed it
	ev   catalog.Evidence
	// confirmed says that it was seen again since it was stored, and altered that it was not
	// what it had been.
	confirmed, altered bool
}

// fact is what makes two pieces of evidence the same. Two processes of one program are two
// facts, and so are two copies that one file points to.
type fact struct {
	probe, area string
	os          catalog.OS
	kind        catalog.Kind
	path, value string
	owner       string
	pid, root   string
}

func factOf(ev *catalog.Evidence) fact {
	return fact{
		ev.Probe, ev.Area, ev.OS, ev.Kind, ev.Path, ev.Value, ev.Owner,
		ev.Attributes["pid"], ev.Attributes[catalog.AttrRoot],
	}
}

func (f fact) compare(g fact) int {
	return cmp.Or(
		cmp.Compare(f.probe, g.probe), cmp.Compare(f.area, g.area),
		cmp.Compare(f.os, g.os), cmp.Compare(f.kind, g.kind),
		cmp.Compare(f.path, g.path), cmp.Compare(f.value, g.value), cmp.Compare(f.owner, g.owner),
		cmp.Compare(f.pid, g.pid), cmp.Compare(f.root, g.root))
}

// reference is what a record says of the evidence it rests on. Records travel as JSON, which
// replaces what is not valid UTF-8; a reference is how the text looks afterwards.
type reference struct{ kind, value, path, area string }

func referenceOf(ev *catalog.Evidence) reference {
	return reference{string(ev.Kind), readable(ev.Value), readable(ev.Path), readable(ev.Area)}
}

func referenceIn(ev *api.Evidence) reference {
	return reference{ev.Kind, readable(ev.Value), readable(ev.Path), readable(ev.Area)}
}

// readable replaces every byte that is not valid UTF-8, as encoding/json does.
func readable(s string) string { return string([]rune(s)) }

// querier is a database, or a transaction in it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readEvidence returns all evidence in the order of its facts.
func readEvidence(ctx context.Context, db querier) ([]kept, error) {
	attributes := map[int64]map[string]string{}
	err := each(ctx, db, `SELECT evidence, name, value FROM attributes`, nil, func(row scanner) error {
		var id int64
		var name, value string
		err := row(&id, &name, &value)
		if attributes[id] == nil {
			attributes[id] = map[string]string{}
		}
		attributes[id][name] = value
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	var all []kept
	const query = `SELECT id, mark, probe, area, os, kind, value, path, owner, seen FROM evidence`
	err = each(ctx, db, query, nil, func(row scanner) error {
		var k kept
		var seen int64
		err := row(&k.id, &k.mark, &k.ev.Probe, &k.ev.Area, &k.ev.OS, &k.ev.Kind, &k.ev.Value, &k.ev.Path, &k.ev.Owner, &seen)
		k.ev.Seen, k.ev.Attributes = fromMicro(seen), attributes[k.id]
		all = append(all, k)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	slices.SortFunc(all, func(a, b kept) int { return factOf(&a.ev).compare(factOf(&b.ev)) })
	return all, nil
}

// writeEvidence makes the stored evidence what is believed now.
func writeEvidence(ctx context.Context, tx *sql.Tx, all []kept, withdrawn []int64) error {
	for _, id := range withdrawn {
		if _, err := tx.ExecContext(ctx, `DELETE FROM attributes WHERE evidence = ?`, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM evidence WHERE id = ?`, id); err != nil {
			return err
		}
	}
	for i := range all {
		var err error
		switch k := &all[i]; {
		case k.id == 0:
			err = insertEvidence(ctx, tx, k)
		case k.confirmed:
			err = updateEvidence(ctx, tx, k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func insertEvidence(ctx context.Context, tx *sql.Tx, k *kept) error {
	const insert = `INSERT INTO evidence (mark, probe, area, os, kind, value, path, owner, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	result, err := tx.ExecContext(ctx, insert, k.mark, k.ev.Probe, k.ev.Area, string(k.ev.OS), string(k.ev.Kind),
		k.ev.Value, k.ev.Path, k.ev.Owner, k.ev.Seen.UnixMicro())
	if err != nil {
		return err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return err
	}
	return writeAttributes(ctx, tx, id, k.ev.Attributes)
}

func updateEvidence(ctx context.Context, tx *sql.Tx, k *kept) error {
	_, err := tx.ExecContext(ctx, `UPDATE evidence SET seen = ?, mark = ? WHERE id = ?`, k.ev.Seen.UnixMicro(), k.mark, k.id)
	if err != nil || !k.altered {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM attributes WHERE evidence = ?`, k.id); err != nil {
		return err
	}
	return writeAttributes(ctx, tx, k.id, k.ev.Attributes)
}

func writeAttributes(ctx context.Context, tx *sql.Tx, id int64, attributes map[string]string) error {
	for name, value := range attributes {
		if _, err := tx.ExecContext(ctx, `INSERT INTO attributes (evidence, name, value) VALUES (?, ?, ?)`, id, name, value); err != nil {
			return err
		}
	}
	return nil
}

// scanner reads the columns of the present row.
type scanner func(columns ...any) error

// each calls take for every row of the answer.
func each(ctx context.Context, db querier, query string, args []any, take func(scanner) error) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// The store counts time in microseconds; what is handed out is what would be read back.

func toMicro(t time.Time) time.Time   { return t.UTC().Truncate(time.Microsecond) }
func fromMicro(micro int64) time.Time { return time.UnixMicro(micro).UTC() }
func fromMicroOrNil(m *int64) *time.Time {
	if m == nil {
		return nil
	}
	t := fromMicro(*m)
	return &t
}
