package oracle_test

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// question is one request about one target, and what the policies will answer.
type question struct {
	req     policy.Request
	target  *target
	paths   []string // empty: all
	scripts []*script
}

// asker makes requests that mostly fit the register.
type asker struct {
	dice
	w *world
}

func (a asker) question() *question {
	act, who := a.promising()
	q := &question{target: a.target(who, act)}
	r := &q.req
	r.Principal = policy.Principal{ID: "u17", Roles: []string{"clerk"}}
	r.Purpose = a.leafOf(act)
	r.Action = a.actionOf(act)
	r.DataSubject = who
	if main := q.target.roles[0]; !main.byAsk { // the record says; the request may agree
		r.DataSubject = pick(a.dice, append([]string{""}, main.ids...)...)
	}
	if a.chance(0.05) {
		r.DataSubject = pick(a.dice, "", "anna", "*")
	}
	if q.target.release && r.Action != purpose.Share {
		r.Action = purpose.Read
	}
	if r.Action == purpose.Share {
		a.share(r, act)
	}
	for i, d := range a.w.spec.Datasets {
		if i == 0 || a.chance(0.1) || len(d.Purposes) == 0 || underAny(r.Purpose, d.Purposes) {
			r.Dataset = d.Key
		}
	}
	if r.Action == purpose.Decide && a.chance(0.4) || a.chance(0.2) {
		r.Reviewer = "u1"
	}
	r.Minor = a.chance(0.15)
	a.organisation(r)
	if act.Provenance || r.Action == purpose.Collect || a.chance(0.3) {
		a.provenance(r, act)
	}
	if a.chance(0.75) {
		r.Provenance.CollectedAt = present.Add(-time.Duration(a.between(1, 4*365*24)) * time.Hour)
		if a.chance(0.2) { // on one of the days that some months lack
			r.Provenance.CollectedAt = time.Date(a.between(2021, 2025), pick(a.dice, time.January, time.March, time.May, time.August, time.August), 31, 12, 0, 0, 0, time.UTC)
		}
	}
	if a.chance(0.15) {
		r.Provenance.Record = pick(a.dice, "c1", "c2", "c3")
	}
	if r.Statute == "" && a.chance(0.2) {
		r.Statute = pick(a.dice, lawKeys...)
	}
	a.facts(r, act)
	if !q.target.release {
		a.times(r, who)
	}
	if a.chance(0.2) {
		for range a.between(1, 2) {
			a.spoil(r)
		}
	}
	if q.target.release { // the way out takes its action from the request, and the time from the clock
		r.Action, r.At, r.KnownAt = purpose.Read, time.Time{}, time.Time{}
		if r.Recipient != "" {
			r.Action = purpose.Share
		}
	}
	for _, f := range q.target.fields { // mostly what the activity is about
		if underAny(f.category, act.Categories) && a.chance(0.8) || a.chance(0.08) {
			q.paths = append(q.paths, f.path)
		}
	}
	if a.chance(0.12) {
		q.paths = nil
	}
	if a.chance(0.005) {
		q.paths = append(q.paths, "Nome")
	}
	for range a.w.policies {
		q.scripts = append(q.scripts, generateScript(a.dice, q.target.fields))
	}
	return q
}

// promising picks an activity and a person, mostly such that it covers the person and has a basis.
func (a asker) promising() (act *purpose.Activity, who string) {
	for range 6 {
		act, who = &a.w.spec.Activities[a.IntN(len(a.w.spec.Activities))], someone(a.dice)
		v := a.w.oracle.see(who, present, time.Time{})
		if a.chance(0.12) || v.acts(act.Capacities) && slices.ContainsFunc(act.Claims, func(c basis.Claim) bool {
			_, ok := v.holds(&c, matter{leaf: a.leafOf(act)})
			return ok
		}) {
			break
		}
	}
	return act, who
}

// target is a record or schema, mostly with fields that the activity is about.
func (a asker) target(who string, act *purpose.Activity) (t *target) {
	for range 5 {
		t = generateTarget(a.dice, who)
		if slices.ContainsFunc(t.fields, func(f field) bool { return underAny(f.category, act.Categories) }) {
			break
		}
	}
	return t
}

// leafOf is a leaf below a purpose of the activity.
func (a asker) leafOf(act *purpose.Activity) string {
	var fit []string
	for _, p := range a.w.spec.Purposes {
		if underAny(p.Key, act.Purposes) && a.w.oracle.isLeaf(p.Key) {
			fit = append(fit, p.Key)
		}
	}
	if len(fit) == 0 || a.chance(0.03) {
		return pick(a.dice, append(leafPurposes, disclosed)...)
	}
	return pick(a.dice, fit...)
}

