package store

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestAnotherProgramThatHoldsTheFile(t *testing.T) {
	// Given a database in which another program is writing, as an administrator's shell may,
	path := filepath.Join(t.TempDir(), "x.db")
	if err := emptyFile(path); err != nil {
		t.Fatal(err)
	}
	first, err := connect(path, []string{"journal_mode(wal)"})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := connect(path, []string{"busy_timeout(1)"})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	tx, err := first.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	// when the agent wants to write, then it cannot at present, and goes on.
	_, err = second.BeginTx(t.Context(), nil)
	if err == nil || !errors.Is(classify(err), ErrUnwritable) {
		t.Errorf("got %v, want that it cannot be written", classify(err))
	}
}
