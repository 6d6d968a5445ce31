package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/purpose/purposevet"
)

const usage = `purposevet reports personal data that passes the guard by.

	purposevet [-register file] [flags of go vet] [packages]
	go vet -vettool=$(which purposevet) [-register=file] [packages]

The register is the YAML of purpose/registerfile. The exit code is 1 if anything is found or does not compile.
`

// finding is one diagnostic as go vet -json prints it.
type finding struct {
	Category string `json:"category"`
	Posn     string `json:"posn"`
	Message  string `json:"message"`
}

// run has go vet analyze the packages, with this program as its tool. It prints the findings, then the declarations, and counts both.
func run(args []string, out, errs io.Writer) int {
	if slices.ContainsFunc(args, func(a string) bool { return strings.TrimLeft(a, "-") == "h" || strings.TrimLeft(a, "-") == "help" }) {
		fmt.Fprint(out, usage)
		return 0
	}
	self, err := os.Executable()
	if err == nil {
		args, err = withRegister(args)
	}
	if err != nil {
		fmt.Fprintln(errs, "purposevet:", err)
		return 2
	}
	command := []string{"vet", "-vettool=" + self}
	if slices.ContainsFunc(args, isOutput) {
		return execute(append(command, args...), out, errs)
	}
	var printed bytes.Buffer
	code := execute(append(append(command, "-json", "-declared"), args...), &printed, errs)
	findings, declared, err := sorted(&printed)
	if err != nil {
		fmt.Fprintln(errs, "purposevet:", err)
		return 2
	}
	for _, f := range append(slices.Clip(findings), declared...) {
		fmt.Fprintf(out, "%s: %s\n", relative(f.Posn), f.Message)
	}
	if code != 0 {
		return code
	}
	fmt.Fprintf(out, "purposevet: %d findings, %d declarations\n", len(findings), len(declared))
	if len(findings) > 0 {
		return 1
	}
	return 0
}

func isOutput(arg string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	return strings.HasPrefix(arg, "-") && (name == "fix" || name == "diff" || name == "json")
}

func execute(args []string, out, errs io.Writer) int {
	cmd := exec.Command("go", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, errs
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1)
	}
	fmt.Fprintln(errs, "purposevet:", err)
	return 2
}

// withRegister makes the register's path absolute, for go vet works in other folders, and names its content: go vet
// would give the answers of another content otherwise.
func withRegister(args []string) ([]string, error) {
	args = slices.Clone(args)
	for i, a := range args {
		name, path, inline := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if name != "register" || !strings.HasPrefix(a, "-") {
			continue
		}
		if !inline {
			if i+1 == len(args) {
				return nil, errors.New("-register needs a path")
			}
			path = args[i+1]
		}
		path, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("register: %w", err)
		}
		sum := sha256.Sum256(data)
		rest := args[i+1:]
		if !inline {
			rest = args[i+2:]
		}
		return append(append(args[:i:i], "-register="+path, "-digest="+hex.EncodeToString(sum[:])), rest...), nil
	}
	return args, nil
}

// sorted reads what go vet printed, one JSON object for each package. A file in two of them, as it is and with its tests, counts once.
func sorted(r io.Reader) (findings, declared []finding, err error) {
	seen := map[finding]bool{}
	for dec := json.NewDecoder(r); ; {
		var packages map[string]map[string]json.RawMessage
		if err := dec.Decode(&packages); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, nil, fmt.Errorf("the output of go vet: %w", err)
		}
		for pkg, analyzers := range packages {
			for _, raw := range analyzers {
				var list []finding
				if json.Unmarshal(raw, &list) != nil {
					return nil, nil, fmt.Errorf("%s: %s", pkg, raw)
				}
				for _, f := range list {
					if seen[f] {
						continue
					}
					seen[f] = true
					if f.Category == purposevet.CategoryDeclared {
						declared = append(declared, f)
					} else {
						findings = append(findings, f)
					}
				}
			}
		}
	}
	byPlace := func(a, b finding) int { return strings.Compare(a.Posn+a.Message, b.Posn+b.Message) }
	slices.SortFunc(findings, byPlace)
	slices.SortFunc(declared, byPlace)
	return findings, declared, nil
}

// relative is a position as seen from here.
func relative(posn string) string {
	if dir, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(dir, posn); err == nil && !strings.HasPrefix(rel, "..") {
			return rel
		}
	}
	return posn
}
