package audit

// form is what a value must look like: a number and not a function, so that the same check serves strings and bytes
// that are no strings yet.
type form uint8

const (
	formName form = iota
	formOutcome
	formMode
	formCode
	formKey
	formPrincipal
	formDataSubject
	formRecipient
	formCountry
	formPath
	formEvidence
	formRejected
	formVersion
	formClause
	formDecision
	formEngine
	formDigest
	formTrace
)

func (f form) ok(s string) bool { return has(s, f) }

// has reports whether s is of a form, and keeps nothing of it. What is different in every event is never made a string.
func has[T string | []byte](s T, f form) bool {
	switch f {
	case formName:
		_, ok := needs[Name(s)]
		return ok
	case formOutcome:
		return isOutcome(string(s))
	case formMode:
		return isMode(string(s))
	case formCode:
		return codeShape.ok(string(s))
	case formKey:
		return keyShape.ok(string(s))
	case formPrincipal:
		return isAlias(s, Principal)
	case formDataSubject:
		return isAlias(s, DataSubject)
	case formRecipient:
		return recipientShape.ok(string(s))
	case formCountry:
		return len(s) == 2 && all(s, upper)
	case formPath:
		return isPath(string(s))
	case formEvidence:
		return len(s) > 0 && len(s) <= 64 && all(s, token)
	case formRejected:
		return isRejected(string(s))
	case formVersion:
		return versionShape.ok(string(s))
	case formClause:
		return clauseShape.ok(string(s))
	case formDecision:
		return isULID(s) || isHex(s, 32)
	case formEngine:
		return engineShape.ok(string(s))
	case formDigest:
		return isDigest(string(s))
	case formTrace:
		return isTrace(s)
	}
	return false
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
