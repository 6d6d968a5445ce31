package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"purposebound": main})
}

// TestScripts runs what a person types and compares what is printed. Each script begins in a copy of testdata/world.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "")
			e.Setenv("TERM", "xterm")
			return os.CopyFS(e.WorkDir, os.DirFS(filepath.Join("testdata", "world")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "digestless": digestless, "trail": makeTrail, "spoil": spoil},
	})
}
