package policy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/purpose"
)

// Immediate is implemented by deciders, ledgers and pseudonymizers that do bounded work in memory and never wait.
// Others are called on a goroutine of their own, so that one that hangs holds up nobody.
type Immediate interface{ Immediate() bool }

// Prompt is implemented by trails whose Append returns when its context ends, whatever the disk or the network does.
// Others are called on a goroutine of their own.
type Prompt interface{ Prompt() bool }

// prompt reports whether neither ledger nor policies wait.
func (g *Guard) prompt() bool {
	return g.instant && !slices.ContainsFunc(g.immediates, func(i Immediate) bool { return i == nil || !i.Immediate() })
}

// policies asks every policy once for all fields. A field is let through if one permits it and none denies it.
func (g *Guard) policies(ctx context.Context, s *session, e *evaluation, leaf purpose.ID) {
	d := e.d
	if s.bypass {
		d.PolicyDigest = g.policyDigest()
		return
	}
	in := &e.input
	in.Request, in.Plan, in.Purpose, in.Fields, in.Notice, in.Country, in.Explain = &e.req, e.pc.plan, leaf, e.want, d.Notice, d.Country, s.explain
	if e.to != nil {
		in.RecipientKind = e.to.Kind
	}
	for i := range e.people {
		if e.people[i].role == 0 {
			for _, c := range e.people[i].state.Capacities {
				in.Capacities = append(in.Capacities, c.Key)
			}
			break
		}
	}
	var permit purpose.FieldSet
	digests := e.digests[:0]
	var v Verdict
	e.lasting = true
	for i, dec := range g.deciders {
		var code Code
		if e.heard == nil || !e.heard.answers(i, dec, e, &v) {
			code = g.consult(ctx, i, e.began, in, &v)
			g.vitals.policies[i].noteCode(code, g.now)
			if e.heard != nil {
				e.heard.keep(i, code, e, &v)
			}
		}
		if code != "" {
			e.block(code, e.want, dec.Name(), "")
			digests = append(digests, digestOf(dec))
			e.lasting = false
			continue
		}
		e.lasting, e.until = e.lasting && v.Lasting, sooner(e.until, v.Until)
		digests = append(digests, v.Digest)
		permit = permit.Or(v.Permit)
		g.heed(e, dec.Name(), &v)
	}
	e.digests = digests
	if len(digests) == 1 {
		d.PolicyDigest = digests[0]
	} else {
		d.PolicyDigest = g.digests.join(digests)
	}
	if fs := e.want.Without(permit); !fs.Empty() {
		e.block(CodePolicyPermit, fs, "", "")
	}
}

// heard is what policies said about a record of a batch, by policy. Of another whose main data subject has the same capacities they
// would say the same, for as long as it lasts: all else is one request.
type heard []hearing

type hearing struct {
	verdict    Verdict
	capacities []string
	notice     int
	at         time.Time
}

// answers gives the verdict of a policy if it would be the same again.
func (h heard) answers(n int, dec Decider, e *evaluation, v *Verdict) bool {
	if n >= len(h) {
		return false
	}
	last := &h[n]
	if !last.verdict.Lasting || last.notice != e.notice || e.req.At.Before(last.at) || !last.verdict.Until.IsZero() && !e.req.At.Before(last.verdict.Until) ||
		!slices.Equal(last.capacities, e.input.Capacities) || digestOf(dec) != last.verdict.Digest {
		return false
	}
	*v = last.verdict
	return true
}

// keep takes note of a verdict.
func (h *heard) keep(n int, code Code, e *evaluation, v *Verdict) {
	for n >= len(*h) {
		*h = append(*h, hearing{})
	}
	if (*h)[n] = (hearing{}); code == "" && v.Lasting {
		(*h)[n] = hearing{*v, slices.Clone(e.input.Capacities), e.notice, e.req.At}
	}
}

