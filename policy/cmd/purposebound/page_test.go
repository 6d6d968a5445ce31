package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the commands of the page print into it")

const page = "../../first-policy.md"

// TestFirstPolicyPage lives through the page: it writes its files, types its commands, and compares all that they print.
// Commands of OPA run where it is installed, and must be where servers must.
func TestFirstPolicyPage(t *testing.T) {
	path, err := filepath.Abs(page)
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	t.Chdir(dir)
	t.Setenv("NO_COLOR", "1")
	_, err = exec.LookPath("opa")
	hasOPA := err == nil
	if os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS") != "" {
		require.True(t, hasOPA, "the real opa must be on the PATH")
	}

	var out strings.Builder
	files, commands := 0, 0
	for rest := string(text); rest != ""; {
		before, block, found := strings.Cut(rest, "\n```")
		out.WriteString(before)
		if !found {
			break
		}
		out.WriteString("\n```")
		body, after, closed := strings.Cut(block, "\n```\n")
		require.True(t, closed, "a block has no end")
		info, content, _ := strings.Cut(body, "\n")
		language, name, isFile := strings.Cut(info, " ")
		switch {
		case isFile:
			files++
			require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
			require.NoError(t, os.WriteFile(name, []byte(content+"\n"), 0o600))
		case language == "console":
			n, shown := converse(t, content, hasOPA)
			commands += n
			body = info + "\n" + shown
		}
		out.WriteString(body + "\n```\n")
		rest = after
	}
	require.GreaterOrEqual(t, files, 7)
	require.GreaterOrEqual(t, commands, 6)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(out.String()), 0o644))
		return
	}
	require.Equal(t, strings.Split(string(text), "\n"), strings.Split(out.String(), "\n"), "run with -update and read the difference")
}

// converse types the commands of a block and returns it with what they really print.
func converse(t *testing.T, block string, hasOPA bool) (n int, shown string) {
	var out []string
	for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
		line, said, _ := strings.Cut(part, "\n")
		args := words(t, line)
		out = append(out, "$ "+line)
		var printed bytes.Buffer
		switch args[0] {
		case "purposebound":
			if code := run(args[1:], strings.NewReader(""), &printed, &printed); code != exitFine {
				fmt.Fprintf(&printed, "exit status %d\n", code)
			}
		case "opa":
			if !hasOPA {
				if said != "" {
					out = append(out, said)
				}
				continue
			}
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Stdout, cmd.Stderr = &printed, &printed
			if err := cmd.Run(); err != nil {
				fmt.Fprintln(&printed, err)
			}
		default:
			t.Fatalf("the page types %q", args[0])
		}
		n++
		if s := strings.TrimRight(printed.String(), "\n"); s != "" {
			out = append(out, s)
		}
	}
	return n, strings.Join(out, "\n")
}

// words splits a command line; double quotes hold words together.
func words(t *testing.T, line string) (list []string) {
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			list = append(list, part)
		} else {
			list = append(list, strings.Fields(part)...)
		}
	}
	require.NotEmpty(t, list)
	return list
}
