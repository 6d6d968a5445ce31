package ropa

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// WriteJSONLD writes the record as JSON-LD 1.1 in the terms of DPV 2.3, with its context in it: nothing has to be fetched to
// read it. The record is the only node of type dpv:ROPA; what it names has an IRI under a UUID that is derived from the register's
// digest, so that the same register always gives the same IRIs and another one never does.
func (r *Record) WriteJSONLD(w io.Writer) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteString("{\n\"@context\": ")
	if err := enc.Encode(context(r.Digest)); err != nil {
		return err
	}
	b.WriteString(",\"@graph\": [\n")
	for i, n := range r.nodes() { // a node a line
		if i > 0 {
			b.WriteByte(',')
		}
		if err := enc.Encode(n); err != nil {
			return err
		}
	}
	b.WriteString("]\n}\n")
	_, err := b.WriteTo(w)
	return err
}

// node is a node of the graph. The order of its fields is the order in which they are written.
type node struct {
	ID             string    `json:"@id,omitempty"`
	Type           []string  `json:"@type,omitempty"`
	Title          string    `json:"dct:title,omitempty"`
	Name           string    `json:"dpv:hasName,omitempty"`
	Identifier     string    `json:"dct:identifier,omitempty"`
	Description    string    `json:"dct:description,omitempty"`
	Contact        string    `json:"dpv:hasContact,omitempty"`
	Country        []node    `json:"dpv:hasCountry,omitempty"`
	ThirdCountry   []node    `json:"dpv:hasThirdCountry,omitempty"`
	Cites          []string  `json:"dct:bibliographicCitation,omitempty"` // the clause of the notice, laws
	Issued         *dateTime `json:"dct:valid,omitempty"`
	Assumed        string    `json:"skos:editorialNote,omitempty"`
	Note           string    `json:"skos:note,omitempty"`
	Controller     []node    `json:"dpv:hasDataController,omitempty"`
	Joint          []node    `json:"dpv:hasJointDataControllers,omitempty"`
	Processor      []node    `json:"dpv:hasDataProcessor,omitempty"`
	Representative *node     `json:"dpv:hasRepresentative,omitempty"`
	Officer        *node     `json:"dpv:hasDataProtectionOfficer,omitempty"`
	Authority      *node     `json:"dpv:hasAuthority,omitempty"`
	Notices        []node    `json:"dpv:hasNotice,omitempty"`
	Purposes       []node    `json:"dpv:hasPurpose,omitempty"`
	DataSubjects   []node    `json:"dpv:hasDataSubject,omitempty"`
	PersonalData   []node    `json:"dpv:hasPersonalData,omitempty"`
	Processing     []node    `json:"dpv:hasProcessing,omitempty"`
	Bases          []node    `json:"dpv:hasLegalBasis,omitempty"`
	Recipients     []node    `json:"dpv:hasRecipient,omitempty"`
	Importer       *node     `json:"dpv:hasDataImporter,omitempty"`
	Storage        []node    `json:"dpv:hasStorageCondition,omitempty"`
	Duration       *node     `json:"dpv:hasDuration,omitempty"`
	Value          *dateTime `json:"rdf:value,omitempty"`
	Sources        []node    `json:"dpv:hasDataSource,omitempty"`
	Context        []node    `json:"dpv:hasContext,omitempty"`
	Measures       []node    `json:"dpv:hasTechnicalOrganisationalMeasure,omitempty"`
	Processes      []node    `json:"dpv:hasPersonalDataProcess,omitempty"`
	Transfers      []node    `json:"dpv:hasProcess,omitempty"`
}

// dateTime is a typed literal.
type dateTime struct {
	Value string `json:"@value"`
	Type  string `json:"@type"`
}

func context(digest string) map[string]string {
	c := map[string]string{"r": "urn:uuid:" + uuid(digest) + "#"}
	for _, v := range vocabularies {
		c[v.prefix] = v.iri
	}
	return c
}