func (a asker) actionOf(act *purpose.Activity) purpose.Action {
	actions := act.Actions
	if len(actions) == 0 {
		actions = []purpose.Action{purpose.Collect, purpose.Read, purpose.Read, purpose.Use, purpose.Store, purpose.Share, purpose.Share}
	}
	x := pick(a.dice, actions...)
	if x == purpose.Share && len(act.Recipients) == 0 && a.chance(0.8) {
		return purpose.Read
	}
	return x
}

func (a asker) share(r *policy.Request, act *purpose.Activity) {
	r.Recipient = pick(a.dice, recipientKeys...)
	if len(act.Recipients) > 0 && a.chance(0.9) {
		r.Recipient = pick(a.dice, act.Recipients...).Recipient
	}
	i := slices.IndexFunc(a.w.spec.Recipients, func(x purpose.Recipient) bool { return x.Key == r.Recipient })
	x := &a.w.spec.Recipients[i]
	if len(x.Countries) > 1 || a.chance(0.3) {
		r.Country = pick(a.dice, x.Countries...)
	}
	for _, g := range x.Safeguards {
		if slices.Contains(g.Countries, r.Country) || len(x.Countries) == 1 && slices.Contains(g.Countries, x.Countries[0]) {
			r.Mechanism = g.Mechanism
		}
	}
	if x.Statute || a.chance(0.1) {
		r.Statute = pick(a.dice, lawKeys...)
	}
}

func (a asker) organisation(r *policy.Request) {
	if key := a.w.spec.Controller.Key; key != "" {
		r.Principal.Organisation = key
	}
	if a.chance(0.04) {
		r.Principal.Organisation = pick(a.dice, recipientKeys...)
	}
	if a.chance(0.03) {
		r.Principal.Country = pick(a.dice, "DK", "NO", "US", "IN", "GB")
	}
}

func (a asker) provenance(r *policy.Request, act *purpose.Activity) {
	p := &r.Provenance
	p.Source = pick(a.dice, sourceKeys...)
	if len(act.Sources) > 0 && a.chance(0.9) {
		p.Source = pick(a.dice, act.Sources...)
	}
	p.ObtainedFor = []string{r.Purpose}
	if a.chance(0.12) {
		p.ObtainedFor = some(a.dice, 1, 2, leafPurposes...)
	}
	var edges []purpose.Compatible
	for _, e := range a.w.spec.Compatible {
		if e.To == r.Purpose || a.chance(0.1) {
			edges = append(edges, e)
		}
	}
	if len(edges) > 0 && a.chance(0.3) {
		p.ObtainedFor = []string{pick(a.dice, edges...).From}
	}
	if a.chance(0.2) {
		p.ObtainedFor = append(slices.Clone(p.ObtainedFor), disclosed)
	}
	if a.chance(0.03) {
		p.ObtainedFor = []string{pick(a.dice, "service", "marketing", "risk", "legal")}
	}
}

// facts states what the conditions on the way want, mostly.
func (a asker) facts(r *policy.Request, act *purpose.Activity) {
	values := map[string][]purpose.Value{
		"urgent":  {purpose.True(), purpose.False()},
		"channel": {purpose.TextValue("phone"), purpose.TextValue("mail"), purpose.TextValue("web")},
		"amount":  {purpose.IntValue(7), purpose.IntValue(0), purpose.IntValue(9)},
		"since":   {purpose.InstantValue(present), purpose.InstantValue(time.Time{})},
		"flags":   {purpose.TextsValue("a"), purpose.TextsValue("b", "c"), purpose.TextsValue()},
		"note":    {purpose.TextValue("n"), purpose.TextValue("")},
	}
	var want []purpose.Condition
	add := func(list []purpose.Condition) { want = append(want, list...) }
	add(a.w.spec.Controller.Conditions)
	add(act.Conditions)
	for _, g := range act.Recipients {
		if g.Recipient == r.Recipient {
			add(g.Conditions)
		}
	}
	for _, x := range a.w.spec.Recipients {
		if x.Key == r.Recipient {
			add(x.Conditions)
		}
	}
	for _, p := range a.w.spec.Prohibited {
		if a.chance(0.5) {
			add(p.Unless)
		}
	}
	for _, key := range []string{"urgent", "channel", "amount", "since", "flags", "note"} {
		v := pick(a.dice, values[key]...)
		stated := a.chance(0.3)
		for _, c := range want {
			if c.Fact == key && a.chance(0.9) {
				stated = true
				if v = values[key][0]; len(c.Is) > 0 {
					v = pick(a.dice, c.Is...)
				}
			}
		}
		if stated {
			r.Facts = append(r.Facts, purpose.Named(key, v))
		}
	}
	a.Shuffle(len(r.Facts), func(i, j int) { r.Facts[i], r.Facts[j] = r.Facts[j], r.Facts[i] })
}

