// Package catalog knows what apps look like.
//
// A probe hands in [Evidence], one fact seen on a host. [Index.Match] compares all
// evidence of a sweep with the indicators of every catalogued [App] and returns a
// [Finding] for each app and owner, with the evidence that led there. The package is
// pure: it opens no file of the host, asks no clock and never decides whether an app
// is allowed (that is agent/policy).
//
// What ships in the binary is generated from apps/*.yaml into embedded_gen.go, so that
// start-up parses no YAML; [Load] reads the same format from a directory at run time.
//
// Promises: an app id never changes its meaning; the strings of [Kind], [Presence],
// [Strength] and [Confidence] travel in reports and are never renamed.
package catalog

//go:generate go run ./internal/generate
