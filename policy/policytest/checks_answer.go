package policytest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// outcome is an answer in one form: lists in order, masks joined, an error as such.
func outcome(v policy.Verdict, err error) string {
	if err != nil {
		return "error"
	}
	masks := make(map[policy.Mask]purpose.FieldSet)
	for _, r := range v.Redactions {
		masks[r.Mask] = masks[r.Mask].Or(r.Fields)
	}
	hits := slices.Clone(v.Hits)
	slices.SortFunc(hits, func(a, b policy.Hit) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), int(a.Effect)-int(b.Effect), strings.Compare(a.File, b.File), a.Line-b.Line,
			strings.Compare(fmt.Sprint(a.Fields), fmt.Sprint(b.Fields)))
	})
	obligations := slices.Clone(v.Obligations)
	slices.Sort(obligations)
	return fmt.Sprint(v.Permit, v.Deny, masks, hits, slices.Compact(obligations), v.Digest)
}

func (t *trial) outcome(in *policy.Input) string { return outcome(t.ask(in)) }

func repeats(t *trial) {
	first := make([]string, len(t.inputs))
	for i, in := range t.inputs {
		first[i] = t.outcome(in)
	}
	for i := len(t.inputs) - 1; i >= 0; i-- {
		t.that(t.outcome(t.inputs[i]) == first[i], "another answer the second time: %s", describe(t.inputs[i]))
	}
}

func ordered(t *trial) {
	for _, in := range t.inputs {
		first := t.outcome(in)
		t.that(t.outcome(with(in, func(in *policy.Input) {
			p := &in.Request.Principal
			slices.Reverse(p.Roles)
			slices.Reverse(p.Tasks)
			slices.Reverse(in.Request.Facts)
			slices.Reverse(in.Request.Provenance.ObtainedFor)
			slices.Reverse(in.Capacities)
		})) == first, "another answer with lists turned round: %s", describe(in))
		t.that(t.outcome(with(in, func(in *policy.Input) {
			p := &in.Request.Principal
			p.Roles, p.Tasks, in.Capacities = append(p.Roles, p.Roles...), append(p.Tasks, p.Tasks...), append(in.Capacities, in.Capacities...)
		})) == first, "another answer with entries repeated: %s", describe(in))
	}
}

// lasts changes all that a verdict that says it lasts does not rest on. Others may change with it.
func lasts(t *trial) {
	for _, in := range t.inputs {
		v, err := t.ask(in)
		if err != nil || !v.Lasting {
			continue
		}
		at := in.Request.At
		if !v.Until.IsZero() && !t.that(v.Until.After(at), "a verdict ends before it is given: %s", describe(in)) {
			continue
		}
		first := outcome(v, err)
		for _, later := range []time.Duration{0, time.Second, time.Minute, time.Hour, 24 * time.Hour, 400 * 24 * time.Hour} {
			when := at.Add(later)
			if !v.Until.IsZero() && !when.Before(v.Until) {
				when = v.Until.Add(-1)
			}
			t.that(t.outcome(with(in, func(in *policy.Input) {
				r := in.Request
				r.At, r.KnownAt = when, when
				r.Principal.ID, r.Principal.Tasks, r.DataSubject, r.TraceID = "somebody-else", nil, "somebody-else", ""
				r.Provenance = policy.Provenance{}
				if r.Reviewer != "" {
					r.Reviewer = "somebody-else"
				}
			})) == first, "a verdict that says it lasts is another %v later, for somebody else: %s", when.Sub(at), describe(in))
		}
	}
}

func concurrent(t *trial) {
	alone := make([]string, len(t.inputs))
	for i, in := range t.inputs {
		alone[i] = t.outcome(in)
	}
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range t.inputs {
				j := (i*7 + g) % len(t.inputs)
				t.that(t.outcome(t.inputs[j]) == alone[j], "another answer in company: %s", describe(t.inputs[j]))
			}
		})
	}
	group.Wait()
}

