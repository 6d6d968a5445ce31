package steady

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// term reads a term as a value, and says its shape.
func (b *reader) term(t *ast.Term, f frame) *shape {
	where := at(t.Location)
	if where.line == 0 {
		where = b.here
	}
	switch v := t.Value.(type) {
	case ast.Var:
		return b.variable(v, where, f)
	case ast.Ref:
		return b.ref(v, where, f)
	case *ast.Array:
		return arrayOf(b.terms(f, v.Foreach))
	case ast.Set:
		return setOf(b.terms(f, v.Foreach))
	case ast.Object:
		return b.object(v, f)
	case *ast.ArrayComprehension:
		return arrayOf(b.comprehension(v.Body, f, v.Term))
	case *ast.SetComprehension:
		return setOf(b.comprehension(v.Body, f, v.Term))
	case *ast.ObjectComprehension:
		b.oneValue(v, where)
		return &shape{can: isObject, elem: b.comprehension(v.Body, f, v.Key, v.Value)}
	case ast.Null, ast.Boolean, ast.Number, ast.String:
		return shapeOf(v)
	}
	b.report(CodeForm, where, "this form is not understood")
	return unknown
}

func (b *reader) terms(f frame, each func(func(*ast.Term))) *shape {
	all := undefined
	each(func(t *ast.Term) { all = join(all, b.term(t, f)) })
	return all
}

func (b *reader) object(v ast.Object, f frame) *shape {
	named, fields, elem := true, map[string]*shape{}, undefined
	v.Foreach(func(key, t *ast.Term) {
		b.term(key, f)
		below := b.term(t, f)
		elem = join(elem, below)
		if name, isText := key.Value.(ast.String); isText {
			fields[string(name)] = below
		} else {
			named = false
		}
	})
	if !named {
		return &shape{can: isObject, elem: elem}
	}
	return object(fields)
}

// comprehension reads a body whose answers become a value as a whole, and says the shape of the last head.
func (b *reader) comprehension(body ast.Body, f frame, heads ...*ast.Term) (s *shape) {
	inner := b.child()
	f = f.fixed("in a comprehension")
	inner.body(body, f)
	for _, h := range heads {
		s = inner.term(h, f)
	}
	return s
}

func (b *reader) variable(v ast.Var, where place, f frame) *shape {
	a := b.alias[v]
	switch {
	case a.binder == nil && b.shapes[v] == nil:
		return unknown
	case a.binder == nil:
		return b.shapes[v]
	case a.sets == nil:
		b.wholeList(a.ref, where)
		return arrayOf(just(isText))
	}
	return b.wholeSet(a.sets[0], where, f)
}

func (b *reader) wholeList(ref ast.Ref, where place) {
	b.report(CodeList, where, fmt.Sprintf(`%s may lose entries, so it is asked for one entry only: "x" in %[1]s, or some x in %[1]s without the index`, ref))
}

// wholeSet reads a partial set as one value: it may not change then.
func (b *reader) wholeSet(h hit, where place, f frame) *shape {
	return setOf(b.use(h, f.fixed("in %s, which is used as a whole at %s", h.rules[0].Ref(), where), nil))
}

// ref reads a reference.
func (b *reader) ref(ref ast.Ref, where place, f frame) *shape {
	head := ref[0]
	switch v, _ := head.Value.(ast.Var); {
	case head.Equal(ast.InputRootDocument):
		return b.ofInput(ref, where, f)
	case head.Equal(ast.DefaultRootDocument):
		return b.ofData(ref, where, f)
	case b.alias[v].binder != nil:
		return b.ofAlias(b.alias[v], ref[1:], where, f)
	}
	return b.follow(b.term(head, f), ref[1:], f)
}

// follow reads the keys of a reference from a value on, binding those that iterate.
func (b *reader) follow(s *shape, keys []*ast.Term, f frame) *shape {
	for _, key := range keys {
		if b.open(key) {
			b.match(key, s.key(), f)
		} else {
			b.term(key, f)
		}
		s = s.at(key)
	}
	return s
}

