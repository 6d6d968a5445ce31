// Command purposebound checks, tests and explains registers and policies before they decide about anybody.
//
// The decision to make first is which findings shall stop a build: "check -fail" says so. Every subcommand reads a register
// (a YAML file) and policies (directories: *.yaml are rules with conditions in CEL, *.rego are Rego), prints for people or
// with -json for machines, and ends with 0 when all is well, 1 when something was found or failed, and 2 when it was
// called wrongly or could not run. "purposebound help" lists the subcommands, each with examples.
//
// Nothing is read but the files that are named, and nothing is sent anywhere.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
