package filetrail

import (
	"os"
	"path/filepath"
)

// OpenTemp opens a trail in a new directory among the temporary files: for trying things out, and tests. Nobody
// removes it.
func OpenTemp(opts Options) (*Trail, error) {
	parent, err := os.MkdirTemp("", "trail")
	if err != nil {
		return nil, err
	}
	return Open(filepath.Join(parent, "trail"), opts)
}
