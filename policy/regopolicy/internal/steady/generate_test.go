package steady_test

import (
	"fmt"
	"strings"
)

// writer of random policies. It mostly knows what may stand where, and strays now and then.
type writer struct {
	dice
	stray   int // one in so many choices takes no care
	rules   strings.Builder
	helpers map[string][]string // names by kind and direction, for using one again
	n       int
}

// may reports whether what can be missing may stand in a place.
func (w *writer) may(vanish int) bool { return vanish > 0 || w.one(w.stray) }

func (w *writer) name(prefix string) string {
	w.n++
	return fmt.Sprintf("%s%d", prefix, w.n)
}

// policy writes a policy of package purposebound.
func (w *writer) policy() string {
	for range 1 + w.IntN(3) {
		w.entry("permit", `"category": "*"`, 1)
	}
	for range w.IntN(3) {
		w.entry(pick(w.dice, "deny", "redact", "obligations"), `"category": "contact"`, -1)
	}
	return header + w.rules.String()
}

func (w *writer) entry(set, element string, vanish int) {
	body := w.body(vanish, 3)
	switch w.IntN(4) {
	case 0:
		element = `"field": name`
		body = append([]string{"some name, field in input.fields", pick(w.dice, `field.class == "special"`, `"contact" in field.within`, `not field.category == "health"`)}, body...)
	case 1:
		if w.may(vanish) {
			element = `"category": input.facts.note`
		}
	}
	fmt.Fprintf(&w.rules, "%s contains {\"rule\": %q, %s} if {\n\t%s\n}\n\n", set, w.name("r"), element, strings.Join(body, "\n\t"))
}

// body is some statements, each on its own line or lines.
func (w *writer) body(vanish, depth int) (lines []string) {
	for range 1 + w.IntN(2) {
		lines = append(lines, w.statement(vanish, depth))
	}
	return lines
}

func (w *writer) statement(vanish, depth int) string {
	if depth > 0 {
		switch w.IntN(12) {
		case 0:
			return "not {\n" + strings.Join(w.body(-vanish, depth-1), "\n") + "\n}"
		case 1, 2:
			return "not " + w.single(-vanish, depth-1)
		case 3:
			return "{ " + strings.Join(w.body(vanish, depth-1), "; ") + " } or { " + strings.Join(w.body(vanish, depth-1), "; ") + " }"
		case 4:
			x := w.name("f")
			return fmt.Sprintf("every %s in input.fields {\n%s.class != \"none\"\n%s\n}", x, x, strings.Join(w.body(vanish, depth-1), "\n"))
		case 5:
			x := w.name("n")
			return fmt.Sprintf("count({%s | some %s, _ in input.fields; %s}) %s %d", x, x, strings.Join(w.body(0, depth-1), "; "), pick(w.dice, ">", "==", "<"), w.IntN(3))
		}
	}
	if w.one(3) {
		return w.bound(vanish)
	}
	return w.single(vanish, depth)
}

// bound is a statement that binds a variable and uses it.
func (w *writer) bound(vanish int) string {
	x := w.name("x")
	if !w.may(vanish) {
		return pick(w.dice,
			fmt.Sprintf("some %s in input.fields\n%[1]s.class == \"special\"", x),
			fmt.Sprintf("%s := data.limits[input.purpose]\n%[1]s > 3", x),
			fmt.Sprintf("some %s in input.purposes\n%[1]s == \"p0\"", x))
	}
	return pick(w.dice,
		fmt.Sprintf("%s := input.facts.days\nnot %[1]s > 2", x),
		fmt.Sprintf("some %s in input.principal.roles\nnot %[1]s == \"b\"", x),
		fmt.Sprintf("some %s in input.principal.roles\n%[1]s in {\"a\", \"c\"}", x),
		fmt.Sprintf("some %s in input.facts.tags\n%[1]s == input.facts.note", x),
		fmt.Sprintf("%s := {\"d\": input.dataset, \"n\": input.notice}\n%[1]s.d == \"crm\"", x),
		fmt.Sprintf("[%s, \"bank\"] = [input.facts.days, input.recipient.key]\n%[1]s < 2", x),
		fmt.Sprintf("%s := input.principal.tasks\n\"t\" in %[1]s", x),
		fmt.Sprintf("%s := time.parse_rfc3339_ns(input.facts.until)\n%[1]s > time.parse_rfc3339_ns(input.time.at)", x),
		fmt.Sprintf("%s := lower(input.dataset)\nstartswith(%[1]s, \"c\")", x),
	)
}

