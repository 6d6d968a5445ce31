package agreement_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

func describe(rules []*rule) string {
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

// report fails with the smallest rules and request that still disagree.
func report(t *testing.T, reg *purpose.Register, seed uint64, rules []*rule, in *policy.Input) {
	t.Helper()
	rules, in = smallest(t, reg, rules, in, "")
	e, _ := load(t, reg, rules, "")
	assert.Fail(t, "the engines disagree", "PURPOSEBOUND_SEED=%d\n%s\n%+v, notice %q, kind %s, country %q, capacities %q, fields %v\n%s\n%s",
		seed, describe(rules), in.Request, in.Notice, in.RecipientKind, in.Country, in.Capacities, in.Fields, e.differs(t, rules, in), regoOf(rules, ""))
}

// smallest leaves out what it can while the engines go on to disagree.
func smallest(t testing.TB, reg *purpose.Register, rules []*rule, in *policy.Input, b bend) ([]*rule, *policy.Input) {
	t.Helper()
	still := func(rules []*rule, in *policy.Input) bool {
		e, err := load(t, reg, rules, b)
		return err == nil && e.differs(t, rules, in) != ""
	}
	for range 100 {
		better := false
		for _, x := range fewer(rules) {
			if len(x) > 0 && still(x, in) {
				rules, better = x, true
				break
			}
		}
		if better {
			continue
		}
		for _, x := range simpler(in) {
			if still(rules, x) {
				in, better = x, true
				break
			}
		}
		if !better {
			break
		}
	}
	return rules, in
}

// fewer lists rules with one thing less.
func fewer(rules []*rule) (list [][]*rule) {
	for i := range rules {
		list = append(list, slices.Delete(slices.Clone(rules), i, i+1))
	}
	for i := range rules {
		with := func(change func(*rule) bool) {
			own := *rules[i]
			if change(&own) {
				all := slices.Clone(rules)
				all[i] = &own
				list = append(list, all)
			}
		}
		for _, s := range []func(*rule) *[]string{
			func(r *rule) *[]string { return &r.roles }, func(r *rule) *[]string { return &r.tasks }, func(r *rule) *[]string { return &r.exceptRoles },
			func(r *rule) *[]string { return &r.purposes }, func(r *rule) *[]string { return &r.categories }, func(r *rule) *[]string { return &r.recipients },
		} {
			with(func(r *rule) bool { had := *s(r) != nil; *s(r) = nil; return had })
			with(func(r *rule) bool {
				had := len(*s(r)) > 1
				if had {
					*s(r) = (*s(r))[:1]
				}
				return had
			})
		}
		with(func(r *rule) bool { had := r.actions != nil; r.actions = nil; return had })
		with(func(r *rule) bool { had := r.when != nil; r.when = nil; return had })
		if w := rules[i].when; w != nil && (w.op == '&' || w.op == '|') {
			with(func(r *rule) bool { r.when = w.l; return true })
			with(func(r *rule) bool { r.when = w.r; return true })
		}
	}
	return list
}

// simpler lists inputs that state one thing less.
func simpler(in *policy.Input) (list []*policy.Input) {
	with := func(change func(*policy.Input)) {
		own, req := *in, *in.Request
		own.Request = &req
		change(&own)
		list = append(list, &own)
	}
	for i := range in.Request.Facts {
		with(func(x *policy.Input) { x.Request.Facts = slices.Delete(slices.Clone(in.Request.Facts), i, i+1) })
	}
	for i := range in.Request.Principal.Roles {
		with(func(x *policy.Input) {
			x.Request.Principal.Roles = slices.Delete(slices.Clone(in.Request.Principal.Roles), i, i+1)
		})
	}
	for i := range in.Request.Principal.Tasks {
		with(func(x *policy.Input) {
			x.Request.Principal.Tasks = slices.Delete(slices.Clone(in.Request.Principal.Tasks), i, i+1)
		})
	}
	for _, text := range []func(*policy.Input) *string{
		func(x *policy.Input) *string { return &x.Notice }, func(x *policy.Input) *string { return &x.Country }, func(x *policy.Input) *string { return &x.Request.Recipient },
		func(x *policy.Input) *string { return &x.Request.Reviewer }, func(x *policy.Input) *string { return &x.Request.Dataset },
		func(x *policy.Input) *string { return &x.Request.Principal.Organisation },
	} {
		if *text(in) != "" {
			with(func(x *policy.Input) { *text(x) = "" })
		}
	}
	if in.Capacities != nil {
		with(func(x *policy.Input) { x.Capacities = nil })
	}
	if in.Fields.Len() > 1 {
		for i := range in.Fields.All {
			with(func(x *policy.Input) {
				x.Fields = purpose.FieldSet{}
				x.Fields.Add(i)
			})
		}
	}
	return list
}