func leftAlone(t *trial) {
	for _, in := range t.inputs {
		given, kept := clone(in), clone(in)
		if _, err := t.askIn(t.ctx, given); errors.Is(err, errPanic) {
			return
		}
		t.that(reflect.DeepEqual(given, kept), "it changes the input: %s", describe(kept))
	}
}

// notKept changes every input after the answer: whoever kept it answers from what it became.
func notKept(t *trial) {
	for _, in := range t.inputs {
		first := t.outcome(in)
		given := clone(in)
		if _, err := t.askIn(t.ctx, given); errors.Is(err, errPanic) {
			return
		}
		for i := range given.Request.Principal.Roles {
			given.Request.Principal.Roles[i] = "spoiled"
		}
		for i := range given.Capacities {
			given.Capacities[i] = "spoiled"
		}
		for i := range given.Request.Facts {
			given.Request.Facts[i] = purpose.Named("spoiled", purpose.True())
		}
		*given.Request, given.Fields, given.Purpose = policy.Request{}, purpose.FieldSet{}, 0
		t.that(t.outcome(in) == first, "what is done to an input after the answer changes the next: %s", describe(in))

		// The same input, made into another request, as a guard does that uses it again.
		reused := clone(in)
		for _, next := range t.inputs[:min(5, len(t.inputs))] {
			*reused.Request = *clone(next).Request
			reused.Fields, reused.Purpose, reused.Country, reused.RecipientKind = next.Fields, next.Purpose, next.Country, next.RecipientKind
			reused.Capacities, reused.Explain, reused.Notice = slices.Clone(next.Capacities), next.Explain, next.Notice
			t.that(outcome(t.askIn(t.ctx, reused)) == t.outcome(next), "an input that is used again gets an answer of before: %s", describe(next))
		}
	}
}

func ownAnswer(t *trial) {
	for _, in := range t.inputs {
		v, err := t.ask(in)
		first := outcome(v, err)
		for i := range v.Obligations {
			v.Obligations[i] = "spoiled"
		}
		for i := range v.Redactions {
			v.Redactions[i] = policy.Redaction{}
		}
		for i := range v.Hits {
			v.Hits[i] = policy.Hit{}
		}
		t.that(t.outcome(in) == first, "what is done to an answer changes the next: %s", describe(in))
	}
}

func ended(t *trial) {
	cancelled, cancel := context.WithCancel(t.ctx)
	cancel()
	late, stop := context.WithDeadline(t.ctx, time.Unix(0, 0))
	defer stop()
	for _, in := range t.inputs {
		for what, ctx := range map[string]context.Context{"cancelled": cancelled, "late": late} {
			v, err := t.askIn(ctx, clone(in))
			t.that(err != nil || v.Permit.Empty(), "a %s context: it permits something", what)
		}
	}
}

// leftOut drops one thing at a time. What the guard releases then may not be more, nor shown more openly.
func leftOut(t *trial) {
	for _, in := range t.inputs {
		v, err := t.ask(in)
		before := releaseOf(in, v, err)
		for _, drop := range drops(in) {
			less := with(in, drop.do)
			v, err := t.ask(less)
			if why := before.widened(releaseOf(less, v, err)); why != "" {
				t.problem("without %s %s: %s", drop.what, why, describe(in))
			}
		}
	}
}

type drop struct {
	what string
	do   func(*policy.Input)
}