// single is one expression, which may stand after not.
func (w *writer) single(vanish, depth int) string {
	if depth > 0 && w.one(2) {
		return w.helper(vanish, depth-1)
	}
	if w.one(w.stray * 2) {
		return w.trap()
	}
	if w.may(vanish) && !w.one(5) {
		return pick(w.dice,
			"input.facts.flag", `input.facts["case-open"]`, "input.facts.days > 1", "input.facts.days + 1 < 3", `input.facts.note in {"a", "note-a"}`, `startswith(input.facts.note, "note")`,
			`input.principal.country == "DK"`, `input.principal.organisation != "bank"`, `"a" in input.principal.roles`, `"b" in input.principal.roles`, `"t" in input.principal.tasks`,
			`input.principal.roles[_] == "c"`, `input.recipient.country in data.partners[input.purpose]`, `input.recipient.key == "bank"`, `input.recipient.kind == "processor"`,
			`"customer" in input.capacities`, `input.notice == "2"`, `input.dataset == "crm"`, "input.reviewer != input.principal.id", `"x" in input.facts.tags`,
			`input.facts.until > input.time.at`, `count(input.facts.note) == 1`, `regex.match("^c", input.dataset)`, "input.facts.days < data.limits[input.purpose]",
		)
	}
	return pick(w.dice, `input.purpose == "p0"`, "input.time.hour < 12", `"p1" in input.purposes`, `input.action == "read"`, "data.open[input.purpose]", "input.time.weekday in {1, 2, 3}",
		`count(input.fields) > 1`, `input.principal.id == "u17"`, "data.limits[input.purpose] > 5", `input.time.at < "2026-06"`)
}

// trap is an expression that looks harmless.
func (w *writer) trap() string {
	return pick(w.dice,
		"count(input.principal.roles) < 2", `input.principal.roles[0] == "a"`, `input.principal.roles == ["a"]`, `object.get(input.facts, "flag", false) == false`, "count(input.facts) < 3",
		`max(input.facts.tags) == "a"`, `("a" in input.principal.roles) == false`, `input.principal.tasks != input.principal.roles`, `[r | some r in input.principal.roles] == []`,
		`count([1 | input.facts.flag]) == 0`, `0, "a" in input.principal.roles`, "10 / input.facts.days > 4", `{input.facts.flag | true} == set()`, `is_string(object.get(input, "notice", 1)) == false`,
	)
}

// helper uses a rule, set, table or function of the direction, and writes it where there is none yet.
func (w *writer) helper(vanish, depth int) string {
	kind := pick(w.dice, "is", "set", "table", "has", "of", "default", "else", "value")
	if w.one(w.stray) {
		vanish = pick(w.dice, -1, 0, 1)
	}
	key := fmt.Sprint(kind, vanish)
	var name string
	if names := w.helpers[key]; len(names) > 0 && w.one(3) {
		name = pick(w.dice, names...)
	} else {
		name = w.name(kind)
		w.define(kind, name, vanish, depth)
		w.helpers[key] = append(w.helpers[key], name)
	}
	switch kind {
	case "set":
		if w.one(w.stray) {
			return pick(w.dice, "count("+name+") == 1", name+` == {"a"}`)
		}
		return pick(w.dice, `"a" in `+name, name+".b", name+`[_] == "p0"`)
	case "table":
		if w.one(w.stray) {
			return "count(" + name + ") == 1"
		}
		return pick(w.dice, name+".a == 1", name+"[_] == 1", name+"[input.purpose]")
	case "has":
		return name + pick(w.dice, `("a")`, `("b")`, "(input.purpose)")
	case "of":
		if w.may(vanish) {
			return name + pick(w.dice, "(input.facts.days)", "(count(input.dataset))") + " > 1"
		}
		return name + pick(w.dice, "(3)", "(input.time.hour)") + " > 1"
	case "default":
		return pick(w.dice, name, name+" == false")
	case "else", "value":
		return name + pick(w.dice, " == 1", " > 1")
	}
	return name
}

// define writes a helper.
func (w *writer) define(kind, name string, vanish, depth int) {
	body := func(vanish int) string { return strings.Join(w.body(vanish, depth), "\n\t") }
	write := func(format string, args ...any) { fmt.Fprintf(&w.rules, format+"\n\n", args...) }
	values, role := `{"a", "b", "c"}`, "input.purposes"
	if w.may(vanish) {
		role = pick(w.dice, "input.principal.roles", "input.principal.tasks", "input.facts.tags", "input.capacities")
	}
	switch kind {
	case "is":
		for range 1 + w.IntN(2) {
			write("%s if {\n\t%s\n}", name, body(vanish))
		}
	case "set":
		write("%s contains x if {\n\tsome x in %s\n\t%s\n}", name, pick(w.dice, values, role), body(vanish))
		if w.one(2) {
			write("%s contains \"a\" if {\n\t%s\n}", name, body(vanish))
		}
	case "table":
		write("%s[x] := 1 if {\n\tsome x in %s\n\t%s\n}", name, pick(w.dice, values, role), body(vanish))
	case "has":
		write("%s(x) if {\n\tx in %s\n\t%s\n}", name, pick(w.dice, values, role), body(vanish))
	case "of":
		write("%s(x) := y if {\n\ty := x + 1\n\t%s\n}", name, body(vanish))
	case "default":
		write("default %s := false\n\n%[1]s if {\n\t%s\n}", name, body(0))
	case "else":
		write("%s := 1 if {\n\t%s\n} else := 2", name, body(0))
	case "value":
		v := "data.limits[input.purpose]"
		if w.may(vanish) {
			v = "input.facts.days"
		}
		write("%s := x if {\n\tx := %s\n\t%s\n}", name, v, body(vanish))
	}
}
