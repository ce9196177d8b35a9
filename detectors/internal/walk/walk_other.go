//go:build !linux

package walk

func openRoot(path string) (folder, error) { return openPortable(path) }
