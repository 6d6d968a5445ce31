package policytest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// decides keeps the other checks from proving nothing.
func decides(t *trial) {
	permits, refuses := 0, 0
	for _, in := range t.inputs {
		v, err := t.ask(in)
		if err != nil {
			t.problem("it fails for %s", describe(in))
			continue
		}
		if open := v.Permit.Without(v.Deny).And(in.Fields); !open.Empty() {
			permits++
		}
		if closed := in.Fields.Without(v.Permit).Or(v.Deny.And(in.Fields)); !closed.Empty() {
			refuses++
		}
	}
	t.that(permits > 0, "it permits nothing of what the setting asks for: there is nothing to test")
	t.that(refuses > 0, "it refuses nothing of what the setting asks for: there is nothing to test")
}

func name(t *trial) {
	first := t.d.Name()
	t.that(purpose.ValidKey(first), "its name is no key")
	for _, in := range t.inputs[:min(10, len(t.inputs))] {
		t.ask(in)
		t.that(t.d.Name() == first, "its name changes")
	}
}

func digest(t *trial) {
	first := t.d.Digest()
	t.that(isDigest(first), "its digest is not sha256: and 64 hex digits in lower case")
	for _, in := range t.inputs[:min(10, len(t.inputs))] {
		t.ask(in)
		t.that(t.d.Digest() == first, "its digest changes though nothing else does")
	}
}

func isDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == ""
}

func names(t *trial) {
	for _, in := range t.inputs {
		if v, err := t.ask(in); err == nil && !t.that(v.Digest == t.d.Digest(), "the verdict names another digest, or none") {
			return
		}
	}
}

func incomplete(t *trial) {
	for i, in := range t.inputs {
		if i >= 40 {
			break
		}
		for what, spoiled := range map[string]*policy.Input{
			"no input":            nil,
			"an empty input":      {Fields: in.Fields},
			"no request":          with(in, func(in *policy.Input) { in.Request = nil }),
			"no plan":             with(in, func(in *policy.Input) { in.Plan = nil }),
			"a plan of nothing":   with(in, func(in *policy.Input) { in.Plan = &purpose.Plan{} }),
			"no action":           with(in, func(in *policy.Input) { in.Request.Action = 0 }),
			"an unknown action":   with(in, func(in *policy.Input) { in.Request.Action = 99 }),
			"an unknown purpose":  with(in, func(in *policy.Input) { in.Purpose, in.Request.Purpose = 1<<15, "policytest.unknown" }),
			"no requested fields": with(in, func(in *policy.Input) { in.Fields = purpose.FieldSet{} }),
		} {
			v, err := t.ask(spoiled)
			t.that(err != nil || v.Permit.Empty(), "%s: it permits something", what)
		}
	}
	var none context.Context
	v, err := t.askIn(none, clone(t.inputs[0]))
	t.that(err != nil || v.Permit.Empty(), "no context: it permits something")
}

func requested(t *trial) {
	for _, in := range t.inputs {
		in = with(in, func(in *policy.Input) { in.Explain = true })
		v, err := t.ask(in)
		if err != nil {
			continue
		}
		outside := func(fs purpose.FieldSet) bool { return !fs.Without(in.Fields).Empty() }
		t.that(!outside(v.Permit), "it permits a field that was not requested")
		t.that(!outside(v.Deny), "it denies a field that was not requested")
		for _, r := range v.Redactions {
			t.that(!outside(r.Fields), "it masks a field that was not requested")
		}
		for _, h := range v.Hits {
			t.that(!outside(h.Fields), "a rule matched a field that was not requested")
		}
	}
}

// onRecord wants what a guard repeats to be keys.
func onRecord(t *trial) {
	const most = 16 // obligations that a guard takes
	for _, in := range t.inputs {
		v, err := t.ask(with(in, func(in *policy.Input) { in.Explain = true }))
		if err != nil {
			continue
		}
		t.that(len(v.Obligations) <= most, "more than %d obligations", most)
		for _, o := range v.Obligations {
			t.that(purpose.ValidKey(o), "an obligation is no key")
		}
		for _, r := range v.Redactions {
			text, err := r.Mask.MarshalText()
			var back policy.Mask
			t.that(err == nil && back.UnmarshalText(text) == nil && back == r.Mask, "a mask is none")
		}
		for _, h := range v.Hits {
			t.that(purpose.ValidKey(h.Rule), "a rule that matched has no key")
			t.that(h.Effect >= policy.EffectPermit && h.Effect <= policy.EffectOblige, "a rule that matched has no effect")
		}
	}
}

