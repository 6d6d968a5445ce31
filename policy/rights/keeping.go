package rights

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Reasons of a [Use] that ended, beside those of package retention.
const (
	ConsentEnded retention.Reason = "rights.consent-ended"      // the consent that it rested on alone does not stand (GDPR Art. 17(1)(b))
	ObjectedTo   retention.Reason = "rights.marketing-objected" // direct marketing that the person objected to (Art. 17(1)(c), 21(3))
)

// Keeping says what must happen to a datum: the answer of retention for all purposes that keep it, and each of them.
type Keeping struct {
	retention.Answer
	// Trigger is the day that the deciding rule counts from, Period what it counts; zero where no clock decided.
	Trigger retention.Date   `json:"trigger"`
	Period  retention.Period `json:"period,omitzero"`
	// Uses are the purposes that were heard, in the order of the register.
	Uses []Use `json:"uses,omitempty"`
}

// Use is one purpose of one activity that the datum may serve.
type Use struct {
	Purpose  string           `json:"purpose"`
	Activity string           `json:"activity"`
	Clause   string           `json:"clause,omitempty"`
	Heard    bool             `json:"heard"`           // it counts; an activity that cannot concern the person counts by a floor alone
	Current  bool             `json:"current"`         // the person stands in a capacity of the activity
	Live     bool             `json:"live"`            // it may use the datum now
	Bases    []basis.Basis    `json:"bases,omitempty"` // that hold now
	Laws     []string         `json:"laws,omitempty"`  // of those bases
	Answer   retention.Answer `json:"answer"`
}

// floor reports whether a law keeps the datum for this use.
func (u *Use) floor() bool {
	return u.Answer.Status == retention.MustKeep && u.Answer.Because.Reason == retention.FloorRunning
}

// Left lists the purposes that may use the datum now, in order, each once.
func (k Keeping) Left() []string {
	return k.purposes(func(u *Use) bool { return u.Live })
}

// Lost lists the purposes that have ended for this datum, in order, each once.
func (k Keeping) Lost() []string {
	left := k.Left()
	return slices.DeleteFunc(k.purposes(func(u *Use) bool {
		return u.Heard && !u.Answer.Readable && u.Answer.Status != retention.PersonDecides
	}), func(p string) bool { return slices.Contains(left, p) })
}

func (k Keeping) purposes(which func(*Use) bool) (list []string) {
	for i := range k.Uses {
		if u := &k.Uses[i]; which(u) && !slices.Contains(list, u.Purpose) {
			list = append(list, u.Purpose)
		}
	}
	slices.Sort(list)
	return list
}

// keeping hears every activity that covers the datum. A category that has others below it is all of them.
func (k *Keeper) keeping(p *person, h *Holding, stated purpose.Facts) (Keeping, error) {
	tree := k.reg.Categories()
	var out Keeping
	var data []retention.Answer
	var all []*retention.Facts
	for id := range tree.Below(h.Category).All {
		if !tree.Leaf(id) {
			continue
		}
		f, err := k.factsOf(p, h, tree.Key(id), stated)
		if err != nil {
			return Keeping{}, err
		}
		all = append(all, f)
		var heard []retention.Answer
		for i := range k.activities {
			a := &k.activities[i]
			if !a.categories.Has(id) {
				continue
			}
			for _, leaf := range a.leaves {
				u, err := k.use(p, h, a, leaf, id, f, stated)
				if err != nil {
					return Keeping{}, err
				}
				if out.Uses = append(out.Uses, u); u.Heard || u.floor() {
					heard = append(heard, u.Answer)
				}
			}
		}
		if len(heard) == 0 { // a hold needs no rule; without one a person decides
			none, err := retention.Decide(nil, f, p.at)
			if err != nil {
				return Keeping{}, err
			}
			heard = append(heard, none)
		}
		data = append(data, retention.Combine(heard...))
	}
	out.Answer = retention.CombineData(data...)
	k.count(&out, all, p.at)
	return out, nil
}

// use asks one activity about one purpose.
func (k *Keeper) use(p *person, h *Holding, a *activity, leaf string, category purpose.ID, f *retention.Facts, stated purpose.Facts) (Use, error) {
	id, _ := k.reg.Purposes().ID(leaf)
	rules := a.bearing(category, id)
	answer, err := retention.Decide(rules, f, p.at)
	if err != nil {
		return Use{}, err
	}
	u := Use{Purpose: leaf, Activity: a.Key, Clause: a.Clause, Answer: answer}
	current, ever := false, false
	for _, c := range a.Capacities {
		anyone := c == purpose.Anybody
		current, ever = current || anyone || p.current[c], ever || anyone || p.ever[c]
	}
	u.Current = current
	u.Heard = ever && a.stores && k.obtained(p, h, leaf, category) && k.inNotice(p, h, a) && !refuted(a.Conditions, stated)
	if !u.Heard {
		return u, nil
	}
	key := k.reg.Categories().Key(category)
	consent := k.bases(p, &u, a, key)
	switch {
	case consent.only && !consent.given:
		u.Heard = false
	case consent.only && consent.ended:
		end(&u.Answer, rules, f, ConsentEnded, a.Clause, consent.since)
	case k.reg.Marketing(id):
		if o, stands := p.state.MarketingObjection(leaf, &p.records); stands {
			end(&u.Answer, rules, f, ObjectedTo, a.Clause, o.Since)
		}
	}
	u.Live = u.Heard && u.Current && u.Answer.Readable && len(u.Bases) > 0 && k.grounded(p, a, leaf, category)
	return u, nil
}

