package tray

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// childOptions is the variable that makes the test program a tray: the options as JSON.
const childOptions = "BEAGLE_TRAY_OPTIONS"

// TestMain lets tests run the whole tray, which a program can have only once, as a program of
// its own.
func TestMain(m *testing.M) {
	text, child := os.LookupEnv(childOptions)
	if !child {
		os.Exit(m.Run())
	}
	if err := beTray(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func beTray(text string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var o Options
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	o.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	slog.SetDefault(o.Log)
	return Run(ctx, o)
}
