package policy

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// Guard is the one way to personal data: it decides, records durably, checks again, and only then
// releases. It is safe for concurrent use.
type Guard struct {
	tables     *tables
	ledger     basis.Ledger
	trail      audit.Trail
	deciders   []Decider
	immediates []Immediate // deciders that say so; nil: others
	pseudonyms audit.Pseudonymizer
	now        func() time.Time
	clock      wallClock
	mode       audit.Mode
	alert      func(Alert)
	observer   Observer // nil: none

	policyTimeout, stateTimeout, trailTimeout time.Duration

	atStart  []Binding
	bindings bindings
	pool     sync.Pool // of *evaluation
	batches  sync.Pool // of *batch
	views    viewCache
	kept     keptTable
	digests  digestCache
	crew     crew
	orgState bool // agreements are on the ledger
	denials  denialBudget
	vitals   vitals

	memory         *basis.Memory // the ledger, where it is one: it tells at once whether anything changed
	instant        bool          // the ledger answers without waiting
	instantAliases bool          // so do the pseudonyms
	promptTrail    bool          // the trail waits no longer than it is told
	wall           bool          // now is the machine's clock
}

// NewGuard ties a register, a ledger, a trail and a policy together. All four are needed. With an
// error there is no guard.
func NewGuard(register *purpose.Register, ledger basis.Ledger, trail audit.Trail, rules Decider, options ...Option) (*Guard, error) {
	switch {
	case isNil(ledger), isNil(trail), isNil(rules):
		return nil, errors.New("policy: a guard needs a ledger, an audit trail and a policy: one of them is nil")
	case register == nil:
		return nil, errors.New("policy: a guard needs a register")
	}
	g := &Guard{
		tables: newTables(register), ledger: ledger, trail: trail, deciders: []Decider{rules}, wall: true, mode: audit.Enforce,
		policyTimeout: 250 * time.Millisecond, stateTimeout: 2 * time.Second, trailTimeout: 2 * time.Second,
		denials: denialBudget{limit: defaultDenials},
	}
	g.now = g.clock.now
	g.kept.seed = maphash.MakeSeed()
	for _, o := range options {
		if o == nil {
			return nil, errors.New("policy: nil option")
		}
		o(g)
	}
	if g.pseudonyms == nil {
		key := make([]byte, audit.MinKey)
		rand.Read(key)
		p, err := audit.NewKeyedHMAC(key, "process")
		if err != nil {
			return nil, err
		}
		g.pseudonyms = p
	}
	if g.now == nil || g.policyTimeout <= 0 || g.stateTimeout <= 0 || g.trailTimeout <= 0 {
		return nil, errors.New("policy: a guard needs a clock and time-outs above zero")
	}
	if g.denials.limit < 1 {
		return nil, errors.New("policy: a guard records at least one denial a minute")
	}
	seen := map[string]bool{}
	for _, d := range g.deciders {
		if isNil(d) || !purpose.ValidKey(d.Name()) {
			return nil, errors.New("policy: a policy is nil or has no name")
		}
		if !validDigest(d.Digest()) {
			return nil, fmt.Errorf("policy: the digest of policy %q is not sha256: and 64 hex digits", d.Name())
		}
		if seen[d.Name()] {
			return nil, fmt.Errorf("policy: two policies are called %q", d.Name())
		}
		seen[d.Name()] = true
	}
	// Their order never matters: not for the answer, nor for which reason comes first.
	slices.SortFunc(g.deciders, func(a, b Decider) int { return strings.Compare(a.Name(), b.Name()) })
	g.vitals.policies, g.digests.valid = make([]vital, len(g.deciders)), make([]atomic.Pointer[string], len(g.deciders))
	g.orgState = g.tables.onLedger
	for _, r := range g.tables.spec.Recipients {
		g.orgState = g.orgState || r.Agreement != nil && r.Agreement.Ledger
	}
	g.immediates = make([]Immediate, len(g.deciders))
	for i, d := range g.deciders {
		g.immediates[i], _ = d.(Immediate)
	}
	g.memory, _ = ledger.(*basis.Memory)
	g.instant, g.instantAliases = isImmediate(ledger), isImmediate(g.pseudonyms)
	if p, ok := trail.(Prompt); ok {
		g.promptTrail = p.Prompt()
	}
	g.pool.New = func() any { return new(evaluation) }
	var errs []error
	for _, bind := range g.atStart {
		errs = append(errs, bind(g))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return g, nil
}

// isNil sees through an interface that holds a nil pointer, as an ignored error leaves behind.
func isNil(part any) bool {
	v := reflect.ValueOf(part)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

func isImmediate(part any) bool {
	i, ok := part.(Immediate)
	return ok && i.Immediate()
}

// made reports whether NewGuard made the guard: the nil Guard and the zero one decide nothing.
func (g *Guard) made() bool { return g != nil && g.tables != nil }

// Register is the register that the guard enforces; nil for a guard that NewGuard did not make.
func (g *Guard) Register() *purpose.Register {
	if !g.made() {
		return nil
	}
	return g.tables.reg
}

// target is what a request is about: the fields of a plan, and whose they are.
type target struct {
	plan   *purpose.Plan
	cases  *planCases // of plan; nil: not looked up yet
	want   purpose.FieldSet
	listed *listing // of want; nil: not made yet
	people []identity
	absent []bool // by person: the record has none of that role
	// claimed is the data subject that the request names though the record says who it is.
	claimed string
	nilRec  bool
}

// identity is a person in a record.
type identity struct {
	role int
	id   string
}

// session is what a decision rested on, kept until the release to see whether it still holds.
type session struct {
	req       *Request // as it was made; sessions may share it
	target    *target
	states    []stateSeen
	until     time.Time // the first of the states ends; zero: none does
	changes   uint64    // of the ledger in memory before states were read
	glance    glance
	explain   bool
	bypass    bool // emergency: policies are not asked
	emergency Emergency
}

// about is the main data subject, if the decision about it may be one that was taken before.
func (s *session) about() string {
	t := s.target
	if s.bypass || t.nilRec || t.cases == nil || s.glance.vain || len(t.people) == 0 || t.people[0].role != 0 ||
		len(t.people) > 1 && t.people[1].role == 0 || t.claimed != "" && t.claimed != t.people[0].id {
		return ""
	}
	return t.people[0].id
}

// see notes a state that the decision rests on.
func (s *session) see(id string, st *basis.State) {
	s.states, s.until = append(s.states, stateSeen{id, st}), sooner(s.until, st.Until)
}

// recall notes the states that a conclusion about a person rests on.
func (s *session) recall(id string) {
	s.changes = s.glance.changes
	s.see(id, s.glance.main)
	if s.glance.org != nil {
		s.see(basis.ControllerWide, s.glance.org)
	}
}

type stateSeen struct {
	id    string
	state *basis.State
}

// evaluation hands one out; end takes it back.
func (g *Guard) evaluation() *evaluation { return g.pool.Get().(*evaluation) }

// begin hands out an evaluation with a session of its own.
func (g *Guard) begin(req *Request) (*evaluation, *session) {
	e := g.evaluation()
	e.made = *req
	e.session.req, e.session.target = &e.made, &e.target
	return e, &e.session
}

func (g *Guard) end(e *evaluation) {
	e.reset()
	g.pool.Put(e)
}

// decide takes a decision. It returns an error only beside a denial.
func (g *Guard) decide(ctx context.Context, s *session) (Decision, error) {
	e := g.evaluation()
	defer g.end(e)
	err := g.run(ctx, s, e, &e.decision)
	return e.decision, err
}

// run fills d; whatever goes wrong leaves it a denial.
func (g *Guard) run(ctx context.Context, s *session, e *evaluation, d *Decision) (err error) {
	defer func() {
		if r := recover(); r != nil {
			g.refuse(d, s, CodeInternal)
			err = errInternal
		}
	}()
	if ctx == nil {
		g.refuse(d, s, CodeInternal)
		return errNoContext
	}
	if id := s.about(); id != "" && g.concluded(ctx, s.req, s.target.cases, &s.target.want, id, s.explain, d, &s.glance) {
		e.began = d.At
		s.recall(id)
		return nil
	}
	t := g.tables
	e.t, e.d, e.req, e.want = t, d, *s.req, s.target.want
	now := s.glance.now
	if now.IsZero() {
		now = g.now()
	}
	e.began = now
	if e.req.At.IsZero() {
		e.req.At = now
	}
	if e.req.KnownAt.IsZero() {
		e.req.KnownAt = now
	}
	d.Action, d.Purpose, d.Recipient, d.At, d.KnownAt = knownAction(e.req.Action), e.req.Purpose, e.req.Recipient, e.req.At, e.req.KnownAt
	d.plan, d.requested, d.RegisterDigest = s.target.plan, e.want, t.reg.Digest()
	if e.pc = s.target.cases; e.pc == nil {
		e.pc = t.forPlan(s.target.plan)
	}
	leaf, ok := e.screen(s.target, now)
	if !ok {
		d.screened, d.findings = true, slices.Clone(e.findings)
		d.PolicyDigest = g.policyDigest()
		d.Purpose, d.Recipient = known(t.reg.Purposes(), d.Purpose), knownRecipient(t, d.Recipient)
		return nil
	}
	if e.k == nil {
		e.k = t.kase(e.pc, leaf)
	}
	if r := t.recipient(e.req.Recipient); r != nil {
		e.to = r
		d.Country = e.req.Country
		if d.Country == "" && len(r.Countries) == 1 {
			d.Country = r.Countries[0]
		}
		if !slices.Contains(r.Countries, d.Country) {
			d.Country = "" // what a request calls a country is never repeated
		}
	} else {
		d.Recipient = ""
	}
	if err := g.states(ctx, s, e); err != nil {
		g.refuse(d, s, CodeStateUnavailable)
		return err
	}
	if ok := e.asks(s); !ok || !e.recall() {
		e.notice = -1
		if i, version, ok := t.reg.NoticeAt(e.req.At); ok {
			e.notice, d.Notice = i, version
		}
		e.gates()
		if ok && e.people[0].view != nil {
			e.remember()
		}
	}
	g.policies(ctx, s, e, leaf)
	e.finish()
	d.PersonDecides = personDecides(d.findings)
	g.conclude(e, s.explain)
	return nil
}

// knownAction is zero for a number that is no action.
func knownAction(a purpose.Action) purpose.Action {
	if a > purpose.Decide {
		return 0
	}
	return a
}

func known(t *purpose.Tree, key string) string {
	if _, ok := t.ID(key); ok {
		return key
	}
	return ""
}

func knownRecipient(t *tables, key string) string {
	if t.recipient(key) != nil {
		return key
	}
	return ""
}

var (
	errInternal  = errors.New("policy: internal error")
	errNoContext = errors.New("policy: nil context")
)

// refuse makes d a denial for one reason.
func (g *Guard) refuse(d *Decision, s *session, code Code) {
	d.Outcome, d.permitted, d.redacts = OutcomeDenied, purpose.FieldSet{}, purpose.FieldSet{}
	d.requested, d.plan = s.target.want, s.target.plan
	d.findings = append(d.findings, finding{code: code, fields: s.target.want})
}

// screen refuses requests that say too little or contradict themselves.
func (e *evaluation) screen(t *target, now time.Time) (leaf purpose.ID, ok bool) {
	r := &e.req
	refuse := func(code Code, param string) {
		e.findings = append(e.findings, finding{code: code, param: param, fields: e.want})
	}
	if r.tooLarge() {
		refuse(CodeTooLarge, "")
		return 0, false
	}
	if t.nilRec {
		refuse(CodeRecordNil, "")
	}
	if r.Principal.ID == "" {
		refuse(CodePrincipalMissing, "")
	}
	if len(r.Principal.Roles) == 0 || slices.Contains(r.Principal.Roles, "") {
		refuse(CodeRolesMissing, "")
	}
	if r.Action == 0 || r.Action > purpose.Decide {
		refuse(CodeActionMissing, "")
	}
	if e.want.Empty() {
		refuse(CodeFieldsNone, "")
	}
	if r.At.After(now) || r.KnownAt.After(now) {
		refuse(CodeTimeFuture, "")
	}
	if k := e.pc.near(r.Purpose).Load(); k != nil && k.key == r.Purpose {
		e.k = k
		return k.leaf, len(e.findings) == 0
	}
	switch id, found := e.t.reg.Purposes().ID(r.Purpose); {
	case r.Purpose == "":
		refuse(CodePurposeMissing, "")
	case !found:
		refuse(CodePurposeUnknown, "")
	case !e.t.reg.Purposes().Leaf(id):
		refuse(CodePurposeNotLeaf, r.Purpose)
	case e.t.reg.Disclosure(id):
		refuse(CodePurposeDisclosure, r.Purpose)
	default:
		leaf = id
	}
	return leaf, len(e.findings) == 0
}

// noDigest stands for a policy that broke down when asked what it is.
const noDigest = "sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

func digestOf(d Decider) (digest string) {
	defer func() {
		if recover() != nil {
			digest = noDigest
		}
	}()
	return d.Digest()
}

// policyDigest names the policies in force.
func (g *Guard) policyDigest() string {
	if len(g.deciders) == 1 {
		return digestOf(g.deciders[0])
	}
	all := make([]string, len(g.deciders))
	for i, d := range g.deciders {
		all[i] = digestOf(d)
	}
	return g.digests.join(all)
}

// digestCache knows digests that were in order, and joins those of several policies into one. It remembers the last.
type digestCache struct {
	valid []atomic.Pointer[string] // by policy
	last  atomic.Pointer[joined]
}

type joined struct {
	all []string
	sum string
}

func (c *digestCache) join(all []string) string {
	if j := c.last.Load(); j != nil && slices.Equal(all, j.all) {
		return j.sum
	}
	sum := sha256.Sum256([]byte(strings.Join(all, "\n")))
	j := &joined{slices.Clone(all), "sha256:" + hex.EncodeToString(sum[:])}
	c.last.Store(j)
	return j.sum
}

// known reports whether a policy may be called by a digest.
func (c *digestCache) known(policy int, digest string) bool {
	if last := c.valid[policy].Load(); last != nil && *last == digest {
		return true
	}
	if digest == noDigest || !validDigest(digest) {
		return false
	}
	kept := digest
	c.valid[policy].Store(&kept)
	return true
}
