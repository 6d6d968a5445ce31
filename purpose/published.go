package purpose

import (
	"encoding/hex"
	"slices"
	"strings"
)

// published checks what is said of the notices as documents: the law they are written under, what they refer to, and
// the entries in public registers that the law asks for.
func (c *compiler) published() {
	r, s := c.r, &c.r.spec
	for i := range s.Notices {
		n, p := &s.Notices[i], at("notices", i)
		if n.Digest != "" && !validDigest(n.Digest) {
			c.problem("notice.digest", at(p, "digest"), "%q is no digest: sha256: and 64 hexadecimal digits in lower case", clip(n.Digest))
		}
		index(c, at(p, "annexes"), n.Annexes, func(x *Annex) string { return x.Key })
		for j := range n.Annexes {
			x, p := &n.Annexes[j], at(p, "annexes", j)
			if placeholder(x.Reference) {
				c.problem("annex.reference", at(p, "reference"), "%q does not say where the document is", clip(x.Reference))
			}
			c.assumed(p, x.Key, x.Assumed, x.Note)
		}
		if n.Regime != "" && c.ref("laws", r.laws, at(p, "regime"), n.Regime) && i < len(r.notices) {
			c.regime(at(p, "regime"), n, r.notices[i].span)
		}
	}
}

// regime checks that a law is in force for as long as a notice is that is written under it, and that the activities of
// the notice are entered where the law wants it.
func (c *compiler) regime(p string, n *Notice, in span) {
	i := c.r.laws[n.Regime]
	law := c.r.lawSpans[i]
	if in.from.Before(law.from) || !law.until.IsZero() && (in.until.IsZero() || in.until.After(law.until)) {
		c.problem("notice.regime", p, "version %q is in force when %q is not", clip(n.Version), clip(n.Regime))
	}
	if !c.r.spec.Laws[i].Registration {
		return
	}
	for j := range c.r.spec.Activities {
		a := &c.r.spec.Activities[j]
		if a.Registration == "" && (len(a.Notices) == 0 || slices.Contains(a.Notices, n.Version)) {
			c.problem("activity.registration", at("activities", j, "registration"), "%q wants the processing entered in a register", clip(n.Regime))
		}
	}
}

// disclosures spreads which purposes are disclosures.
func (c *compiler) disclosures() {
	r := c.r
	r.disclosure = make([]bool, r.purposes.Len())
	for i := range r.spec.Purposes {
		if id, ok := r.purposes.ID(r.spec.Purposes[i].Key); ok && r.spec.Purposes[i].Disclosure {
			for n := id; n <= r.purposes.last[id]; n++ {
				r.disclosure[n] = true
			}
		}
	}
}

// aims checks that an activity serves an aim.
func (c *compiler) aims(p string, purposes Set) {
	for id := range purposes.All {
		if c.r.disclosure[id] {
			c.problem("purpose.disclosure", at(p, "purposes"), "%q is a disclosure and no aim: name the purpose that it serves", clip(c.r.purposes.Key(id)))
		}
	}
}

// via checks the disclosure that a grant rests on.
func (c *compiler) via(p, key string) {
	if key == "" {
		return
	}
	c.leaf(p, key)
	if id, ok := c.r.purposes.ID(key); ok {
		c.purposes = c.purposes.or(c.r.purposes.Below(key))
		if !c.r.disclosure[id] {
			c.problem("purpose.disclosure", p, "%q is no disclosure", clip(key))
		}
	}
}

func validDigest(s string) bool {
	digits, ok := strings.CutPrefix(s, "sha256:")
	sum, err := hex.DecodeString(digits)
	return ok && err == nil && len(sum) == 32 && strings.ToLower(digits) == digits
}

// placeholder reports whether a text was never filled in.
func placeholder(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return strings.Trim(s, ".-_?x/ ") == "" || strings.ContainsAny(s, "[]<>{}") ||
		slices.ContainsFunc([]string{"todo", "tbd", "tba", "placeholder"}, func(w string) bool { return s == w || strings.HasPrefix(s, w+" ") || strings.HasPrefix(s, w+":") })
}
