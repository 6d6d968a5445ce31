// Package mortal kills processes, for tests of what they leave behind.
package mortal

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Kill runs the test binary as another process, with more in its environment, and kills it some time after its first line
// unless it has ended by then. It returns what the process had printed, line by line, without a last one that is cut short.
func Kill(t testing.TB, after time.Duration, env ...string) (lines []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			break
		}
		if lines = append(lines, strings.TrimSuffix(line, "\n")); len(lines) == 1 {
			defer time.AfterFunc(after, func() { _ = cmd.Process.Kill() }).Stop()
		}
	}
	_ = cmd.Wait()
	if len(lines) == 0 {
		t.Fatal("the process ended without a word")
	}
	return lines
}
