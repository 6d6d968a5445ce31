package steady

import (
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// whole wants small literal numbers: the first not negative, the others any.
func whole(first int, others ...int) func([]*ast.Term, []*shape) string {
	return func(operands []*ast.Term, _ []*shape) string {
		if n, ok := integer(operands[first]); !ok || n < 0 {
			return "on offsets that are not literal, or negative: write whole numbers"
		}
		for _, i := range others {
			if _, ok := integer(operands[i]); !ok {
				return "on lengths that are not literal: write whole numbers"
			}
		}
		return ""
	}
}

// small wants literal years, months and days within a lifetime.
func small(operands []*ast.Term, _ []*shape) string {
	for i, most := range []int{0, 50, 600, 20_000} {
		if i == 0 {
			continue
		}
		if n, ok := integer(operands[i]); !ok || n > most || -n > most {
			return "unless years, months and days are literal whole numbers within 50 years"
		}
	}
	return ""
}

func integer(t *ast.Term) (int, bool) {
	n, ok := t.Value.(ast.Number)
	if !ok {
		return 0, false
	}
	i, ok := n.Int()
	return i, ok && i < 1<<30 && i > -1<<30
}

// isDuration accepts what Go's durations are; OPA knows more units, which are not needed.
func isDuration(v ast.Value) bool {
	s, ok := v.(ast.String)
	if !ok {
		return false
	}
	_, err := time.ParseDuration(string(s))
	return err == nil
}
