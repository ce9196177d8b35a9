//go:build race

package window

// raced says that the race detector watches, which makes drawing eight times slower.
const raced = true
