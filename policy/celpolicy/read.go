package celpolicy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// maxMarks bounds the characters that can begin a YAML node, and with them the memory of its tree.
const maxMarks = 200_000

// reader turns the text of a file into rules.
type reader struct {
	file     string
	text     []byte
	rules    []Rule
	problems *Problems
}

// readFile appends what is wrong to problems and returns the rules that are whole in form.
func readFile(file string, text []byte, problems *Problems) []Rule {
	r := &reader{file: file, text: text, problems: problems}
	root, err := parse(text)
	if err != nil {
		r.fail("file.syntax", position{lineOf(err), 1}, "", "%s", clip(err.Error()))
		return nil
	}
	r.document(root)
	return r.rules
}

// parse reads one YAML document.
func parse(text []byte) (root *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, errors.New("the text is not readable as YAML")
		}
	}()
	if !utf8.Valid(text) {
		return nil, errors.New("the text is not UTF-8")
	}
	marks := 0
	for i, c := range text {
		switch c {
		case '\n', ',', ':', '[', '{', '?':
			marks++
		case '-':
			if i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\n') {
				marks++
			}
		}
	}
	if marks > maxMarks {
		return nil, fmt.Errorf("more than %d entries", maxMarks)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file is empty")
		}
		return nil, err
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("a rule file is one YAML document")
	}
	if len(doc.Content) != 1 {
		return nil, errors.New("the file is empty")
	}
	return doc.Content[0], nil
}

// lineOf finds the line in an error of the YAML parser.
func lineOf(err error) int {
	line := 0
	if _, e := fmt.Sscanf(err.Error(), "yaml: line %d:", &line); e != nil {
		return 1
	}
	return line
}

func (r *reader) fail(code string, p position, path, format string, args ...any) {
	r.problems.add(purpose.Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...), File: r.file, Line: p.line, Column: p.column})
}

func at(n *yaml.Node) position { return position{n.Line, n.Column} }

var kindNames = map[yaml.Kind]string{yaml.MappingNode: "a mapping", yaml.SequenceNode: "a list", yaml.ScalarNode: "a text"}

// is checks the kind of a node, and that it is plain: no anchor, alias or tag.
func (r *reader) is(n *yaml.Node, kind yaml.Kind, path string) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.fail("file.alias", at(n), path, "anchors and aliases are refused: write it out")
	case n.Style&yaml.TaggedStyle != 0:
		r.fail("file.tag", at(n), path, "tags are refused: quote a text that begins with '!'")
	case n.Kind != kind:
		r.fail("file.shape", at(n), path, "must be %s", kindNames[kind])
	case kind == yaml.ScalarNode && n.Tag != "!!str":
		r.fail("file.shape", at(n), path, "must be a text: put it in quotes")
	default:
		return true
	}
	return false
}

// pairs yields the entries of a mapping whose keys are known and single.
func (r *reader) pairs(n *yaml.Node, path string, known []string, yield func(key, value *yaml.Node)) {
	if !r.is(n, yaml.MappingNode, path) {
		return
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case !r.is(k, yaml.ScalarNode, path):
		case !slices.Contains(known, k.Value):
			r.fail("file.key", at(k), path, "unknown key %q; known: %s", clip(k.Value), strings.Join(known, ", "))
		case seen[k.Value]:
			r.fail("file.duplicate", at(k), path, "%q is given twice", k.Value)
		default:
			seen[k.Value] = true
			yield(k, v)
		}
	}
}

func (r *reader) document(root *yaml.Node) {
	found := false
	r.pairs(root, "", []string{"rules"}, func(_, list *yaml.Node) {
		found = true
		if !r.is(list, yaml.SequenceNode, "rules") {
			return
		}
		if len(list.Content) > MaxRules {
			r.fail("list.size", at(list), "rules", "%d rules, at most %d", len(list.Content), MaxRules)
			return
		}
		for i, n := range list.Content {
			r.rule(n, i)
		}
	})
	if !found {
		r.fail("file.shape", at(root), "", `must have the key "rules"`)
	}
}