// uuid is a UUID of version 8 (RFC 9562) made of the first digits of a digest.
func uuid(digest string) string {
	h := strings.TrimPrefix(digest, "sha256:")
	h += strings.Repeat("0", max(0, 32-len(h)))
	return fmt.Sprintf("%s-%s-8%s-8%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:32])
}

func id(kind, key string) string { return "r:" + kind + "." + key }

// to refers to a node.
func to(kind, key string) node { return node{ID: id(kind, key)} }

// graph collects nodes, each once, in the order in which they are first named.
type graph struct {
	list  []*node
	seen  map[string]bool
	rules map[string]*Limit // with all that the record keeps under them
}

func (g *graph) add(n node) node {
	if !g.seen[n.ID] {
		g.seen[n.ID] = true
		g.list = append(g.list, &n)
	}
	return node{ID: n.ID}
}

func (r *Record) nodes() []*node {
	g := &graph{seen: map[string]bool{}, rules: r.rules()}
	rec := node{ID: "r:record", Type: []string{"dpv:ROPA"}, Title: "Record of processing activities", Identifier: r.Digest, Description: r.scope(),
		Controller: []node{to("controller", "self")}}
	if !r.At.IsZero() {
		rec.Issued = &dateTime{r.At.Format(time.RFC3339), "xsd:dateTime"}
	}
	for _, n := range r.Notices {
		rec.Notices = append(rec.Notices, node{ID: id("notice", n.Version)})
	}
	for i := range r.Activities {
		rec.Processes = append(rec.Processes, to("activity", r.Activities[i].Key))
	}
	for i := range r.Mandates {
		rec.Processes = append(rec.Processes, to("mandate", r.Mandates[i].Key))
	}
	for i := range r.Measures {
		rec.Measures = append(rec.Measures, to("measure", fmt.Sprint(i)))
	}
	g.add(rec)
	r.parties(g)
	for _, n := range r.Notices {
		g.add(node{ID: id("notice", n.Version), Type: []string{"dpv:PrivacyNotice"}, Title: "Notice " + n.Version, Identifier: n.Version, Cites: some(n.Regime)})
	}
	for i := range r.Activities {
		r.Activities[i].node(g, "activity", to("controller", "self"))
	}
	for i := range r.Mandates {
		r.Mandates[i].node(g)
	}
	for i := range r.Measures {
		m := &r.Measures[i]
		n := node{ID: id("measure", fmt.Sprint(i)), Type: []string{"dpv:TechnicalOrganisationalMeasure"}, Title: m.Title, Cites: some(m.Clause)}
		n.annotate(m.Assumed, m.Note)
		g.add(n)
	}
	return g.list
}

func (n *node) annotate(assumed bool, text string) {
	if assumed {
		n.Assumed = "Assumed: " + text
	} else {
		n.Note = text
	}
}

func (r *Record) parties(g *graph) {
	c := &r.Controller
	self := node{ID: id("controller", "self"), Type: []string{"dpv:DataController"}, Name: c.Name, Contact: c.Contact, Country: places([]string{c.Country})}
	party := func(kind, key, term, name string) *node {
		if name == "" {
			return nil
		}
		n := g.add(node{ID: id(kind, key), Type: []string{term}, Contact: name})
		return &n
	}
	self.Representative = party("representative", "self", "dpv:Representative", c.Representative)
	self.Officer = party("officer", "self", "dpv:DataProtectionOfficer", c.Officer)
	self.Authority = party("authority", "self", "dpv:DataProtectionAuthority", c.Authority)
	for i, j := range c.Joint {
		if n := party("joint", fmt.Sprint(i), "dpv:JointDataControllers", j); n != nil {
			self.Joint = append(self.Joint, *n)
		}
	}
	g.add(self)
}

// places refers to the countries of DPV.
func places(codes []string) (list []node) {
	for _, c := range codes {
		list = append(list, node{ID: "loc:" + c})
	}
	return list
}

func (m *Mandate) node(g *graph) {
	controller := g.add(node{ID: id("controller", m.Key), Type: []string{"dpv:DataController"}, Name: m.Controller, Contact: m.Contact})
	n := node{ID: id("mandate", m.Key), Type: []string{"dpv:PersonalDataProcess"}, Title: m.heading(), Identifier: m.Key, Cites: some(m.Clause),
		Controller: []node{controller}, Processor: []node{to("controller", "self")}}
	for i := range m.Purposes {
		n.Purposes = append(n.Purposes, m.Purposes[i].node(g, "purpose", "dpv:Purpose"))
	}
	for i := range m.Processing {
		done := m.Processing[i] // under an IRI of its own: the same activity may be the controller's too
		n.Processes = append(n.Processes, done.node(g, "mandate."+m.Key, controller))
	}
	g.add(n)
}

func (x *Named) node(g *graph, kind string, terms ...string) node {
	if x.Concept != "" {
		terms = append(terms, compact(x.Concept))
	}
	return g.add(node{ID: id(kind, x.Key), Type: terms, Title: x.Title, Identifier: x.Key, Cites: some(x.Clause)})
}

func categoryNodes(g *graph, list []Category) (nodes []node) {
	for i := range list {
		c := &list[i]
		terms := []string{"dpv:PersonalData"}
		if t := classTerms[c.Class]; t != "" {
			terms = append(terms, t)
		}
		nodes = append(nodes, c.Named.node(g, "category", terms...))
	}
	return nodes
}

func (a *Activity) node(g *graph, kind string, controller node) node {
	n := node{ID: id(kind, a.Key), Type: []string{"dpv:PersonalDataProcess"}, Title: a.Title, Identifier: a.Key, Cites: some(a.Clause), Controller: []node{controller}}
	n.annotate(a.Assumed, a.Note)
	for i := range a.Purposes {
		n.Purposes = append(n.Purposes, a.Purposes[i].node(g, "purpose", "dpv:Purpose"))
	}
	for i := range a.DataSubjects {
		n.DataSubjects = append(n.DataSubjects, a.DataSubjects[i].node(g, "capacity", "dpv:DataSubject"))
	}
	n.PersonalData = categoryNodes(g, a.Categories)
	for _, x := range a.Actions {
		if t := actionTerms[x]; t != "" {
			n.Processing = append(n.Processing, node{ID: t})
		} else {
			n.Context = append(n.Context, node{Type: []string{"dpv:DecisionMaking"}, Title: x.String()})
		}
	}
	for i := range a.Sources {
		n.Sources = append(n.Sources, a.Sources[i].node(g, "source", "dpv:DataSource"))
	}
	for i := range a.Further {
		n.Context = append(n.Context, node{Type: []string{"dpv:Context"}, Description: "Further use: " + a.Further[i].words(), Cites: []string{"GDPR Art. 6(4)"}})
	}
	for i := range a.Bases {
		n.Bases = append(n.Bases, a.Bases[i].node(basisTerm(&a.Bases[i].Claim)))
	}
	for i := range a.Extras {
		n.Bases = append(n.Bases, a.Extras[i].node(g))
	}
	for i := range a.Recipients {
		n.Recipients = append(n.Recipients, a.Recipients[i].node(g))
	}
	for i := range a.Limits {
		n.Storage = append(n.Storage, g.rules[a.Limits[i].Rule].node(g))
	}
	for i := range a.Transfers {
		n.Transfers = append(n.Transfers, a.Transfers[i].node())
	}
	if t := automatedTerms[a.Automated]; t != "" {
		n.Context = append(n.Context, node{Type: []string{"dpv:AutomatedDecisionMaking"}, Cites: []string{"GDPR " + t}})
	}
	if len(a.Conditions) > 0 {
		n.Context = append(n.Context, node{Type: []string{"dpv:Context"}, Description: "Only if " + strings.Join(a.Conditions, " and ")})
	}
	return g.add(n)
}

func (k *Ground) node(term string) node {
	n := node{Type: []string{term}, Description: k.words(), Cites: some(k.Claim.Clause)}
	if k.Claim.Assumed {
		n.Assumed = "Assumed: " + k.Claim.Note
	}
	for _, l := range k.Laws {
		n.Cites = append(n.Cites, l.Title)
	}
	for i := range k.And {
		for _, l := range k.And[i].Laws {
			n.Cites = append(n.Cites, l.Title)
		}
	}
	return n
}

func (e *Extra) node(g *graph) node {
	n := e.Ground.node(extraTerm(e.ID))
	n.Identifier, n.Title, n.Description, n.Cites = e.ID, e.Cite, e.words(), append(some(e.Clause), n.Cites...)
	slices.Sort(n.Cites)
	n.Cites = slices.Compact(n.Cites)
	n.PersonalData = categoryNodes(g, e.Categories)
	return n
}

// node of a recipient; who is in the register once is one node, and what it gets belongs to the activity.
func (r *Recipient) node(g *graph) node {
	n := node{ID: id("recipient", r.Key), Type: append([]string{"dpv:Recipient"}, kindTerms[r.Kind]...), Title: r.Title, Identifier: r.Key, Country: places(r.Countries)}
	n.annotate(r.Assumed, r.Note)
	g.add(n)
	return node{ID: n.ID}
}

func (t *Transfer) node() node {
	importer := to("recipient", t.Recipient.Key)
	return node{Type: []string{"dpv:Process"}, Processing: []node{{ID: "dpv:Transfer"}}, Importer: &importer, ThirdCountry: places(t.Countries),
		Bases: []node{{Type: []string{transferTerm(t)}, Title: t.Reference, Description: t.words()}}}
}

// rules are the rules of the record, each with the data of all activities that is kept under it.
func (r *Record) rules() map[string]*Limit {
	m := map[string]*Limit{}
	add := func(a *Activity) {
		for i := range a.Limits {
			l := m[a.Limits[i].Rule]
			if l == nil {
				c := a.Limits[i]
				l = &c
				l.Categories = nil
				m[l.Rule] = l
			}
			for _, c := range a.Limits[i].Categories {
				if !slices.ContainsFunc(l.Categories, func(x Category) bool { return x.Key == c.Key }) {
					l.Categories = append(l.Categories, c)
				}
			}
		}
	}
	for i := range r.Activities {
		add(&r.Activities[i])
	}
	for i := range r.Mandates {
		for j := range r.Mandates[i].Processing {
			add(&r.Mandates[i].Processing[j])
		}
	}
	return m
}

func (l *Limit) node(g *graph) node {
	n := node{ID: id("rule", l.Rule), Type: []string{"dpv:StorageCondition"}, Identifier: l.Rule, Description: l.Clock(), Cites: some(l.Clause), PersonalData: categoryNodes(g, l.Categories)}
	n.annotate(l.Assumed, l.Note)
	if l.Law.Title != "" {
		n.Cites = append(n.Cites, l.Law.Title)
	}
	switch {
	case l.Question != "":
		n.Duration = &node{Type: []string{"dpv:IndeterminateDuration"}}
	case l.Table != "":
		n.Duration = &node{Type: []string{"dpv:Duration"}, Description: "by the table " + l.Table}
	case l.Transient || l.Ceiling.Immediate():
		n.Duration = &node{Type: []string{"dpv:UntilEventDuration"}, Description: l.Starts}
	case !l.Ceiling.IsZero():
		n.Duration = &node{Type: []string{"dpv:TemporalDuration"}, Value: &dateTime{l.Ceiling.String(), "xsd:duration"}}
	}
	return g.add(n)
}
