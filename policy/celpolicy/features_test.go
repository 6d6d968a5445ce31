package celpolicy

import (
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// feature is a policy for one thing that security teams ask for, with a request that it lets through.
type feature struct {
	name    string
	rules   string
	request func(*policy.Input)
	fields  []string                       // that the request sees
	masked  map[string]policy.Mask         // of these, shown in part
	refused map[string]func(*policy.Input) // one change each, after which nothing is seen
	needs   []string                       // without any of these nothing is seen, as less names them
}

var features = []feature{
	{
		name: "need to know by role",
		rules: `
rules:
  - id: billing-invoices
    effect: permit
    actions: [read]
    roles: [billing]
    purposes: [invoicing]
    categories: [contact, finance.iban]
`,
		request: func(in *policy.Input) { in.Request.Principal.Roles = []string{"billing"} },
		fields:  []string{"name", "mail", "iban"},
		refused: map[string]func(*policy.Input){
			"another role":    func(in *policy.Input) { in.Request.Principal.Roles = []string{"support"} },
			"another purpose": func(in *policy.Input) { in.Request.Purpose = "credit" },
			"another action":  func(in *policy.Input) { in.Request.Action = purpose.Store },
		},
		needs: []string{"roles"},
	},
	{
		name: "need to know by task",
		rules: `
rules:
  - id: whoever-reminds
    effect: permit
    actions: [read]
    tasks: [send-reminder]
    purposes: [invoicing.dunning]
    categories: [contact]
`,
		request: func(in *policy.Input) {
			in.Request.Purpose = "invoicing.dunning"
			in.Request.Principal.Roles, in.Request.Principal.Tasks = nil, []string{"send-reminder"}
		},
		fields: []string{"name", "mail"},
		refused: map[string]func(*policy.Input){
			"another task":    func(in *policy.Input) { in.Request.Principal.Tasks = []string{"answer-call"} },
			"another purpose": func(in *policy.Input) { in.Request.Purpose = "invoicing.billing" },
		},
		needs: []string{"tasks"},
	},
	{
		name: "need to know by case",
		rules: `
rules:
  - id: own-cases
    effect: permit
    actions: [read, use]
    roles: [clerk]
    when: facts.case_open && facts.case_number in tasks
`,
		request: func(in *policy.Input) {
			in.Request.Principal.Roles, in.Request.Principal.Tasks = []string{"clerk"}, []string{"case-7"}
			state(in, purpose.Named("case-open", purpose.BoolValue(true)), purpose.Named("case-number", purpose.TextValue("case-7")))
		},
		fields: []string{"name", "mail", "iban", "income", "cpr"},
		refused: map[string]func(*policy.Input){
			"somebody else's case": func(in *policy.Input) { in.Request.Principal.Tasks = []string{"case-8"} },
			"a closed case":        func(in *policy.Input) { restate(in, purpose.Named("case-open", purpose.BoolValue(false))) },
			"another role":         func(in *policy.Input) { in.Request.Principal.Roles = []string{"billing"} },
			"stated twice":         func(in *policy.Input) { state(in, purpose.Named("case-number", purpose.TextValue("case-7"))) },
			"of another type":      func(in *policy.Input) { restate(in, purpose.Named("case-number", purpose.IntValue(7))) },
		},
		needs: []string{"roles", "tasks", "facts", "fact case-open", "fact case-number"},
	},
	{
		name: "recipients by purpose",
		rules: `
rules:
  - id: bank-collects
    effect: permit
    actions: [share]
    roles: [billing]
    purposes: [invoicing]
    recipients: [hausbank]
    categories: [contact.name, finance.iban]
  - id: bureau-rates
    effect: permit
    actions: [share]
    roles: [clerk]
    purposes: [credit]
    recipients: [bureau]
  - id: nothing-leaves-the-country
    effect: deny
    actions: [share]
    when: country != "DK"
`,
		request: func(in *policy.Input) {
			in.Request.Action, in.Request.Recipient, in.RecipientKind, in.Country = purpose.Share, "hausbank", purpose.SeparateController, "DK"
		},
		fields: []string{"name", "iban"},
		refused: map[string]func(*policy.Input){
			"for another purpose": func(in *policy.Input) { in.Request.Purpose = "credit" },
			"another recipient":   func(in *policy.Input) { in.Request.Recipient = "bureau" },
			"an unknown one":      func(in *policy.Input) { in.Request.Recipient = "stranger" },
			"abroad":              func(in *policy.Input) { in.Country = "SE" },
			"another role":        func(in *policy.Input) { in.Request.Principal.Roles = []string{"support"} },
		},
		needs: []string{"roles", "recipient", "country"},
	},
	{
		name: "working hours",
		rules: `
rules:
  - id: office-hours
    effect: permit
    actions: [read]
    roles: [billing]
    when: weekday <= 5 && hour * 60 + minute >= 8 * 60 + 30 && hour < 17
`,
		request: func(in *policy.Input) {},
		fields:  []string{"name", "mail", "iban", "income", "cpr"},
		refused: map[string]func(*policy.Input){
			"too early":   asOf("2026-05-04T08:29:59+02:00"),
			"too late":    asOf("2026-05-04T17:00:00+02:00"),
			"on Saturday": asOf("2026-05-09T10:30:00+02:00"),
			"no time":     func(in *policy.Input) { in.Request.At = time.Time{} },
		},
		needs: []string{"roles"},
	},
	{
		name: "four eyes",
		rules: `
rules:
  - id: clerk-decides
    effect: permit
    actions: [decide]
    roles: [clerk]
    purposes: [credit]
  - id: four-eyes
    effect: deny
    actions: [decide]
    when: reviewer == principal
`,
		request: func(in *policy.Input) {
			in.Request.Action, in.Request.Purpose = purpose.Decide, "credit"
			in.Request.Principal.Roles, in.Request.Reviewer = []string{"clerk"}, "u18"
		},
		fields: []string{"name", "mail", "iban", "income", "cpr"},
		refused: map[string]func(*policy.Input){
			"one pair of eyes": func(in *policy.Input) { in.Request.Reviewer = "u17" },
			"another role":     func(in *policy.Input) { in.Request.Principal.Roles = []string{"support"} },
		},
		needs: []string{"roles", "reviewer", "principal"},
	},
	{
		name: "incident",
		rules: `
rules:
  - id: incident-team
    effect: permit
    actions: [read]
    roles: [security]
    when: >-
      facts.incident.open && at >= facts.incident.since && at < facts.incident.since + duration("72h")
      && facts.incident.number in tasks && category in facts.incident.scope
`,
		request: func(in *policy.Input) {
			in.Request.Principal.Roles, in.Request.Principal.Tasks = []string{"security"}, []string{"inc-3"}
			state(in, purpose.Named("incident.open", purpose.BoolValue(true)), purpose.Named("incident.number", purpose.TextValue("inc-3")),
				purpose.Named("incident.since", purpose.InstantValue(now.Add(-time.Hour))), purpose.Named("incident.scope", purpose.TextsValue("contact.mail", "finance.iban")))
		},
		fields: []string{"mail", "iban"},
		refused: map[string]func(*policy.Input){
			"another role":     func(in *policy.Input) { in.Request.Principal.Roles = []string{"billing"} },
			"another incident": func(in *policy.Input) { in.Request.Principal.Tasks = []string{"inc-4"} },
			"closed":           func(in *policy.Input) { restate(in, purpose.Named("incident.open", purpose.BoolValue(false))) },
			"before it":        func(in *policy.Input) { in.Request.At = now.Add(-2 * time.Hour) },
			"after its window": func(in *policy.Input) { in.Request.At = now.Add(71 * time.Hour) },
			"of nothing":       func(in *policy.Input) { restate(in, purpose.Named("incident.scope", purpose.TextsValue())) },
			"of too much": func(in *policy.Input) {
				restate(in, purpose.Named("incident.scope", purpose.TextsValue(make([]string, maxList+1)...)))
			},
		},
		needs: []string{"roles", "tasks", "facts", "fact incident.open", "fact incident.number", "fact incident.since", "fact incident.scope"},
	},
	{
		name: "masks",
		rules: `
rules:
  - id: support-serves
    effect: permit
    actions: [read]
    roles: [support]
    categories: [contact, finance.iban, national-id]
  - id: account-masked
    effect: redact
    categories: [finance.iban]
    except_roles: [billing]
    mask: last-four
  - id: number-masked
    effect: redact
    categories: [national-id]
    when: '!("dpo" in roles)'
`,
		request: func(in *policy.Input) { in.Request.Principal.Roles = []string{"support"} },
		fields:  []string{"name", "mail", "iban", "cpr"},
		masked:  map[string]policy.Mask{"iban": policy.LastFour, "cpr": policy.Remove},
		refused: map[string]func(*policy.Input){
			"another role": func(in *policy.Input) { in.Request.Principal.Roles = []string{"billing"} },
		},
		needs: []string{"roles"},
	},
}