// keys of a rule in a file, each with how its value is read.
var keys = []struct {
	name string
	read func(*ruleReader, *yaml.Node)
}{
	{"id", func(r *ruleReader, n *yaml.Node) { r.to.ID = r.scalar(n, "id") }},
	{"effect", (*ruleReader).effect},
	{"actions", (*ruleReader).actions},
	{"roles", func(r *ruleReader, n *yaml.Node) { r.to.Roles = r.list(n, "roles") }},
	{"except_roles", func(r *ruleReader, n *yaml.Node) { r.to.ExceptRoles = r.list(n, "except_roles") }},
	{"tasks", func(r *ruleReader, n *yaml.Node) { r.to.Tasks = r.list(n, "tasks") }},
	{"purposes", func(r *ruleReader, n *yaml.Node) { r.to.Purposes = r.list(n, "purposes") }},
	{"categories", func(r *ruleReader, n *yaml.Node) { r.to.Categories = r.list(n, "categories") }},
	{"recipients", func(r *ruleReader, n *yaml.Node) { r.to.Recipients = r.list(n, "recipients") }},
	{"when", func(r *ruleReader, n *yaml.Node) { r.to.When, r.to.origin.when = r.scalar(n, "when"), n }},
	{"mask", (*ruleReader).mask},
	{"obligations", func(r *ruleReader, n *yaml.Node) { r.to.Obligations = r.list(n, "obligations") }},
}

func keyNames() []string {
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].name
	}
	return names
}

// ruleReader reads one rule. What it reports is not reported again by the checks that follow.
type ruleReader struct {
	*reader
	to     *Rule
	prefix string
}

// rule reads a rule in the order of the keys' table, not of the file: a mask depends on the effect.
func (r *reader) rule(n *yaml.Node, i int) {
	o := &origin{text: r.text, marks: map[string]position{"": at(n)}, reported: map[string]bool{}}
	rr := &ruleReader{r, &Rule{File: r.file, Line: n.Line, origin: o}, fmt.Sprintf("rules[%d]", i)}
	values := make(map[string]*yaml.Node, len(keys))
	r.pairs(n, rr.prefix, keyNames(), func(k, v *yaml.Node) {
		values[k.Value] = v
		o.marks[k.Value] = at(v)
	})
	if n.Kind != yaml.MappingNode {
		return
	}
	if id := values["id"]; id != nil && purpose.ValidKey(id.Value) {
		rr.prefix = "rules[" + id.Value + "]"
	}
	for i := range keys {
		if v := values[keys[i].name]; v != nil {
			keys[i].read(rr, v)
		}
	}
	r.rules = append(r.rules, *rr.to)
}

// report lists a problem at a path inside the rule.
func (r *ruleReader) report(code string, n *yaml.Node, path, format string, args ...any) {
	r.to.origin.reported[path] = true
	r.fail(code, at(n), r.prefix+"."+path, format, args...)
}

func (r *ruleReader) plain(n *yaml.Node, kind yaml.Kind, path string) bool {
	ok := r.is(n, kind, r.prefix+"."+path)
	r.to.origin.reported[path] = r.to.origin.reported[path] || !ok
	return ok
}

// scalar reads a text that is not empty.
func (r *ruleReader) scalar(n *yaml.Node, path string) string {
	if !r.plain(n, yaml.ScalarNode, path) {
		return ""
	}
	if strings.TrimSpace(n.Value) == "" {
		r.report("file.shape", n, path, "must not be empty: leave the key out")
		return ""
	}
	return n.Value
}

// list reads a list of texts and remembers where they stand.
func (r *ruleReader) list(n *yaml.Node, key string) []string {
	if !r.plain(n, yaml.SequenceNode, key) {
		return nil
	}
	list := make([]string, len(n.Content))
	for i, item := range n.Content {
		path := index(key, i)
		r.to.origin.marks[path] = at(item)
		if r.plain(item, yaml.ScalarNode, path) {
			list[i] = item.Value
		}
	}
	return list
}

func (r *ruleReader) effect(n *yaml.Node) {
	text := r.scalar(n, "effect")
	for e := policy.EffectPermit; e <= policy.EffectOblige; e++ {
		if e.String() == text {
			r.to.Effect = e
			return
		}
	}
	if text != "" {
		r.report("rule.effect", n, "effect", "%q is no effect; known: permit, deny, redact, oblige", clip(text))
	}
}

func (r *ruleReader) actions(n *yaml.Node) {
	list := r.list(n, "actions")
	if list == nil {
		return
	}
	r.to.Actions = make([]purpose.Action, len(list))
	for i, text := range list {
		if text == "" || r.to.Actions[i].UnmarshalText([]byte(text)) != nil {
			r.report("value.invalid", n.Content[i], index("actions", i), "%q is no action; known: %s", clip(text), actionNames())
		}
	}
}

func (r *ruleReader) mask(n *yaml.Node) {
	text := r.scalar(n, "mask")
	if text == "" {
		return
	}
	if r.to.Mask.UnmarshalText([]byte(text)) != nil {
		r.report("rule.mask", n, "mask", "%q is no mask; known: remove, last-four, year, initials", clip(text))
	} else if r.to.Effect != policy.EffectRedact && r.to.Effect != 0 {
		r.report("rule.mask", n, "mask", "only redact rules have a mask")
	}
}
