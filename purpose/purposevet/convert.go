package purposevet

import (
	"go/ast"
	"slices"

	"github.com/purposebound/purposebound/purpose"
)

// checkConversions reports conversions between struct types of which the tags differ.
func (p *pass) checkConversions() {
	nodes(p, func(call *ast.CallExpr) {
		if len(call.Args) != 1 || !p.TypesInfo.Types[call.Fun].IsType() {
			return
		}
		to, from := p.TypesInfo.TypeOf(call.Fun), p.TypesInfo.TypeOf(call.Args[0])
		if to == nil || from == nil {
			return
		}
		a, b := structOf(from), structOf(to)
		if a == nil || b == nil || a.NumFields() != b.NumFields() {
			return
		}
		for i := range a.NumFields() {
			was, is := p.parse(a.Tag(i)), p.parse(b.Tag(i))
			if !was.personal() || same(&was.tags, &is.tags) {
				continue
			}
			if !p.declared(stores, call) {
				says := "no category"
				if is.personal() {
					says = "other tags"
				}
				l := leak{ownerName(deref(from)), a.Field(i).Name(), was.tags.Personal}
				p.report(call, ruleConvert, "%s has %s in %s", &l, says, ownerOr(deref(to)))
			}
			return
		}
	})
}

func same(a, b *purpose.Tags) bool {
	return a.Personal == b.Personal && a.DataSubject == b.DataSubject && slices.Equal(a.Purposes, b.Purposes) &&
		slices.Equal(a.Bases, b.Bases) && slices.Equal(a.Retention, b.Retention)
}
