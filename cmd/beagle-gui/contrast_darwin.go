//go:build cgo || ci

package main

// highContrast is no: macOS tells only programs that use its own toolkit. The option --contrast
// does it.
func highContrast() bool { return false }
