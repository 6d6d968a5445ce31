package audit

// field describes one key behind the ledger part of a line. The order of the table is the order of the line.
type field struct {
	key  string
	lead string // `,"key":`
	text func(*Event) *string
	list func(*Event) *[]string
	form form // of the text, or of each entry of the list
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
	text("event.name", func(e *Event) *string { return (*string)(&e.Name) }, formName),
	text("outcome", func(e *Event) *string { return (*string)(&e.Outcome) }, formOutcome),
	text("mode", func(e *Event) *string { return (*string)(&e.Mode) }, formMode),
	text("action", func(e *Event) *string { return &e.Action }, formCode),
	text("reason", func(e *Event) *string { return &e.Reason }, formCode),
	once(field{key: keyN}), // and one may begin as another does
	text("principal.ref", func(e *Event) *string { return &e.PrincipalRef }, formPrincipal),
	list("principal.roles", func(e *Event) *[]string { return &e.PrincipalRoles }, formKey, maxRoles),
	text("recipient.id", func(e *Event) *string { return &e.RecipientID }, formRecipient),
	text("recipient.kind", func(e *Event) *string { return &e.RecipientKind }, formKey),
	text("recipient.country", func(e *Event) *string { return &e.RecipientCountry }, formCountry),
	once(list("data_subject.refs", func(e *Event) *[]string { return &e.DataSubjectRefs }, formDataSubject, MaxRefs)),
	list("data.fields", func(e *Event) *[]string { return &e.Fields }, formPath, maxFields),
	list("data.categories", func(e *Event) *[]string { return &e.Categories }, formKey, maxCategories),
	field{key: keySpecial},
	text("purpose.id", func(e *Event) *string { return &e.Purpose }, formKey),
	text("basis.id", func(e *Event) *string { return &e.Basis }, formKey),
	once(text("basis.ref", func(e *Event) *string { return &e.BasisRef }, formEvidence)),
	list("basis.rejected", func(e *Event) *[]string { return &e.BasisRejected }, formRejected, maxRejected),
	text("activity.id", func(e *Event) *string { return &e.Activity }, formKey),
	text("notice.version", func(e *Event) *string { return &e.NoticeVersion }, formVersion),
	text("clause", func(e *Event) *string { return &e.Clause }, formClause),
	text("retention.rule", func(e *Event) *string { return &e.RetentionRule }, formKey),
	list("obligations", func(e *Event) *[]string { return &e.Obligations }, formKey, maxObligations),
	once(text("decision.id", func(e *Event) *string { return &e.DecisionID }, formDecision)),
	text("policy.engine", func(e *Event) *string { return &e.PolicyEngine }, formEngine),
	text("policy.digest", func(e *Event) *string { return &e.PolicyDigest }, formDigest),
	text("register.digest", func(e *Event) *string { return &e.RegisterDigest }, formDigest),
	once(text("trace_id", func(e *Event) *string { return &e.TraceID }, formTrace)),
)

func text(key string, at func(*Event) *string, of form) field {
	return field{key: key, text: at, form: of}
}

func list(key string, at func(*Event) *[]string, of form, max int) field {
	return field{key: key, list: at, form: of, max: max}
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
