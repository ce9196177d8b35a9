// Command kills kills an agent at random moments, again and again, while the machine that it
// watches changes, and then holds the agent to everything that it had said: kills BEAGLE DIR
// FOLDER ROUNDS. DIR is for the agent, FOLDER is where a banned app comes and goes.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"beagle/agent/api"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kills:", err)
		os.Exit(1)
	}
}

// witness remembers what agents said.
type witness struct {
	beagle, dir, folder string
	client              *api.Client
	said                map[string]api.HistoryEntry
}

func run(args []string) error {
	if len(args) != 4 {
		return errors.New("want BEAGLE DIR FOLDER ROUNDS")
	}
	rounds, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	socket := filepath.Join(args[1], "run", "s")
	w := &witness{beagle: args[0], dir: args[1], folder: args[2], client: api.NewClient(socket), said: map[string]api.HistoryEntry{}}
	if err := os.WriteFile(filepath.Join(w.dir, "settings.yaml"), []byte("schedule: {deep: off}\n"), 0o600); err != nil {
		return err
	}
	answered := 0
	for i := range rounds {
		// Anything from before the agent can open its memory to long after it is through.
		life := time.Duration(rand.IntN(700)) * time.Millisecond
		if err := w.toggle(i%2 == 0); err != nil {
			return err
		}
		heard, err := w.life(ctx, life)
		if err != nil {
			return fmt.Errorf("round %d: %w", i+1, err)
		}
		if heard {
			answered++
		}
	}
	if err := w.check(ctx); err != nil {
		return err
	}
	if answered < rounds/4 || len(w.said) < rounds/8 {
		return fmt.Errorf("of %d agents only %d answered and said %d things: too little to tell", rounds, answered, len(w.said))
	}
	fmt.Printf("%d kills, %d agents answered, %d things said, none lost\n", rounds, answered, len(w.said))
	return nil
}

// toggle has the app come or go.
func (w *witness) toggle(there bool) error {
	if !there {
		return os.RemoveAll(w.folder)
	}
	if err := os.MkdirAll(w.folder, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"wps", "et", "wpp", "wpspdf"} {
		if err := os.WriteFile(filepath.Join(w.folder, name), append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 57)...), 0o755); err != nil {
			return err
		}
	}
	return nil
}

func (w *witness) start(ctx context.Context) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, w.beagle, "run", "--state", filepath.Join(w.dir, "state"),
		"--socket", filepath.Join(w.dir, "run", "s"), "--settings", filepath.Join(w.dir, "settings.yaml"))
	log, err := os.OpenFile(filepath.Join(w.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stderr = log
	return cmd, cmd.Start()
}

// life lets one agent live for a while, listens to what it says, and kills it.
func (w *witness) life(ctx context.Context, d time.Duration) (heard bool, err error) {
	cmd, err := w.start(ctx)
	if err != nil {
		return false, err
	}
	limit, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for limit.Err() == nil {
		if w.listen(limit) == nil {
			heard = true
		}
		timer := time.NewTimer(5 * time.Millisecond)
		select {
		case <-limit.Done():
		case <-timer.C:
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		return heard, err
	}
	var ended *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &ended) || ended.ExitCode() != -1 {
		return heard, fmt.Errorf("the agent ended by itself: %w", err)
	}
	return heard, ctx.Err()
}

func key(h *api.HistoryEntry) string { return fmt.Sprint(h.RecordID, " ", h.Revision, " ", h.What) }

// listen remembers everything that the agent says happened.
func (w *witness) listen(ctx context.Context) error {
	history, err := w.client.History(ctx, "", 1000)
	if err != nil {
		return err
	}
	for _, h := range history {
		w.said[key(&h)] = h
	}
	return nil
}

// check holds one more agent to what was said.
func (w *witness) check(ctx context.Context) (err error) {
	cmd, err := w.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()) }()
	limit, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	enough := errors.New("enough")
	var now api.Snapshot
	for {
		err := w.client.Events(limit, func(e api.Event) error {
			if now = now.With(e); now.LastSweep != nil && now.Activity == "idle" {
				return enough
			}
			return nil
		})
		if errors.Is(err, enough) {
			break
		}
		if limit.Err() != nil {
			return fmt.Errorf("the last agent does not answer: %w", err)
		}
	}
	for _, c := range now.Conditions {
		if c.Code == api.ConditionStoreSetAside || c.Code == api.ConditionStoreUnwritable {
			return fmt.Errorf("the last agent says %s: %v", c.Code, c.Args)
		}
	}
	history, err := w.client.History(limit, "", 1000)
	if err != nil {
		return err
	}
	kept := map[string]api.HistoryEntry{}
	for _, h := range history {
		kept[key(&h)] = h
	}
	for k, h := range w.said {
		if got, ok := kept[k]; !ok || !got.Time.Equal(h.Time) || got.Verdict != h.Verdict {
			return fmt.Errorf("an agent said %+v, and now it is %+v", h, got)
		}
	}
	return nil
}
