package main

import (
	"context"

	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

func schemaCommand() command {
	return command{
		name: "schema", args: "register | rules | table | request | rego-input REGISTER", summary: "print a JSON Schema",
		about: `
Schema prints the JSON Schema of a kind of file, for editors and for the tools of OPA: of a register, of rules in YAML, of
decision tables, of a request for explain, and of the input that Rego policies see under a register. A schema knows the
form alone: check knows more.`,
		examples: `
purposebound schema register >register.schema.json
purposebound schema rules >rules.schema.json
purposebound schema table >table.schema.json
purposebound schema request >request.schema.json
purposebound schema rego-input register.yaml >schemas/input.json`,
		run: printSchema,
	}
}

func printSchema(_ context.Context, e *env, args []string) error {
	if len(args) == 0 {
		return usagef("say which: register, rules, table, request or rego-input")
	}
	want := 1
	if args[0] == "rego-input" {
		want = 2
	}
	if len(args) != want {
		return usagef("%s takes %s", args[0], plural(want-1, "argument"))
	}
	var text []byte
	switch args[0] {
	case "register":
		text = registerfile.Schema()
	case "rules":
		text = celpolicy.Schema()
	case "rego-input":
		reg, err := loadRegister(args[1])
		if err != nil {
			return err
		}
		text = regopolicy.InputSchema(reg.Register)
	case "table":
		text = table.Schema()
	case "request":
		text = table.RequestSchema()
	default:
		return usagef("%q is no schema: register, rules, table, request or rego-input", args[0])
	}
	_, err := e.stdout.Write(text)
	return err
}
