package audit

// field describes one key behind the ledger part of a line. The order of the table is the order of the line.
type field struct {
	key  string
	lead string // `,"key":`
	text func(*Event) *string
	list func(*Event) *[]string
	ok   func(string) bool
	max  int  // entries of a list
	once bool // hardly ever the same twice: not worth remembering
}

const (
	maxRoles       = 32
	maxFields      = 256
	maxCategories  = 64
	maxRejected    = 32
	maxObligations = 32
)

// n and data.special are the two keys that are neither text nor list.
const (
	keyN       = "n"
	keySpecial = "data.special"
)

var fields = table(
	text("event.name", func(e *Event) *string { return (*string)(&e.Name) }, func(s string) bool { _, ok := needs[Name(s)]; return ok }),
	text("outcome", func(e *Event) *string { return (*string)(&e.Outcome) }, isOutcome),
	text("mode", func(e *Event) *string { return (*string)(&e.Mode) }, isMode),
	text("action", func(e *Event) *string { return &e.Action }, codeShape.ok),
	text("reason", func(e *Event) *string { return &e.Reason }, codeShape.ok),
	field{key: keyN},
	text("principal.ref", func(e *Event) *string { return &e.PrincipalRef }, isPrincipal),
	list("principal.roles", func(e *Event) *[]string { return &e.PrincipalRoles }, keyShape.ok, maxRoles),
	text("recipient.id", func(e *Event) *string { return &e.RecipientID }, recipientShape.ok),
	text("recipient.kind", func(e *Event) *string { return &e.RecipientKind }, keyShape.ok),
	text("recipient.country", func(e *Event) *string { return &e.RecipientCountry }, isCountry),
	once(list("data_subject.refs", func(e *Event) *[]string { return &e.DataSubjectRefs }, isDataSubject, MaxRefs)),
	list("data.fields", func(e *Event) *[]string { return &e.Fields }, isPath, maxFields),
	list("data.categories", func(e *Event) *[]string { return &e.Categories }, keyShape.ok, maxCategories),
	field{key: keySpecial},
	text("purpose.id", func(e *Event) *string { return &e.Purpose }, keyShape.ok),
	text("basis.id", func(e *Event) *string { return &e.Basis }, keyShape.ok),
	once(text("basis.ref", func(e *Event) *string { return &e.BasisRef }, isEvidence)),
	list("basis.rejected", func(e *Event) *[]string { return &e.BasisRejected }, isRejected, maxRejected),
	text("activity.id", func(e *Event) *string { return &e.Activity }, keyShape.ok),
	text("notice.version", func(e *Event) *string { return &e.NoticeVersion }, versionShape.ok),
	text("clause", func(e *Event) *string { return &e.Clause }, clauseShape.ok),
	text("retention.rule", func(e *Event) *string { return &e.RetentionRule }, keyShape.ok),
	list("obligations", func(e *Event) *[]string { return &e.Obligations }, keyShape.ok, maxObligations),
	once(text("decision.id", func(e *Event) *string { return &e.DecisionID }, isDecision)),
	text("policy.engine", func(e *Event) *string { return &e.PolicyEngine }, engineShape.ok),
	text("policy.digest", func(e *Event) *string { return &e.PolicyDigest }, isDigest),
	text("register.digest", func(e *Event) *string { return &e.RegisterDigest }, isDigest),
	once(text("trace_id", func(e *Event) *string { return &e.TraceID }, isTrace)),
)

func text(key string, at func(*Event) *string, ok func(string) bool) field {
	return field{key: key, text: at, ok: ok}
}

func list(key string, at func(*Event) *[]string, ok func(string) bool, max int) field {
	return field{key: key, list: at, ok: ok, max: max}
}

func once(f field) field {
	f.once = true
	return f
}

func table(fs ...field) []field {
	for i := range fs {
		fs[i].lead = `,"` + fs[i].key + `":`
	}
	return fs
}

func isOutcome(s string) bool {
	switch Outcome(s) {
	case Permitted, Partial, Denied, Aborted, Done, Failed:
		return true
	}
	return false
}

func isMode(s string) bool {
	switch Mode(s) {
	case Enforce, Observe, BreakGlass:
		return true
	}
	return false
}