// times asks about the past, often about the very instant in which something changed.
func (a asker) times(r *policy.Request, who string) {
	if a.chance(0.35) {
		r.At = a.instant(who)
	}
	if a.chance(0.08) {
		if y, m, d := r.Provenance.CollectedAt.Date(); y > 1 { // when the time of what was collected runs out
			months, days := length(a.w.spec.Retention[a.IntN(3)].Ceiling)
			if end := time.Date(y, m+time.Month(months), d+days+1, 0, 0, 0, 0, a.w.reg.Zone()); end.Before(present) {
				r.At = end.Add(time.Duration(a.between(-1, 0)) * time.Microsecond)
			}
		}
	}
	if a.chance(0.15) {
		r.KnownAt = a.instant(who)
	}
}

func (a asker) instant(who string) time.Time {
	list := a.w.instants[pick(a.dice, "", who, who, who+"/ends", who+"/until")]
	if len(list) == 0 || a.chance(0.1) {
		return present.Add(-time.Duration(a.between(0, 6*365*24*60)) * time.Minute)
	}
	return pick(a.dice, list...).Add(time.Duration(pick(a.dice, -1, 0, 0, 1)) * time.Microsecond)
}

// spoil takes something away or puts something wrong in.
func (a asker) spoil(r *policy.Request) {
	switch a.IntN(26) {
	case 0:
		r.Principal.ID = ""
	case 1:
		r.Principal.Roles = pick(a.dice, nil, []string{""}, []string{"clerk", ""})
	case 2:
		r.Action = pick(a.dice, 0, purpose.Action(9), purpose.Decide, purpose.Store, purpose.Collect)
	case 3:
		r.Purpose = pick(a.dice, "", "service.contrakt", "service", "marketing", "service.contract,legal.tax", "Service.contract", "risk.score.")
	case 4:
		r.DataSubject = pick(a.dice, "", "dora", "eve")
	case 5:
		r.Recipient = pick(a.dice, "", "hausbank", "auth", "other", "Other")
	case 6:
		r.Country = pick(a.dice, "", "DK", "US", "xx", "FI", "denmark")
	case 7:
		r.Mechanism = purpose.Mechanism(a.IntN(6))
	case 8:
		r.Statute = pick(a.dice, "", "law.moon", "law.old", "law.aml")
	case 9:
		r.Dataset = pick(a.dice, "", "data-0", "data-9")
	case 10:
		r.Provenance.Source = pick(a.dice, "", "self", "gossip", "bureau")
	case 11:
		r.Provenance.ObtainedFor = pick(a.dice, nil, []string{"service.suport"}, []string{"marketing.email"}, []string{"legal.tax", "risk.score"})
	case 12:
		r.Provenance.CollectedAt = pick(a.dice, time.Time{}, present.Add(time.Hour), present.AddDate(-12, 0, 0))
	case 13, 14:
		if n := len(r.Facts); n > 0 {
			r.Facts = slices.Delete(slices.Clone(r.Facts), 0, a.between(1, n))
		}
	case 15:
		r.Facts = append(r.Facts[:len(r.Facts):len(r.Facts)], pick(a.dice, purpose.Named("urgnet", purpose.True()), purpose.Named("urgent", purpose.IntValue(1)),
			purpose.Named("channel", purpose.TextValue("fax")), purpose.Named("flags", purpose.TextsValue("a", "z")), purpose.Named("amount", purpose.Value{}),
			purpose.Named("", purpose.True()), purpose.Named("urgent", purpose.True()), purpose.Named("urgent", purpose.False())))
	case 16:
		r.Reviewer = ""
	case 17:
		r.Principal.Organisation = pick(a.dice, "", "acme", "stranger", "proc", "proc-ledger", "joint", "auth")
	case 18:
		r.Principal.Country = pick(a.dice, "US", "GB", "IN", "dk", "NO")
	case 19:
		r.At = pick(a.dice, present.Add(time.Microsecond), present.Add(time.Hour), time.Date(2011, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(1965, 1, 1, 0, 0, 0, 0, time.UTC))
	case 20:
		r.KnownAt = pick(a.dice, present.Add(time.Hour), present, time.Date(2012, 5, 1, 0, 0, 0, 0, time.UTC))
	case 21:
		r.Principal.Tasks = make([]string, pick(a.dice, 64, 65))
	case 22:
		r.TraceID = string(make([]byte, pick(a.dice, 256, 257)))
	case 23:
		r.Minor = !r.Minor
	case 24:
		r.Action, r.Recipient = purpose.Share, ""
	case 25:
		r.Purpose = pick(a.dice, leafPurposes...)
	}
}
