package table

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Check reports everything that is wrong with a table under a register; the error is of type Problems. Run checks too.
func (t *Table) Check(register *purpose.Register) error {
	_, problems := t.bind(register)
	return problems.err()
}

var errRegister = errors.New("table: there is no register")

// binder holds a table against a register.
type binder struct {
	table    *Table
	reg      *purpose.Register
	spec     purpose.Spec
	names    names
	plan     *purpose.Plan
	problems Problems
}

// scene is a case that is ready to be decided.
type scene struct {
	*binder
	index  int
	path   string
	expect *Expect
	now    time.Time
	ledger *basis.Memory
	req    policy.Request
	people map[string]string // by role, the main one under ""
	fields []string          // none: all
}

// bind makes the scenes of a table.
func (t *Table) bind(register *purpose.Register) ([]*scene, Problems) {
	if t == nil || register == nil {
		return nil, Problems{{Code: "table.register", Message: errRegister.Error()}}
	}
	b := &binder{table: t, reg: register, spec: register.Spec(), problems: t.form()}
	b.names = namesOfRegister(register, &b.spec)
	if b.schema(); b.plan == nil {
		return nil, b.problems
	}
	var scenes []*scene
	for i := range t.Cases[:min(len(t.Cases), MaxCases)] {
		s := &scene{binder: b, index: i, path: casePath(i), expect: &t.Cases[i].Expect}
		s.prepare()
		scenes = append(scenes, s)
	}
	return scenes, b.problems
}

// schema binds the fields of the record.
func (b *binder) schema() {
	for i := range b.table.Fields {
		if f := &b.table.Fields[i]; f.DataSubject == "id" || strings.HasSuffix(f.DataSubject, ".id") {
			b.fail("field.tag", "fields."+f.Path, "say whom the field is about by a role, not by the tag of an id")
			return
		}
	}
	plan, err := b.reg.BindSchema(b.table.schemaOf(nil))
	b.plan = plan
	if err == nil {
		return
	}
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	for _, err := range list {
		if tag := (*purpose.TagError)(nil); errors.As(err, &tag) {
			b.fail("field.tag", "fields."+tag.Field, "%s", tag.Reason)
		} else {
			b.fail("field.tag", "fields", "the record has too many fields, or none")
		}
	}
}

// schemaOf is the schema of the fields that keep says, each about whom it is about; of all where keep is nil.
func (t *Table) schemaOf(keep func(role string) bool) purpose.Schema {
	s := purpose.Schema{Name: t.Record}
	if s.Name == "" {
		s.Name = "record"
	}
	seen := map[string]bool{"": true}
	for i := range t.Fields {
		f := &t.Fields[i]
		tags := purpose.Tags{Personal: f.Category, Purposes: f.Purposes, Bases: f.Bases, Retention: f.Retention, DataSubject: f.DataSubject}
		if keep != nil {
			if !keep(f.DataSubject) {
				continue
			}
			tags.DataSubject = ""
		} else if role := f.DataSubject; !seen[role] {
			seen[role] = true
			s.Fields = append(s.Fields, purpose.SchemaField{Name: idField(role), Tags: purpose.Tags{DataSubject: role + ".id"}})
		}
		s.Fields = append(s.Fields, purpose.SchemaField{Name: f.Path, Tags: tags})
	}
	return s
}

// idField is the field that says who the person of a role is. No path of a tagged field has a blank.
func idField(role string) string { return "id of " + role }

func (b *binder) fail(code, path, format string, args ...any) {
	b.problems.add(b.table.origin.problem(code, path, format, args...))
}

// known reports a key that the register does not have, unless the case expects to be refused for it.
func (s *scene) known(path, key, what string, list []string, unless ...policy.Code) {
	if key == "" || slices.Contains(list, key) || s.expects(unless...) {
		return
	}
	hint := ""
	if like := purpose.Nearest(key, slices.Values(list)); like != "" {
		hint = "; did you mean " + strconv.Quote(like) + "?"
	}
	s.fail("ref.unknown", s.where(path), "%q is not among the %s%s", clip(key), what, hint)
}

// stated reports what a request needs and does not state, unless the case expects to be refused for it.
func (s *scene) stated(ok bool, path, what string, unless policy.Code) {
	if !ok && !s.expects(unless) {
		s.fail("request.missing", s.where(path), "the request states no %s, and %s is not what the case expects", what, unless)
	}
}

// expects reports whether the case names one of the codes as a reason.
func (s *scene) expects(codes ...policy.Code) bool {
	return slices.ContainsFunc(codes, func(c policy.Code) bool {
		if s.expect.Reason == c {
			return true
		}
		for _, list := range s.expect.Denied {
			if slices.Contains(list, c) {
				return true
			}
		}
		return false
	})
}

// where is the path of a part of the request: in the case, or in the defaults if it stands there alone.
func (s *scene) where(path string) string {
	own, above := s.path+".request."+path, "defaults.request."+path
	if o := s.table.origin; !o.has(own) && o.has(above) {
		return above
	}
	return own
}

