package purpose

import (
	"fmt"
	"slices"
)

const codeRewritten = "notice.rewritten"

// Succeeds reports whether r may take the place of an earlier register: every version of the notice that both hold
// begins on the same day and has the same text, and none is gone. The error is of type Problems. A notice that changes
// without a new version would change what past decisions were taken under.
func (r *Register) Succeeds(earlier *Register) error {
	var ps Problems
	for i := range earlier.spec.Notices {
		was := &earlier.spec.Notices[i]
		j := slices.IndexFunc(r.spec.Notices, func(n Notice) bool { return n.Version == was.Version })
		switch {
		case j < 0:
			ps = append(ps, Problem{Code: codeRewritten, Path: "notices", Message: fmt.Sprintf("version %q is gone", was.Version)})
		case r.spec.Notices[j].Digest != was.Digest || r.spec.Notices[j].From != was.From:
			ps = append(ps, Problem{Code: codeRewritten, Path: at("notices", j), Message: fmt.Sprintf("version %q was published with another text or for another day: give the change a version of its own", was.Version)})
		}
	}
	if len(ps) > 0 {
		return ps
	}
	return nil
}
