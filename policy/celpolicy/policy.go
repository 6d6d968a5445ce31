package celpolicy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"cel.dev/cel-go/common/types/ref"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Policy is a checked, immutable set of rules. It is safe for concurrent use.
type Policy struct {
	name, digest string
	reg          *purpose.Register
	rules        []rule     // by id
	everywhere   []uint32   // rules for all purposes
	only         [][]uint32 // rules for some purposes, by leaf
	vars         []variable // that conditions mention, by slot
	slots        map[string]int
	immediate    bool

	plans sync.Map // *purpose.Plan -> *view
	kept  atomic.Int32
	pool  sync.Pool // of *frame
}

// New checks rules against a register and makes a policy of them. An empty name is "cel". Everything
// that is wrong is reported at once: the error is of type Problems.
func New(register *purpose.Register, name string, rules ...Rule) (*Policy, error) {
	return build(register, name, rules, nil)
}

// Load reads all files in files whose names end in .yaml or .yml, names that begin with a dot left out,
// and makes one policy of their rules.
func Load(register *purpose.Register, name string, files fs.FS) (*Policy, error) {
	var problems Problems
	rules := readAll(files, &problems)
	return build(register, name, rules, problems)
}

func build(register *purpose.Register, name string, rules []Rule, problems Problems) (*Policy, error) {
	name = cmp.Or(name, "cel")
	if !purpose.ValidKey(name) {
		problems.add(purpose.Problem{Code: "policy.name", Message: fmt.Sprintf("%q is no name for a policy", clip(name))})
	}
	if register == nil {
		problems.add(purpose.Problem{Code: "policy.register", Message: "a policy is checked against a register: there is none"})
		return nil, problems
	}
	c := &compiler{reg: register, spec: register.Spec(), problems: problems}
	c.compile(rules)
	p := &Policy{name: name, reg: register, rules: c.rules, vars: c.exprs.used, slots: c.exprs.slots, immediate: c.spend <= maxImmediate}
	if !p.index() {
		c.problems.add(purpose.Problem{Code: "list.size", Message: fmt.Sprintf("the rules select more than %d purposes together", maxIndex)})
	}
	if len(c.problems) > 0 {
		slices.SortStableFunc(c.problems, func(a, b purpose.Problem) int {
			return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
		})
		return nil, c.problems
	}
	p.digest = digest(register, rules)
	p.pool.New = func() any { return &frame{p: p, vals: make([]ref.Val, len(p.vars))} }
	return p, nil
}

// Name identifies the policy in reasons.
func (p *Policy) Name() string { return p.name }

// Digest identifies the rules and the register that they were checked against, "sha256:...".
func (p *Policy) Digest() string { return p.digest }

// Immediate reports whether every condition was proven cheap when the policy was loaded: Decide then never waits.
func (p *Policy) Immediate() bool { return p.immediate }

var (
	_ policy.Decider   = (*Policy)(nil)
	_ policy.Immediate = (*Policy)(nil)
)

// index sorts the rules by the purposes that they select.
func (p *Policy) index() bool {
	tree := p.reg.Purposes()
	p.only = make([][]uint32, tree.Len())
	entries := 0
	for i := range p.rules {
		r := &p.rules[i]
		if r.purposes == nil {
			p.everywhere = append(p.everywhere, uint32(i))
			continue
		}
		for _, node := range r.purposes {
			for id := node; int(id) < tree.Len() && tree.Within(id, node); id++ {
				if !tree.Leaf(id) {
					continue
				}
				if entries++; entries > maxIndex {
					return false
				}
				p.only[id] = append(p.only[id], uint32(i))
			}
		}
	}
	return true
}

// digest is the hash of what the rules say, whatever their order and layout.
func digest(register *purpose.Register, rules []Rule) string {
	canonical := make([]map[string]any, len(rules))
	for i := range rules {
		r := &rules[i]
		m := map[string]any{"id": r.ID, "effect": r.Effect.String(), "when": strings.TrimSpace(r.When)}
		if r.Effect == policy.EffectRedact {
			m["mask"] = r.Mask.String()
		}
		actions := make([]string, len(r.Actions))
		for j, a := range r.Actions {
			actions[j] = a.String()
		}
		for key, list := range map[string][]string{"actions": actions, "roles": r.Roles, "except_roles": r.ExceptRoles, "tasks": r.Tasks,
			"purposes": r.Purposes, "categories": r.Categories, "recipients": r.Recipients, "obligations": r.Obligations} {
			if len(list) > 0 {
				m[key] = slices.Sorted(slices.Values(list))
			}
		}
		canonical[i] = m
	}
	slices.SortFunc(canonical, func(a, b map[string]any) int { return strings.Compare(a["id"].(string), b["id"].(string)) })
	text, err := json.Marshal(canonical)
	if err != nil {
		panic("celpolicy: checked rules have no canonical form: " + err.Error()) // texts and lists of texts always have
	}
	sum := sha256.Sum256(append([]byte("celpolicy 1\n"+register.Digest()+"\n"), text...))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// readAll reads the rule files of a file system, MaxBytes together at most.
func readAll(files fs.FS, problems *Problems) (rules []Rule) {
	fail := func(file, code, message string) {
		problems.add(purpose.Problem{Code: code, Message: message, File: file})
	}
	if files == nil {
		fail("", "file.read", "there are no files")
		return nil
	}
	left, found := int64(MaxBytes), false
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			fail(name, "file.read", "cannot be read")
			return nil
		case len(base) > 1 && base[0] == '.':
			if d.IsDir() {
				return fs.SkipDir // where mounts keep their generations
			}
			return nil
		case d.IsDir() || path.Ext(name) != ".yaml" && path.Ext(name) != ".yml":
			return nil
		}
		found = true
		text, err := readOne(files, name, left)
		if err != nil {
			fail(name, "file.read", err.Error())
			return nil
		}
		left -= int64(len(text))
		rules = append(rules, readFile(name, text, problems)...)
		return nil
	})
	if err != nil || !found {
		fail("", "file.read", "there are no rule files")
	}
	return rules
}

func readOne(files fs.FS, name string, limit int64) ([]byte, error) {
	errRead := errors.New("cannot be read")
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, errRead
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, errRead
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, errRead
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("the files of a policy are more than %d bytes together", MaxBytes)
	}
	return text, nil
}
