//go:build !race

package window

// raced says that the race detector watches.
const raced = false