// prepare checks one case and fills the scene.
func (s *scene) prepare() {
	w := s.table.whole(s.index, s.fail)
	zone := s.reg.Zone()
	if s.now = in(zone, w.now); s.now.IsZero() {
		s.fail("case.now", s.path, "nothing says what the clock shows: state now")
		return
	}
	p := w.Principal
	s.req = policy.Request{
		Principal:   policy.Principal{ID: p.ID, Roles: p.Roles, Tasks: p.Tasks, Organisation: p.Organisation, Country: p.Country},
		Action:      w.Action,
		Purpose:     w.Purpose,
		DataSubject: w.DataSubject,
		Recipient:   w.Recipient,
		Country:     w.Country,
		Mechanism:   w.Mechanism,
		Statute:     w.Statute,
		Dataset:     w.Dataset,
		Provenance: policy.Provenance{Source: w.Provenance.Source, ObtainedFor: w.Provenance.ObtainedFor,
			CollectedAt: in(zone, w.Provenance.CollectedAt)},
		Facts:    w.facts(),
		Reviewer: w.Reviewer,
		Minor:    w.Minor != nil && *w.Minor,
		At:       in(zone, w.At),
		KnownAt:  in(zone, w.KnownAt),
	}
	s.fields = w.Fields
	s.people = map[string]string{"": w.DataSubject}
	maps.Copy(s.people, w.DataSubjects)
	s.request(&w.Request)
	s.expectation()
	s.record(w.given)
}

// request checks what the request says, against the register.
func (s *scene) request(r *Request) {
	s.stated(r.Principal.ID != "", "principal.id", "principal", policy.CodePrincipalMissing)
	s.stated(len(r.Principal.Roles) > 0, "principal.roles", "role of the principal", policy.CodeRolesMissing)
	s.stated(r.Action != 0, "action", "action", policy.CodeActionMissing)
	s.stated(r.Purpose != "", "purpose", "purpose", policy.CodePurposeMissing)
	s.stated(r.DataSubject != "", "data_subject", "data subject", policy.CodeDataSubjectMissing)
	s.known("purpose", r.Purpose, "purposes that may be requested", s.names.leaves, policy.CodePurposeUnknown, policy.CodePurposeNotLeaf)
	s.known("recipient", r.Recipient, "recipients", s.names.recipients, policy.CodeRecipientUnknown, policy.CodeRecipientUnexpected)
	s.known("principal.organisation", r.Principal.Organisation, "organisations", s.names.organisations, policy.CodeOrganisationUnknown)
	s.known("statute", r.Statute, "laws", s.names.laws, policy.CodeStatuteMissing)
	s.known("dataset", r.Dataset, "datasets", s.names.datasets, policy.CodeDatasetUnknown)
	s.known("provenance.source", r.Provenance.Source, "sources", s.names.sources, policy.CodeSourceUndeclared)
	for i, key := range r.Provenance.ObtainedFor {
		s.known(index("provenance.obtained_for", i), key, "purposes", s.names.purposes, policy.CodeObtainedFor)
	}
	s.country("country", r.Country, policy.CodeCountryDiffers)
	s.country("principal.country", r.Principal.Country, policy.CodeRemoteAccess)
	if r.Fields != nil && len(r.Fields) == 0 {
		s.fail("request.fields", s.where("fields"), "no field is named: name some, or leave the key out for all")
	}
	for i, f := range r.Fields {
		s.known(index("fields", i), f, "fields of the record", s.paths(nil), policy.CodeFieldUnknown)
	}
	for key, v := range r.Facts {
		s.fact(key, v)
	}
	for role := range r.DataSubjects {
		if !slices.ContainsFunc(s.table.Fields, func(f Field) bool { return role != "" && f.DataSubject == role }) {
			s.fail("ref.unknown", s.where("data_subjects."+role), "no field of the record is about %q", clip(role))
		}
	}
	for _, role := range s.roles() {
		s.stated(s.people[role] != "", "data_subjects", "data subject for "+strconv.Quote(clip(role)), policy.CodeDataSubjectMissing)
	}
	if (s.req.At.After(s.now) || s.req.KnownAt.After(s.now)) && !s.expects(policy.CodeTimeFuture) {
		s.fail("request.time", s.where("at"), "the request is about a time that has not come")
	}
}

func (s *scene) country(path, country string, unless policy.Code) {
	capital := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	if country != "" && (len(country) != 2 || !capital(country[0]) || !capital(country[1])) && !s.expects(unless) {
		s.fail("request.country", s.where(path), "%q is no country of two capital letters", clip(country))
	}
}

// fact checks that a fact is declared, and stated as it is declared.
func (s *scene) fact(key string, v purpose.Value) {
	path := "facts." + key
	i := slices.IndexFunc(s.spec.Facts, func(f purpose.Fact) bool { return f.Key == key })
	if i < 0 {
		s.known(path, key, "facts", s.names.facts, policy.CodeFactUndeclared)
		return
	}
	decl := &s.spec.Facts[i]
	if v.Type() != decl.Type {
		if !s.expects(policy.CodeFactType) {
			s.fail("fact.type", s.where(path), "the fact is declared as %s, and this is %s", decl.Type, typeName(v.Type()))
		}
		return
	}
	if len(decl.Values) == 0 {
		return
	}
	for _, text := range append(slices.Clone(v.Texts()), v.Text()) {
		s.known(path, text, "values of the fact", decl.Values, policy.CodeFactValue)
	}
}

func typeName(t purpose.Type) string {
	if name := t.String(); name != "" {
		return name
	}
	return "nothing"
}

func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