// drops is what a request may leave out.
func drops(in *policy.Input) (list []drop) {
	add := func(what string, do func(*policy.Input)) { list = append(list, drop{what, do}) }
	r := in.Request
	for i := range r.Principal.Roles {
		add("a role", func(in *policy.Input) { in.Request.Principal.Roles = slices.Delete(in.Request.Principal.Roles, i, i+1) })
	}
	for i := range r.Principal.Tasks {
		add("a task", func(in *policy.Input) { in.Request.Principal.Tasks = slices.Delete(in.Request.Principal.Tasks, i, i+1) })
	}
	for i := range r.Facts {
		add("fact "+r.Facts[i].Fact, func(in *policy.Input) { in.Request.Facts = slices.Delete(in.Request.Facts, i, i+1) })
	}
	for i := range in.Capacities {
		add("a capacity", func(in *policy.Input) { in.Capacities = slices.Delete(in.Capacities, i, i+1) })
	}
	add("roles", func(in *policy.Input) { in.Request.Principal.Roles = nil })
	add("tasks", func(in *policy.Input) { in.Request.Principal.Tasks = nil })
	add("facts", func(in *policy.Input) { in.Request.Facts = nil })
	add("capacities", func(in *policy.Input) { in.Capacities = nil })
	add("the organisation", func(in *policy.Input) { in.Request.Principal.Organisation = "" })
	add("the principal's country", func(in *policy.Input) { in.Request.Principal.Country = "" })
	add("the dataset", func(in *policy.Input) { in.Request.Dataset = "" })
	add("the provenance", func(in *policy.Input) { in.Request.Provenance = policy.Provenance{} })
	add("the reviewer", func(in *policy.Input) { in.Request.Reviewer = "" })
	add("the statute", func(in *policy.Input) { in.Request.Statute = "" })
	if r.Action == purpose.Share {
		add("the recipient", func(in *policy.Input) {
			in.Request.Recipient, in.Request.Country, in.Country, in.RecipientKind = "", "", "", 0
		})
	}
	return list
}

// release is what a guard would let out.
type release struct {
	fields      purpose.FieldSet
	masks       map[int]policy.Mask // of masked fields; of two masks the one that shows nothing
	obligations []string
}

func releaseOf(in *policy.Input, v policy.Verdict, err error) release {
	r := release{masks: make(map[int]policy.Mask)}
	if err != nil {
		return r
	}
	r.fields, r.obligations = v.Permit.Without(v.Deny).And(in.Fields), v.Obligations
	for _, x := range v.Redactions {
		for f := range x.Fields.And(r.fields).All {
			if m, again := r.masks[f]; again && m != x.Mask {
				r.masks[f] = policy.Remove
			} else {
				r.masks[f] = x.Mask
			}
		}
	}
	return r
}

// widened says how another release is wider; empty when it is not.
func (r release) widened(other release) string {
	if !other.fields.Without(r.fields).Empty() {
		return "it permits more"
	}
	for f := range other.fields.All {
		was, masked := r.masks[f]
		now, still := other.masks[f]
		if masked && (!still || now != was && now != policy.Remove) {
			return "it masks less"
		}
	}
	if other.fields == r.fields && !other.fields.Empty() {
		for _, o := range r.obligations {
			if !slices.Contains(other.obligations, o) {
				return "it demands less"
			}
		}
	}
	return ""
}

// explained wants the same answer with Explain set, and every permitted field to have a rule that permits it.
func explained(t *trial) {
	for _, in := range t.inputs {
		plain, err := t.ask(with(in, func(in *policy.Input) { in.Explain = false }))
		full, err2 := t.ask(with(in, func(in *policy.Input) { in.Explain = true }))
		var permitted, denied purpose.FieldSet
		for _, h := range full.Hits {
			switch h.Effect {
			case policy.EffectPermit:
				permitted = permitted.Or(h.Fields)
			case policy.EffectDeny:
				denied = denied.Or(h.Fields)
			}
		}
		t.that(full.Permit.Without(permitted).Empty(), "no rule says why a field is permitted: %s", describe(in))
		t.that(full.Deny.Without(denied).Empty(), "no rule says why a field is denied: %s", describe(in))
		plain.Hits, full.Hits = nil, nil
		t.that(outcome(plain, err) == outcome(full, err2), "another answer when it is to be explained: %s", describe(in))
	}
}
