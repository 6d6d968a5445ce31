// Purposevet reports personal data that passes the guard by. See package purposevet for what it finds and how to declare
// what may be.
//
//	purposevet [-register file] [flags of go vet] [packages]
//	go vet -vettool=$(which purposevet) [-register=file] [packages]
//
// It ends with 1 if it finds anything, or if something does not compile. With -fix, -diff or -json it does what go vet does with them.
package main

import (
	"os"
	"strings"

	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/purposebound/purposebound/purpose/purposevet"
)

func main() {
	if args := os.Args[1:]; !asked(args) {
		os.Exit(run(args, os.Stdout, os.Stderr))
	}
	singlechecker.Main(purposevet.New())
}

// asked reports whether the go command calls, as it calls a tool for vet.
func asked(args []string) bool {
	for _, a := range args {
		if a == "-flags" || strings.HasPrefix(a, "-V") || strings.HasSuffix(a, ".cfg") {
			return true
		}
	}
	return false
}
