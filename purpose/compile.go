package purpose

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/retention"
)

// Limits of a register. Anything above is a problem, not a slow load.
const (
	MaxKeys     = 200_000 // entries in one list of the register
	MaxItems    = 10_000  // entries in a list inside an entry
	MaxNotices  = 64      // versions
	MaxProblems = 1_000   // reported at once; one more says that there are others
	maxClaims   = 4       // depth of nested claims
	maxSteps    = 16      // depth of lists in lists, fields counted
)

// Compile checks a register and makes its immutable form. It reports every problem at once: the
// error is of type Problems. Spec may be changed afterwards; the Register keeps a copy.
func Compile(spec Spec) (*Register, error) {
	c := &compiler{r: &Register{}, used: make(map[string]bool)}
	c.r.spec = copyOf(spec, c.problem)
	c.tables()
	c.lists()
	c.published()
	c.recipients()
	c.activities()
	c.unreferenced()
	c.never()
	if len(c.problems) > 0 {
		return nil, c.all()
	}
	c.r.changes = changesOf(c.r)
	var err error
	if c.r.digest, err = digest(&c.r.spec); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return c.r, nil
}

// MustCompile is Compile for registers that are part of the program; it panics on a problem.
func MustCompile(spec Spec) *Register {
	r, err := Compile(spec)
	if err != nil {
		panic(err)
	}
	return r
}

// compiler collects problems while it fills a Register.
type compiler struct {
	r        *Register
	problems Problems
	more     bool            // there are problems beyond MaxProblems
	used     map[string]bool // "list/key" of what something refers to

	purposes, categories Set       // that activities name
	served               []Set     // purposes of the activities that name a retention rule, by its index
	closures             []closure // what locks and prohibitions keep from purposes
}

func (c *compiler) problem(code, path, format string, args ...any) {
	if len(c.problems) >= MaxProblems {
		c.more = true
		return
	}
	c.problems = append(c.problems, Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...)})
}

func (c *compiler) advise(code, path, format string, args ...any) {
	if len(c.r.advice) < MaxProblems {
		c.r.advice = append(c.r.advice, Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...)})
	}
}

// all is every problem, or as many as are reported at once.
func (c *compiler) all() Problems {
	if c.more {
		c.problems = append(c.problems, Problem{Code: "problems.more", Message: "there are more problems"})
	}
	return c.problems
}

// at makes a path: at("claims", 2, "scope") is "claims[2].scope".
func at(path string, steps ...any) string {
	for _, s := range steps {
		switch s := s.(type) {
		case int:
			path += "[" + strconv.Itoa(s) + "]"
		case string:
			if path != "" {
				path += "."
			}
			path += s
		}
	}
	return path
}

// digest identifies a register by its canonical text.
func digest(s *Spec) (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// tables interns what others refer to.
func (c *compiler) tables() {
	r, s := c.r, &c.r.spec
	zone, err := retention.LoadZone(s.Controller.Zone)
	if err != nil {
		c.problem("controller.zone", "controller.zone", "%q is no IANA time zone", clip(s.Controller.Zone))
		zone = time.UTC // to check the rest
	}
	r.zone = zone
	r.purposes = newTree(maps.Keys(index(c, "purposes", s.Purposes, func(x *Purpose) string { return x.Key })))
	r.categories = newTree(maps.Keys(index(c, "categories", s.Categories, func(x *Category) string { return x.Key })))
	r.capacities = index(c, "capacities", s.Capacities, func(x *Capacity) string { return x.Key })
	r.events = index(c, "events", s.Events, func(x *Event) string { return x.Key })
	r.facts = index(c, "facts", s.Facts, func(x *Fact) string { return x.Key })
	r.sources = index(c, "sources", s.Sources, func(x *Source) string { return x.Key })
	r.laws = index(c, "laws", s.Laws, func(x *Law) string { return x.Key })
	r.assessments = index(c, "assessments", s.Assessments, func(x *Assessment) string { return x.Key })
	r.scopes = index(c, "scopes", s.Scopes, func(x *Scope) string { return x.Key })
	r.recipients = index(c, "recipients", s.Recipients, func(x *Recipient) string { return x.Key })
	r.datasets = index(c, "datasets", s.Datasets, func(x *Dataset) string { return x.Key })
	r.rules = index(c, "retention", s.Retention, func(x *retention.Rule) string { return x.Key })
	r.activities = index(c, "activities", s.Activities, func(x *Activity) string { return x.Key })
	index(c, "locks", s.Locks, func(x *Lock) string { return x.Key })
	index(c, "prohibited", s.Prohibited, func(x *Prohibition) string { return x.Key })
	c.inherit()
	c.notices()
	c.disclosures()
}

// index checks the keys of a list and maps the good ones to their positions.
func index[T any](c *compiler, list string, items []T, key func(*T) string) map[string]int {
	m := make(map[string]int, len(items))
	for i := range items {
		k := key(&items[i])
		switch first, dup := m[k]; {
		case !ValidKey(k):
			c.problem("key.syntax", at(list, i, "key"), "%q is no key: words of lower-case letters and digits joined by dots, dashes or underscores, a letter first, at most %d bytes and %d digits in a row", clip(k), MaxKey, maxDigits)
		case dup:
			c.problem("key.duplicate", at(list, i, "key"), "%q is declared already at %s", clip(k), at(list, first))
		default:
			m[k] = i
		}
	}
	return m
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "..."
	}
	return s
}

