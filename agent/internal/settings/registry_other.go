//go:build !windows

package settings

import "errors"

// readRegistry fails: only a test or a slip names a registry key here.
func readRegistry(string) (*registryKey, error) {
	return nil, errors.New("this system has no registry")
}

func registryStamp(string) string { return "" }