// heed takes in what a verdict refuses, masks and demands.
func (g *Guard) heed(e *evaluation, name string, v *Verdict) {
	d := e.d
	var explained purpose.FieldSet
	for i := range v.Hits {
		h := v.Hits[i]
		h.Policy = name
		h.Fields = h.Fields.And(e.want)
		if !purpose.ValidKey(h.Rule) {
			h.Rule, h.File, h.Line = "", "", 0 // words of its own are not repeated: they may quote the request
		}
		d.hits = append(d.hits, h)
		if h.Effect == EffectDeny {
			if fs := h.Fields.And(v.Deny); !fs.Empty() {
				explained = explained.Or(fs)
				e.block(CodePolicyDeny, fs, cmp.Or(h.Rule, name), h.place())
			}
		}
	}
	if fs := v.Deny.And(e.want).Without(explained); !fs.Empty() {
		e.block(CodePolicyDeny, fs, name, "")
	}
	for _, r := range v.Redactions {
		r.Fields = r.Fields.And(e.want)
		if r.Mask >= Mask(len(maskNames)) {
			if !r.Fields.Empty() {
				e.block(CodePolicyMask, r.Fields, name, "")
			}
			continue
		}
		d.redactions = append(d.redactions, r)
	}
	for _, o := range v.Obligations {
		if !purpose.ValidKey(o) || len(d.extra) == maxObligations {
			e.block(CodePolicyError, e.want, name, "")
			break
		}
		d.extra = append(d.extra, o)
	}
}

func (h *Hit) place() string {
	if h.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", h.File, h.Line)
}

// consult asks one policy, the n-th, and turns whatever goes wrong into a code, without its text: an error of an
// engine may quote what it was given.
func (g *Guard) consult(ctx context.Context, n int, began time.Time, in *Input, v *Verdict) Code {
	i := g.immediates[n]
	here := i != nil && i.Immediate()
	if here && n == 0 && g.wall && g.instant { // nothing since the decision began may take long: one look at the clock will do
		if code := g.hear(ctx, n, began, in, v, here); code != CodePolicyTimeout || ctx.Err() != nil {
			return code
		}
	} // else it was late already when it was asked, perhaps
	return g.hear(ctx, n, time.Now(), in, v, here)
}

// hear asks a policy, on this goroutine or on one of its own. It has answered in time if the time-out is not over since start.
func (g *Guard) hear(ctx context.Context, n int, start time.Time, in *Input, v *Verdict, here bool) (code Code) {
	dec := g.deciders[n]
	if here {
		code = ask(ctx, dec, in, v)
	} else {
		code = g.askApart(ctx, dec, in, v)
	}
	if v.Digest == "" {
		v.Digest = digestOf(dec)
	}
	switch {
	case code != "":
	case !g.digests.known(n, v.Digest):
		code = CodePolicyError
	case ctx.Err() != nil || time.Since(start) > g.policyTimeout:
		code = CodePolicyTimeout
	}
	return code
}

// maxObligations is how many policies may add to a decision.
const maxObligations = 16

// validDigest reports whether s is "sha256:" and 64 digits in lower-case hex.
func validDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	if !ok || len(hex) != 64 {
		return false
	}
	for i := 0; i < len(hex); i++ {
		if c := hex[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// askApart calls a policy on a goroutine of its own, with copies of everything, and leaves it behind when it is late.
func (g *Guard) askApart(ctx context.Context, dec Decider, in *Input, v *Verdict) Code {
	*v = Verdict{}
	c := &consultation{policy: dec, in: *in, req: *in.Request}
	c.in.Request = &c.req
	c.in.Capacities = slices.Clone(in.Capacities)
	c.begin(ctx, g.policyTimeout, false)
	defer c.end()
	if g.crew.do(&c.term, c) != nil {
		return CodePolicyTimeout
	}
	*v = c.verdict
	return c.code
}

// consultation is a question to a policy that may hang.
type consultation struct {
	term
	policy  Decider
	in      Input
	req     Request
	verdict Verdict
	code    Code
}

func (c *consultation) do() error {
	c.code = ask(&c.term, c.policy, &c.in, &c.verdict)
	return nil
}

func ask(ctx context.Context, dec Decider, in *Input, v *Verdict) (code Code) {
	*v = Verdict{}
	defer func() {
		if r := recover(); r != nil {
			*v, code = Verdict{}, CodePolicyPanic
		}
	}()
	answered, err := dec.Decide(ctx, in)
	switch {
	case err == nil:
		*v = answered
		return ""
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return CodePolicyTimeout
	}
	return CodePolicyError
}
