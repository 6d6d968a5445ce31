// Command cases runs acceptance cases against the example services: those of the repository, or every *.json of the
// folders named. Run it from the repository's root.
//
//	go run ./examples/acceptance/cmd/cases [-notice fx] [-id FX-001] [-clauses] [DIR ...]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/examples/acceptance"
)

func main() {
	notice := flag.String("notice", "", "run the cases of one notice: fx, df, ar, op, fo")
	id := flag.String("id", "", "run one case")
	clauses := flag.Bool("clauses", false, "list the clauses of which the cases show too little")
	flag.Parse()
	const root = "examples"
	if _, err := os.Stat(filepath.Join(root, "acceptance", "cases")); err != nil {
		fmt.Fprintln(os.Stderr, "cases: examples/acceptance is not here: run me from the root of the repository")
		os.Exit(2)
	}
	dirs := flag.Args()
	if len(dirs) == 0 {
		dirs = []string{filepath.Join(root, "acceptance", "cases"), filepath.Join(root, "acceptance", "siblings")}
	}
	var list []acceptance.Case
	for _, dir := range dirs {
		more, err := acceptance.ReadDir(dir)
		if err != nil {
			fmt.Fprintln(os.Stderr, "cases:", err)
			os.Exit(2)
		}
		list = append(list, more...)
	}
	list = slices.DeleteFunc(list, func(c acceptance.Case) bool {
		return *notice != "" && !strings.HasPrefix(c.ID, strings.ToUpper(*notice)+"-") || *id != "" && c.ID != *id
	})
	if *clauses {
		missing(acceptance.Notices(root), list, strings.ToUpper(*notice))
		return
	}
	t := acceptance.RunAll(os.Stdout, acceptance.Notices(root), list)
	for _, u := range t.Unmapped {
		fmt.Println("unmapped:", u)
	}
	if t.Failed > 0 {
		os.Exit(1)
	}
}

// missing lists the clauses of which no case shows a permit or a refusal.
func missing(notices []*acceptance.Notice, list []acceptance.Case, notice string) {
	clauses, err := acceptance.Cover(notices, list)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cases:", err)
		os.Exit(2)
	}
	for i := range clauses {
		if m := clauses[i].Missing(); m != "" && strings.HasPrefix(clauses[i].ID, notice) {
			fmt.Printf("%s lacks %s\n", clauses[i].ID, m)
		}
	}
}
