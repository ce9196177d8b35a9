// Package detectors looks at a host and returns evidence.
//
// A [Host] is one machine, live or as a mounted disk: its files, users, registry and
// processes. A [Probe] looks at one kind of place on a host, piece by piece; each piece is
// an area, and each area ends finished, partial, failed, skipped or unreachable. [Run] runs
// probes one after the other with a time limit each; a probe that panics or hangs costs
// only itself. No probe decides what a thing is (that is detectors/catalog), starts a child
// process, opens anything but regular files and folders, or leaves the host's root.
//
// Probes that read through Host compile everywhere, so that a Windows disk can be scanned
// from Linux. Only code that can run on one system alone has a GOOS file suffix.
package detectors
