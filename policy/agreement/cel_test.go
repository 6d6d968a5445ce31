package agreement_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
)

// bend makes a renderer lie, to see that it is noticed. Empty: it tells the truth.
type bend string

// celOf renders rules for package celpolicy.
func celOf(rules []*rule, b bend) []celpolicy.Rule {
	list := make([]celpolicy.Rule, len(rules))
	for i, r := range rules {
		list[i] = celpolicy.Rule{ID: r.id, Effect: r.effect, Actions: r.actions, Roles: r.roles, Tasks: r.tasks, ExceptRoles: r.exceptRoles,
			Purposes: r.purposes, Categories: r.categories, Recipients: r.recipients, Obligations: r.obligations}
		if r.effect == policy.EffectRedact {
			list[i].Mask = r.mask
		}
		if r.when != nil {
			list[i].When = r.when.cel(b)
		}
		switch b {
		case "cel: tasks are ignored":
			list[i].Tasks = nil
		case "cel: conditions are ignored":
			list[i].When = ""
		case "cel: a recipient is ignored":
			list[i].Recipients = nil
		}
	}
	return list
}

func (c *cond) cel(b bend) string {
	switch c.op {
	case 'a':
		return "(" + c.atom.cel + ")"
	case '!':
		if b == "cel: a negation is dropped" {
			return c.l.cel(b)
		}
		return "!" + c.l.cel(b)
	}
	op := " || "
	if (c.op == '&') != (b == "cel: and is or") {
		op = " && "
	}
	return "(" + c.l.cel(b) + op + c.r.cel(b) + ")"
}

// celFile is the same rules as a file, so that the way by text is walked too.
func celFile(rules []*rule) string {
	var b strings.Builder
	b.WriteString("rules:\n")
	list := func(key string, of []string) {
		if of != nil {
			fmt.Fprintf(&b, "    %s: [%s]\n", key, strings.Join(of, ", "))
		}
	}
	for _, r := range celOf(rules, "") {
		fmt.Fprintf(&b, "  - id: %s\n    effect: %s\n", r.ID, r.Effect)
		list("actions", actionNames(r.Actions))
		list("roles", r.Roles)
		list("tasks", r.Tasks)
		list("except_roles", r.ExceptRoles)
		list("purposes", r.Purposes)
		list("categories", r.Categories)
		list("recipients", r.Recipients)
		list("obligations", r.Obligations)
		if r.When != "" {
			fmt.Fprintf(&b, "    when: '%s'\n", strings.ReplaceAll(r.When, "'", "''"))
		}
		if r.Effect == policy.EffectRedact {
			fmt.Fprintf(&b, "    mask: %s\n", r.Mask)
		}
	}
	return b.String()
}

func actionNames(list []purpose.Action) (names []string) {
	for _, a := range list {
		names = append(names, a.String())
	}
	return names
}

func loadCEL(t testing.TB, reg *purpose.Register, rules []*rule, b bend) (policy.Decider, error) {
	t.Helper()
	if b != "" || len(rules)%2 == 0 {
		return celpolicy.New(reg, "cel", celOf(rules, b)...)
	}
	p, err := celpolicy.Load(reg, "cel", fstest.MapFS{"rules.yaml": {Data: []byte(celFile(rules))}})
	require.NoError(t, err, "%s", celFile(rules))
	return p, nil
}
