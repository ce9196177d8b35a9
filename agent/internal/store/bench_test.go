package store_test

import (
	"fmt"
	"testing"
	"time"

	"beagle/agent/internal/store"
	"beagle/detectors/catalog"
)

// BenchmarkApply keeps a live event (a program started, then ended) beside what a machine with
// ten apps has: what lies between an event and its durable record.
func BenchmarkApply(b *testing.B) {
	s, err := store.Open(b.Context(), b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	var seen []catalog.Evidence
	for i := range 100 {
		ev := saw("opt", "machine", fmt.Sprintf("app%d", i%10), "root", fmt.Sprintf("/opt/%d", i), "version", "1.2.3")
		seen = append(seen, ev)
	}
	if _, err := s.Apply(b.Context(), store.Sweep{Seen: seen}, judge); err != nil {
		b.Fatal(err)
	}
	process := []catalog.Evidence{saw("processes", "machine", "app11", "pid", "7", "user", "bob")}
	b.ResetTimer()
	started := time.Now()
	for i := range b.N {
		sweep := store.Sweep{Seen: process}
		if i%2 == 1 {
			sweep = store.Sweep{Gone: process}
		}
		if _, err := s.Apply(b.Context(), sweep, judge); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(started).Seconds(), "events/s")
}
