package audit

// needs is the closed list of event names, each with the keys that an event of that name cannot do without.
var needs = map[Name][]string{
	AccessRead:       {"outcome", "mode", "principal.ref", "data_subject.refs", "data.fields", "purpose.id", "decision.id"},
	AccessShare:      {"outcome", "mode", "principal.ref", "recipient.id", "data_subject.refs", "data.fields", "purpose.id", "decision.id"},
	AccessBreakGlass: {"outcome", "mode", "reason", "principal.ref", "data_subject.refs", "data.fields", "purpose.id", "decision.id"},
	AccessDenied:     {"outcome", "mode", "reason", "decision.id"},
	ShareDelivered:   {"outcome", "recipient.id", "decision.id"},
	ReleaseAborted:   {"outcome", "reason", "decision.id"},

	RightsAccess:        {"outcome", "data_subject.refs"},
	RightsRectification: {"outcome", "data_subject.refs"},
	RightsErasure:       {"outcome", "data_subject.refs"},
	RightsRestriction:   {"outcome", "data_subject.refs"},
	RightsNotification:  {"outcome", "recipient.id", "data_subject.refs"},
	RightsPortability:   {"outcome", "data_subject.refs"},
	RightsObjection:     {"outcome", "data_subject.refs"},
	RightsReview:        {"outcome", "data_subject.refs"},
	RightsWithdrawal:    {"outcome", "data_subject.refs"},
	RightsComplaint:     {"outcome", "data_subject.refs"},

	RetentionErased:   {"outcome", "retention.rule"},
	DataSubjectErased: {"outcome", "data_subject.refs"},
	PolicyChanged:     {"outcome", "policy.digest"},
	RegisterChanged:   {"outcome", "register.digest"},

	TrailOpened:     nil,
	TrailRead:       {"principal.ref"},
	TrailHeartbeat:  nil,
	TrailRecovered:  {keyN},
	TrailPruned:     {keyN},
	TrailHalted:     nil,
	TrailSuppressed: {keyN},
}

// needed is needs as sets: bit i stands for fields[i].
var needed = sets(needs)

func sets(of map[Name][]string) map[Name]uint64 {
	bit := make(map[string]uint64, len(fields))
	for i := range fields {
		bit[fields[i].key] = 1 << i
	}
	m := make(map[Name]uint64, len(of))
	for name, keys := range of {
		for _, k := range keys {
			if bit[k] == 0 {
				panic("audit: unknown key " + k)
			}
			m[name] |= bit[k]
		}
		m[name] |= bit["event.name"]
	}
	return m
}

// contradiction returns the key that gives the lie to the event's name, or "".
func (e *Event) contradiction() string {
	switch e.Name {
	case AccessRead, AccessShare:
		switch {
		case e.Mode == BreakGlass:
			return "mode" // that is access.break_glass
		case e.Outcome == Permitted, e.Outcome == Partial:
		case e.Outcome == Denied && e.Mode == Observe:
		default:
			return "outcome"
		}
	case AccessBreakGlass:
		switch {
		case e.Mode != BreakGlass:
			return "mode"
		case e.Outcome != Permitted && e.Outcome != Partial && e.Outcome != Denied:
			return "outcome"
		}
	case AccessDenied:
		if e.Outcome != Denied {
			return "outcome"
		}
	case ReleaseAborted:
		if e.Outcome != Aborted {
			return "outcome"
		}
	}
	return ""
}
