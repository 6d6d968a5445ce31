package steady

import "github.com/open-policy-agent/opa/v1/ast"

// standing says whether a request may leave an attribute out.
type standing uint8

const (
	always   standing = iota // every request states it, with all that is below
	optional                 // it may be missing
	partial                  // it may be missing, and so may some of its entries
	group                    // holds attributes
)

// attribute of the input document.
type attribute struct {
	standing standing
	shape    *shape
	below    map[string]*attribute
}

// inputOf is the input document with the declared facts.
func inputOf(facts map[string]Kind) *attribute {
	word, words, count := just(isText), arrayOf(just(isText)), just(isNumber)
	stated := func(s *shape) *attribute { return &attribute{standing: always, shape: s} }
	may := func(s *shape) *attribute { return &attribute{standing: optional, shape: s} }
	entries := &attribute{standing: partial, shape: words}
	all := func(below map[string]*attribute) *attribute { return &attribute{standing: group, below: below} }

	declared := make(map[string]*attribute, len(facts))
	for key, kind := range facts {
		switch kind {
		case Bool:
			declared[key] = may(just(isBool))
		case Number:
			declared[key] = may(count)
		case Text:
			declared[key] = may(word)
		case Instant:
			declared[key] = may(just(isInstant))
		case Texts:
			declared[key] = entries
		}
	}
	return all(map[string]*attribute{
		"action": stated(word), "purpose": stated(word), "purposes": stated(words),
		"notice": may(word), "dataset": may(word), "reviewer": may(word), "capacities": entries,
		"principal": all(map[string]*attribute{
			"id": stated(word), "roles": entries, "tasks": entries, "organisation": may(word), "country": may(word),
		}),
		"recipient": all(map[string]*attribute{"key": may(word), "kind": may(word), "country": may(word)}),
		"facts":     all(declared),
		"time": stated(&shape{can: isObject, fields: map[string]*shape{
			"at": just(isInstant), "date": word, "hour": count, "minute": count, "weekday": count,
		}}),
		"fields": stated(&shape{can: isObject, named: true, elem: &shape{can: isObject, fields: map[string]*shape{
			"category": word, "within": words, "class": word,
		}}}),
	})
}

// reach follows a reference into the input as far as the table goes. Without an attribute, why says what is wrong.
func (a *attribute) reach(ref ast.Ref) (found *attribute, path, rest ast.Ref, why string) {
	for i, key := range ref[1:] {
		if a.standing != group {
			return a, ref[:i+1], ref[i+1:], ""
		}
		name, ok := key.Value.(ast.String)
		if !ok {
			return nil, ref[:i+1], nil, "is read by a key that is not constant: name the key"
		}
		if a = a.below[string(name)]; a == nil {
			return nil, ref[:i+2], nil, "is no part of the input, or no declared fact"
		}
	}
	if a.standing == group {
		return nil, ref, nil, "is read as a whole, which shows what is missing: name the attribute in it"
	}
	return a, ref, nil, ""
}

// isList reports whether a reference is a list that may lose entries, and nothing more.
func (a *attribute) isList(ref ast.Ref) bool {
	if len(ref) == 0 || !ref[0].Equal(ast.InputRootDocument) {
		return false
	}
	found, _, rest, _ := a.reach(ref)
	return found != nil && found.standing == partial && len(rest) == 0
}