// inherit spreads what nodes of the trees say to what is below them.
func (c *compiler) inherit() {
	r := c.r
	r.class = make([]Class, r.categories.Len())
	r.marketing = make([]bool, r.purposes.Len())
	r.consentOnly = make([]bool, r.purposes.Len())
	own := make(map[string]int, len(r.spec.Categories))
	for i := range r.spec.Categories {
		own[r.spec.Categories[i].Key] = i
	}
	for id := range r.class { // parents come before children
		key := r.categories.Key(ID(id))
		r.class[id] = Ordinary
		if up, ok := r.categories.ID(Parent(key)); ok {
			r.class[id] = r.class[up]
		}
		i, declared := own[key]
		if !declared || r.spec.Categories[i].Class == 0 {
			continue
		}
		cl := r.spec.Categories[i].Class
		if r.class[id].needsGround() && !cl.needsGround() {
			c.advise("class.weaker", at("categories", i, "class"), "%q is %s below %s data: it needs no extra ground", clip(key), cl, r.class[id])
		}
		r.class[id] = cl
	}
	for i := range r.spec.Purposes {
		p := &r.spec.Purposes[i]
		id, ok := r.purposes.ID(p.Key)
		if !ok {
			continue
		}
		for n := id; n <= r.purposes.last[id]; n++ {
			r.marketing[n] = r.marketing[n] || p.Marketing
			r.consentOnly[n] = r.consentOnly[n] || p.ConsentOnly
		}
	}
}

// each visits the keys of a list and reports those that are listed twice.
func (c *compiler) each(path string, keys []string, visit func(path, key string)) {
	seen := make(map[string]bool, len(keys))
	for i, k := range keys {
		if seen[k] {
			c.problem("list.duplicate", at(path, i), "%q is listed twice", clip(k))
			continue
		}
		seen[k] = true
		visit(at(path, i), k)
	}
}

// ref checks that key is in the index of a list and marks it as used.
func (c *compiler) ref(list string, in map[string]int, path, key string) bool {
	if _, ok := in[key]; !ok {
		unknown(c, list, path, key, in)
		return false
	}
	c.used[list+"/"+key] = true
	return true
}

// refs checks the keys of a list like ref.
func (c *compiler) refs(list string, in map[string]int, path string, keys []string) {
	c.each(path, keys, func(p, k string) { c.ref(list, in, p, k) })
}

// nodes checks that all keys are nodes of a tree and returns what is at or below them.
func (c *compiler) nodes(list string, t *Tree, path string, keys []string) Set {
	c.each(path, keys, func(p, k string) {
		if _, ok := t.ids[k]; !ok {
			unknown(c, list, p, k, t.ids)
		}
	})
	return t.Below(keys...)
}

func unknown[V any](c *compiler, list, path, key string, known map[string]V) {
	like := ""
	if len(c.problems) < MaxProblems {
		like = near(key, known)
	}
	c.problem("ref.unknown", path, "%q is not among the %s%s", clip(key), list, like)
}

var _ basis.Records = (*Register)(nil)
