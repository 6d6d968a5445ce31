package agreement_test

import (
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// factOf is a fact that is stated once, with its type, and not too long.
func factOf(in *policy.Input, key string, typ purpose.Type) (v purpose.Value, ok bool) {
	n := 0
	for _, f := range in.Request.Facts {
		if f.Fact == key {
			v = f.Value
			n++
		}
	}
	long := func(s string) bool { return len(s) > 256 }
	if n != 1 || v.Type() != typ || len(v.Texts()) > 64 || long(v.Text()) || slices.ContainsFunc(v.Texts(), long) {
		return purpose.Value{}, false
	}
	return v, true
}

func aboutFact(key string, typ purpose.Type, cel, yes, no string, holds func(purpose.Value, *policy.Input) bool) *atom {
	path := `input.facts["` + key + `"]`
	is := map[purpose.Type]string{purpose.Bool: "is_boolean", purpose.Int: "is_number", purpose.Text: "is_string", purpose.Instant: "is_string"}[typ]
	a := &atom{cel: cel, yes: []string{path + yes}, no: []string{path + no}, stated: []string{is + "(" + path + ")"}}
	if typ == purpose.TextList { // asked for entries only; that it is there and empty cannot be told
		a.stated = []string{"some _ in " + path}
	}
	if strings.Contains(yes, "@") {
		a.yes, a.no = []string{strings.ReplaceAll(yes, "@", path)}, []string{strings.ReplaceAll(no, "@", path)}
	}
	a.oneWay = no == ""
	a.mean = func(in *policy.Input, _ int) (bool, bool) {
		v, ok := factOf(in, key, typ)
		return ok && holds(v, in), ok
	}
	return a
}

// aboutText is of an attribute that counts as stated when it is not empty.
func aboutText(cel, path, yes, no string, of func(*policy.Input) string, holds func(string) bool) *atom {
	return &atom{cel: cel, yes: []string{path + yes}, no: []string{path + no}, stated: []string{"is_string(" + path + ")"},
		mean: func(in *policy.Input, _ int) (bool, bool) { return of(in) != "" && holds(of(in)), of(in) != "" }}
}

// aboutShare is of the recipient: it is an empty text where nothing is shared.
func aboutShare(cel, path, value string, same bool, of func(*policy.Input) string) *atom {
	equal, other := []string{path + " == " + value}, []string{`input.action != "share"`, path + " != " + value}
	if !same {
		equal, other = other, equal
	}
	return &atom{cel: cel, yes: equal, no: other, stated: []string{`input.action != "share"`, "is_string(" + path + ")"},
		mean: func(in *policy.Input, _ int) (bool, bool) {
			s := of(in)
			return (`"`+s+`"` == value) == same, s != "" || in.Request.Action != purpose.Share
		}}
}

// always is of what every request has.
func always(cel, yes, no string, holds func(*policy.Input) bool) *atom {
	return &atom{cel: cel, yes: []string{yes}, no: []string{no}, mean: func(in *policy.Input, _ int) (bool, bool) { return holds(in), true }}
}

// listed is of roles, tasks and capacities: no entries are none.
func listed(cel, yes string, holds func(*policy.Input) bool) *atom {
	return &atom{cel: cel, yes: []string{yes}, oneWay: true, mean: func(in *policy.Input, _ int) (bool, bool) { return holds(in), true }}
}

// ofField is of one field, whose name and attributes are called n and f.
func ofField(cel, yes, no string, holds func(path, category string, class purpose.Class) bool) *atom {
	return &atom{cel: cel, yes: []string{yes}, no: []string{no}, perField: true, mean: func(in *policy.Input, i int) (bool, bool) {
		f := &in.Plan.Fields[i]
		return holds(f.Path, in.Plan.Register.Categories().Key(f.Category), f.Class), true
	}}
}

var june = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

var atoms = []*atom{
	aboutFact("case-open", purpose.Bool, `facts.case_open`, ` == true`, ` == false`, func(v purpose.Value, _ *policy.Input) bool { return v.Bool() }),
	aboutFact("auth.2fa", purpose.Bool, `facts.auth._2fa == false`, ` == false`, ` != false`, func(v purpose.Value, _ *policy.Input) bool { return !v.Bool() }),
	aboutFact("channel", purpose.Text, `facts.channel == "phone"`, ` == "phone"`, ` != "phone"`, func(v purpose.Value, _ *policy.Input) bool { return v.Text() == "phone" }),
	aboutFact("note", purpose.Text, `facts.note.startsWith("v")`, `startswith(@, "v")`, `startswith(@, "v") == false`, func(v purpose.Value, _ *policy.Input) bool { return strings.HasPrefix(v.Text(), "v") }),
	aboutFact("note", purpose.Text, `facts.note.matches("^v+$")`, `regex.match("^v+$", @)`, `regex.match("^v+$", @) == false`, func(v purpose.Value, _ *policy.Input) bool {
		return v.Text() != "" && strings.Trim(v.Text(), "v") == ""
	}),
	aboutFact("note", purpose.Text, `facts.note != ""`, ` != ""`, ` == ""`, func(v purpose.Value, _ *policy.Input) bool { return v.Text() != "" }),
	aboutFact("loan.days-late", purpose.Int, `facts.loan.days_late >= 30`, ` >= 30`, ` < 30`, func(v purpose.Value, _ *policy.Input) bool { return v.Int() >= 30 }),
	aboutFact("loan.days-late", purpose.Int, `facts.loan.days_late == 0`, ` == 0`, ` != 0`, func(v purpose.Value, _ *policy.Input) bool { return v.Int() == 0 }),
	aboutFact("loan.until", purpose.Instant, `facts.loan.until > at`, ` > input.time.at`, ` <= input.time.at`, func(v purpose.Value, in *policy.Input) bool { return v.Instant().After(in.Request.At) }),
	aboutFact("loan.until", purpose.Instant, `facts.loan.until < timestamp("2026-06-01T00:00:00Z")`, ` < "2026-06-01"`, ` >= "2026-06-01"`, func(v purpose.Value, _ *policy.Input) bool { return v.Instant().Before(june) }),
	aboutFact("flags", purpose.TextList, `"vip" in facts.flags`, `"vip" in @`, ``, func(v purpose.Value, _ *policy.Input) bool { return slices.Contains(v.Texts(), "vip") }),
	aboutFact("flags", purpose.TextList, `facts.flags.exists(x, x != "vip")`, "some x in @\n\tx != \"vip\"", ``, func(v purpose.Value, _ *policy.Input) bool {
		return slices.ContainsFunc(v.Texts(), func(s string) bool { return s != "vip" })
	}),

	aboutText(`organisation == "lender"`, "input.principal.organisation", ` == "lender"`, ` != "lender"`, func(in *policy.Input) string { return in.Request.Principal.Organisation }, func(s string) bool { return s == "lender" }),
	aboutText(`notice == "v2"`, "input.notice", ` == "v2"`, ` != "v2"`, func(in *policy.Input) string { return in.Notice }, func(s string) bool { return s == "v2" }),
	aboutText(`reviewer == "u18"`, "input.reviewer", ` == "u18"`, ` != "u18"`, func(in *policy.Input) string { return in.Request.Reviewer }, func(s string) bool { return s == "u18" }),
	{cel: `reviewer != principal`, yes: []string{"input.reviewer != input.principal.id"}, no: []string{"input.reviewer == input.principal.id"}, stated: []string{"is_string(input.reviewer)"},
		mean: func(in *policy.Input, _ int) (bool, bool) {
			r := in.Request
			return r.Reviewer != r.Principal.ID, r.Reviewer != "" && r.Principal.ID != ""
		}},
	aboutText(`dataset == "main"`, "input.dataset", ` == "main"`, ` != "main"`, func(in *policy.Input) string { return in.Request.Dataset }, func(s string) bool { return s == "main" }),

	aboutShare(`recipient == "bureau"`, "input.recipient.key", `"bureau"`, true, func(in *policy.Input) string { return in.Request.Recipient }),
	aboutShare(`recipient != "hausbank"`, "input.recipient.key", `"hausbank"`, false, func(in *policy.Input) string { return in.Request.Recipient }),
	aboutShare(`country == "DK"`, "input.recipient.country", `"DK"`, true, func(in *policy.Input) string { return in.Country }),
	aboutShare(`country != "SE"`, "input.recipient.country", `"SE"`, false, func(in *policy.Input) string { return in.Country }),
	aboutShare(`recipient_kind == "controller"`, "input.recipient.kind", `"controller"`, true, func(in *policy.Input) string { return in.RecipientKind.String() }),

	always(`purpose == "credit"`, `input.purpose == "credit"`, `input.purpose != "credit"`, func(in *policy.Input) bool { return in.Request.Purpose == "credit" }),
	always(`action in ["read", "share"]`, `input.action in {"read", "share"}`, `not input.action in {"read", "share"}`, func(in *policy.Input) bool {
		return in.Request.Action == purpose.Read || in.Request.Action == purpose.Share
	}),
	always(`principal == "u17"`, `input.principal.id == "u17"`, `input.principal.id != "u17"`, func(in *policy.Input) bool { return in.Request.Principal.ID == "u17" }),
	always(`hour >= 8 && hour < 17`, "input.time.hour >= 8\n\tinput.time.hour < 17", `not input.time.hour in {8, 9, 10, 11, 12, 13, 14, 15, 16}`, func(in *policy.Input) bool { return localHour(in) >= 8 && localHour(in) < 17 }),
	always(`weekday <= 5`, "input.time.weekday <= 5", `input.time.weekday > 5`, func(in *policy.Input) bool {
		d := in.Request.At.In(in.Plan.Register.Zone()).Weekday()
		return d != time.Saturday && d != time.Sunday
	}),
	always(`date >= "2026-05-10"`, `input.time.date >= "2026-05-10"`, `input.time.date < "2026-05-10"`, func(in *policy.Input) bool {
		return !in.Request.At.In(in.Plan.Register.Zone()).Before(time.Date(2026, 5, 10, 0, 0, 0, 0, in.Plan.Register.Zone()))
	}),
	always(`minute == 30`, `input.time.minute == 30`, `input.time.minute != 30`, func(in *policy.Input) bool { return in.Request.At.Minute() == 30 }),

	listed(`"clerk" in roles`, `"clerk" in input.principal.roles`, func(in *policy.Input) bool { return slices.Contains(in.Request.Principal.Roles, "clerk") }),
	listed(`["dpo", "support"].exists(x, x in roles)`, "some role in input.principal.roles\n\trole in {\"dpo\", \"support\"}", func(in *policy.Input) bool {
		return slices.ContainsFunc(in.Request.Principal.Roles, func(s string) bool { return s == "dpo" || s == "support" })
	}),
	listed(`tasks.exists(t, t != "case-1")`, "some task in input.principal.tasks\n\ttask != \"case-1\"", func(in *policy.Input) bool {
		return slices.ContainsFunc(in.Request.Principal.Tasks, func(s string) bool { return s != "case-1" })
	}),
	listed(`"guarantor" in capacities`, `"guarantor" in input.capacities`, func(in *policy.Input) bool { return slices.Contains(in.Capacities, "guarantor") }),

	ofField(`class == "confidential"`, `f.class == "confidential"`, `f.class != "confidential"`, func(_, _ string, c purpose.Class) bool { return c == purpose.Confidential }),
	ofField(`category.startsWith("finance.")`, `"finance" in f.within`, `not "finance" in f.within`, func(_, c string, _ purpose.Class) bool { return strings.HasPrefix(c, "finance.") }),
	ofField(`category == "contact.mail"`, `f.category == "contact.mail"`, `f.category != "contact.mail"`, func(_, c string, _ purpose.Class) bool { return c == "contact.mail" }),
	ofField(`field == "iban"`, `n == "iban"`, `n != "iban"`, func(p, _ string, _ purpose.Class) bool { return p == "iban" }),
}

func localHour(in *policy.Input) int { return in.Request.At.In(in.Plan.Register.Zone()).Hour() }