// canary is in every text of a request where it may stand.
const canary = "canary-5550107"

func canaries(t *trial) {
	for _, in := range t.inputs {
		in = with(in, func(in *policy.Input) {
			in.Explain = true
			r := in.Request
			for _, text := range []*string{&r.Principal.ID, &r.Principal.Organisation, &r.Principal.Country, &r.DataSubject, &r.Statute,
				&r.Dataset, &r.Provenance.Source, &r.Reviewer, &r.TraceID} {
				*text = canary
			}
			r.Principal.Roles, r.Principal.Tasks = append(r.Principal.Roles, canary), append(r.Principal.Tasks, canary)
			r.Provenance.ObtainedFor = []string{canary}
			for i := range r.Facts {
				switch r.Facts[i].Value.Type() {
				case purpose.Text:
					r.Facts[i].Value = purpose.TextValue(canary)
				case purpose.TextList:
					r.Facts[i].Value = purpose.TextsValue(canary)
				}
			}
			r.Facts = append(r.Facts, purpose.Named(canary, purpose.True()))
		})
		v, err := t.ask(in)
		t.that(!strings.Contains(fmt.Sprintf("%+v", v), canary), "the verdict repeats a text of the request")
		t.that(!strings.Contains(fmt.Sprintf("%+v", err), canary), "the error repeats a text of the request")
		gone := with(in, func(in *policy.Input) { in.Request.Purpose = canary })
		v, err = t.ask(gone)
		t.that(!strings.Contains(fmt.Sprintf("%+v %+v", v, err), canary), "an answer about an unknown purpose repeats it")
	}
}

func listed(t *trial) {
	l, ok := t.d.(policy.Listed)
	if !ok {
		return
	}
	rules := l.Rules()
	t.that(slices.IsSortedFunc(rules, func(a, b policy.Rule) int { return strings.Compare(a.ID, b.ID) }), "the rules are not listed in the order of their ids")
	for _, r := range rules {
		t.that(purpose.ValidKey(r.ID), "a listed rule has no key")
		t.that(r.Effect >= policy.EffectPermit && r.Effect <= policy.EffectOblige, "a listed rule has no effect")
	}
	for _, in := range t.inputs {
		v, err := t.ask(with(in, func(in *policy.Input) { in.Explain = true }))
		if err != nil {
			continue
		}
		for _, h := range v.Hits {
			t.that(slices.ContainsFunc(rules, func(r policy.Rule) bool { return r.ID == h.Rule && r.File == h.File && r.Line == h.Line }),
				"a rule matched that is not listed, or not at its place")
		}
	}
}

func foreseen(t *trial) {
	f, ok := t.d.(policy.Foreseeing)
	if !ok {
		return
	}
	for _, in := range t.inputs {
		v, err := t.ask(with(in, func(in *policy.Input) { in.Explain = true }))
		if err != nil {
			continue
		}
		reach, err := f.Foresee(t.ctx, policy.Prospect{Action: in.Request.Action, Purpose: in.Purpose, Recipient: in.Request.Recipient, Country: in.Country, Plan: in.Plan})
		if !t.that(err == nil, "it cannot foresee %s", describe(in)) {
			continue
		}
		t.that(v.Permit.Without(v.Deny).Without(reach.Permit).Empty(), "it permits a field that it did not foresee: %s", describe(in))
		for _, h := range v.Hits {
			t.that(h.Fields.Empty() || slices.Contains(reach.Rules, h.Rule), "a rule matched that it did not foresee: %s", describe(in))
		}
		t.that(slices.IsSorted(reach.Rules), "the rules that it foresees are not sorted")
	}
}
