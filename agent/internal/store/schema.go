package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"time"
)

// Every file of the folder leads from one version to the next, in the order of their names;
// none of them changes once released.
//
//go:embed migrations/*.sql
var migrations embed.FS

// applicationID tells the store from databases of other programs: "Bgle".
// https://www.sqlite.org/pragma.html#pragma_application_id
const applicationID = 0x42676c65

// steps returns what leads from each version to the next; their number is the newest version.
func steps() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var all []string
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, string(text))
	}
	return all, nil
}

// begin makes an empty database a store with an epoch of its own.
func begin(ctx context.Context, db *sql.DB, now time.Time) (string, error) {
	if err := migrate(ctx, db, 0); err != nil {
		return "", err
	}
	epoch := newID(now)
	_, err := db.ExecContext(ctx, `INSERT INTO store (one, epoch, created, tidied, base, dropped) VALUES (1, ?, ?, ?, 0, 0)`,
		epoch, now.UnixMicro(), now.UnixMicro())
	return epoch, err
}

// migrate brings a database from a version to the newest, all steps or none.
func migrate(ctx context.Context, db *sql.DB, version int) error {
	all, err := steps()
	if err != nil || version == len(all) {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after the commit
	for i := version; i < len(all); i++ {
		if _, err := tx.ExecContext(ctx, all[i]); err != nil {
			return fmt.Errorf("step %d of the schema: %w", i+1, err)
		}
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(all)))
	if err != nil {
		return err
	}
	return tx.Commit()
}

// examine finds out whether the file is a sound store of a version this agent knows, brings
// it to the newest and returns its epoch. The error is a *flaw if the file must be set aside.
func (f *files) examine(ctx context.Context) (string, error) {
	var id, version int
	if err := f.write.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return "", err
	}
	if err := f.write.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return "", err
	}
	all, err := steps()
	switch {
	case err != nil:
		return "", err
	case id != applicationID || version < 1:
		return "", &flaw{code: CodeForeign, text: fmt.Sprintf("application id %#x", id)}
	case version > len(all):
		return "", &flaw{
			code: CodeNewer, text: fmt.Sprintf("version %d is newer than %d", version, len(all)),
			args: map[string]string{"version": strconv.Itoa(version), "known": strconv.Itoa(len(all))},
		}
	}
	var verdict string
	if err := f.write.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return "", err
	}
	if verdict != "ok" {
		return "", fmt.Errorf("%w: %s", ErrCorrupt, verdict)
	}
	if err := migrate(ctx, f.write, version); err != nil {
		return "", err
	}
	return f.readAll(ctx)
}

// readAll reads everything that this package decodes, and returns the epoch.
func (f *files) readAll(ctx context.Context) (epoch string, err error) {
	if err := f.read.QueryRowContext(ctx, `SELECT epoch FROM store`).Scan(&epoch); err != nil {
		return "", fmt.Errorf("read the epoch: %w", err)
	}
	if _, err := readEvidence(ctx, f.read); err != nil {
		return "", err
	}
	if _, err := readRecords(ctx, f.read, epoch, ""); err != nil {
		return "", err
	}
	_, err = readCoverage(ctx, f.read)
	return epoch, err
}