func (b *reader) ofInput(ref ast.Ref, where place, f frame) *shape {
	a, path, rest, why := b.input.reach(ref)
	switch {
	case a == nil:
		b.report(CodeInput, where, fmt.Sprintf("%s %s", path, why))
		for _, key := range ref[1:] {
			b.term(key, f)
		}
		return undefined // one problem is enough
	case a.standing == partial:
		return b.entry(path, rest, where, f)
	case a.standing != always:
		b.may(path, where, f)
	}
	return b.follow(a.shape, rest, f)
}

// may reads what a request may leave out.
func (b *reader) may(path ast.Ref, where place, f frame) {
	if f.vanish <= 0 {
		b.report(CodeRead, where, f.refuse(path.String())+f.usedAt())
	}
}

// entry reads any one entry of a list that may lose some. Its index is used nowhere, for it changes when others go.
func (b *reader) entry(list ast.Ref, keys []*ast.Term, where place, f frame) *shape {
	if len(keys) == 1 {
		if v, ok := keys[0].Value.(ast.Var); ok && b.uses[v] == 1 {
			b.may(list, where, f)
			return just(isText)
		}
	}
	b.wholeList(list, where)
	return just(isText)
}

func (b *reader) ofAlias(a alias, keys []*ast.Term, where place, f frame) *shape {
	if a.sets == nil {
		return b.entry(a.ref, keys, where, f)
	}
	return b.follow(setOf(b.use(a.sets[0], f, nil)), keys, f)
}

func (b *reader) ofData(ref ast.Ref, where place, f frame) *shape {
	hits := b.resolve(ref)
	if len(hits) == 0 {
		return b.base(ref, f)
	}
	if len(hits) > 1 || hits[0].below {
		for _, key := range ref[1:] {
			b.term(key, f)
		}
		for _, h := range hits {
			b.use(h, f.fixed("in %s, which is read with others at %s", h.rules[0].Ref(), where), nil)
		}
		return unknown
	}
	h := hits[0]
	switch {
	case h.isFunction():
		b.report(CodeForm, where, "a function is called, never used as a value")
		return unknown
	case h.isSet() && len(h.keys) == 0:
		return b.wholeSet(h, where, f)
	case h.isSet():
		return b.follow(setOf(b.use(h, f, nil)), h.keys, f)
	case h.isTable() && len(h.keys) == 0:
		return &shape{can: isObject, elem: b.use(h, f.fixed("in %s, which is used as a whole at %s", h.rules[0].Ref(), where), nil)}
	case h.isTable():
		return b.follow(&shape{can: isObject, elem: b.use(h, f, nil)}, h.keys, f)
	}
	return b.follow(b.use(h, f, nil), h.keys, f)
}

// base reads a base document: constant, so its shape is that of all values that the reference may meet.
func (b *reader) base(ref ast.Ref, f frame) *shape {
	var values []ast.Value
	if b.spec.Data != nil {
		values = append(values, b.spec.Data)
	}
	for _, key := range ref[1:] {
		keys, below := undefined, []ast.Value(nil)
		for _, v := range values {
			keys = join(keys, entries(v, key, &below))
		}
		if b.open(key) {
			b.match(key, keys, f)
		} else {
			b.term(key, f)
		}
		values = below
	}
	all := undefined
	for _, v := range values {
		all = join(all, shapeOf(v))
	}
	return all
}

// entries adds what stands under a key of a value, everything where the key is not constant, and says the shape of the keys.
func entries(v ast.Value, key *ast.Term, below *[]ast.Value) *shape {
	if ast.IsConstant(key.Value) {
		if found, err := v.Find(ast.Ref{key}); err == nil {
			*below = append(*below, found)
		}
		return undefined
	}
	keys := undefined
	switch v := v.(type) {
	case ast.Object:
		v.Foreach(func(name, t *ast.Term) {
			keys = join(keys, shapeOf(name.Value))
			*below = append(*below, t.Value)
		})
	case *ast.Array:
		v.Foreach(func(t *ast.Term) { *below = append(*below, t.Value) })
		keys = just(isNumber)
	case ast.Set:
		v.Foreach(func(t *ast.Term) { *below = append(*below, t.Value) })
		keys = unknown
	}
	return keys
}
