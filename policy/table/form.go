package table

import (
	"fmt"
	"reflect"
	"strings"
)

// codeNothing is the problem of a case that expects nothing.
const codeNothing = "case.expect"

// form is what is wrong with a table whatever the register.
func (t *Table) form() (problems Problems) {
	fail := func(code, path, format string, args ...any) {
		problems.add(t.origin.problem(code, path, format, args...))
	}
	if len(t.Fields) == 0 {
		fail("table.fields", "fields", "the record has no field")
	}
	switch n := len(t.Cases); {
	case n == 0:
		fail("table.cases", "cases", "there is no case: a table that cannot fail proves nothing")
	case n > MaxCases:
		fail("table.cases", "cases", "%d cases, at most %d", n, MaxCases)
		return problems
	}
	names := make(map[string]int, len(t.Cases))
	for i := range t.Cases {
		c, path := &t.Cases[i], casePath(i)
		first, again := names[c.Name]
		switch {
		case strings.TrimSpace(c.Name) == "":
			fail("case.name", path, "a case needs a name")
		case again:
			fail("case.name", path+".name", "case %d has this name already", first+1)
		}
		names[c.Name] = i
		if !c.Expect.states() {
			fail(codeNothing, path+".expect", "nothing is expected: a case that cannot fail proves nothing")
		}
	}
	return problems
}

func casePath(i int) string { return fmt.Sprintf("cases[%d]", i) }

// states reports whether anything is expected.
func (e *Expect) states() bool {
	v := reflect.ValueOf(e).Elem()
	for i := range v.NumField() {
		if stated(v.Field(i)) {
			return true
		}
	}
	return false
}

// stated reports whether a value says something: an empty list does, a nil one does not.
func stated(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer:
		return !v.IsNil()
	}
	return !v.IsZero()
}