// obtained reports whether the datum may serve the purpose, by its dataset and by what it was obtained for (GDPR Art.
// 5(1)(b), 6(4)).
func (k *Keeper) obtained(p *person, h *Holding, leaf string, category purpose.ID) bool {
	within := func(n string) bool { return k.reg.Within(leaf, n) }
	if ds := k.datasets[h.Dataset]; ds != nil && len(ds.Purposes) > 0 && !slices.ContainsFunc(ds.Purposes, within) {
		return false
	}
	if len(h.ObtainedFor) == 0 || slices.ContainsFunc(h.ObtainedFor, within) {
		return true
	}
	return slices.ContainsFunc(k.spec.Compatible, func(c purpose.Compatible) bool {
		if c.To != leaf || !slices.Contains(h.ObtainedFor, c.From) {
			return false
		}
		_, valid := p.records.AssessmentValid(c.Assessment, leaf, p.at)
		return valid && (len(c.Categories) == 0 || k.reg.Categories().Below(c.Categories...).Has(category))
	})
}

// inNotice reports whether the activity belongs to a notice version under which the datum is or was held.
func (k *Keeper) inNotice(p *person, h *Holding, a *activity) bool {
	if len(a.Notices) == 0 || h.CollectedAt.IsZero() {
		return true
	}
	for _, at := range [2]time.Time{h.CollectedAt, p.at} {
		if _, version, ok := k.reg.NoticeAt(at); ok && slices.Contains(a.Notices, version) {
			return true
		}
	}
	return false
}

// refuted reports whether a condition was stated not to hold. One that nobody stated may hold.
func refuted(conditions []purpose.Condition, stated purpose.Facts) bool {
	return slices.ContainsFunc(conditions, func(c purpose.Condition) bool {
		holds, said := c.Holds(stated)
		return said && !holds
	})
}

// end makes an answer that of a purpose that ended at an instant, unless something keeps the datum: a floor, a hold, a rule
// with a floor that nobody can tell of, or a restriction that came before.
func end(a *retention.Answer, rules []*retention.Rule, f *retention.Facts, why retention.Reason, clause string, at time.Time) {
	a.Readable, a.Storable, a.ReadBecause = false, false, retention.Cause{Reason: why, Clause: clause}
	switch a.Status {
	case retention.MustKeep:
		return
	case retention.MustErase:
		if !a.FirstErasable.After(at) {
			return // it had ended before
		}
	case retention.PersonDecides:
		if slices.ContainsFunc(rules, func(r *retention.Rule) bool { return !r.Floor.IsZero() }) && a.Because.Reason != retention.NoRule {
			return
		}
	}
	if len(f.Holds) > 0 { // placed when the datum should have gone: one that came before made it MustKeep
		a.Status, a.Because, a.Term = retention.PersonDecides, retention.Cause{Reason: retention.HoldLate, Ref: f.Holds[0].Ref}, retention.Term{}
		return
	}
	a.Because = a.ReadBecause
	a.Term = retention.Term{LastDay: retention.DateOf(at, f.Zone), FirstErasable: at}
	a.Status = retention.MustErase
	for _, r := range f.Restrictions {
		if !r.From.After(at) {
			a.Status, a.Because, a.Term = retention.MayKeep, retention.Cause{Reason: retention.Restricted, Ref: r.Ref}, retention.Term{}
			return
		}
	}
}

// count finds the clock of the rule that decided.
func (k *Keeper) count(out *Keeping, facts []*retention.Facts, at time.Time) {
	if out.Because.Rule == "" {
		return
	}
	for i := range k.spec.Retention {
		r := &k.spec.Retention[i]
		if r.Key != out.Because.Rule || r.Anchor.IsZero() {
			continue
		}
		if out.Period = r.Ceiling; out.Because.Reason == retention.FloorRunning || out.Period.IsZero() {
			out.Period = r.Floor
		}
		for _, f := range facts {
			if day, ok := r.Started(f, at); ok {
				out.Trigger = day
				return
			}
		}
	}
}
