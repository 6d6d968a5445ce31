package protoguard

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/purposebound/purposebound/policy"
)

// Read releases the named fields of a message, all of them or none, in a new message; no names means every marked field that lies
// in a message that is there. It is policy.ReadFrom otherwise: it shares when the request names a recipient, masks texts, and leaves out
// what else is to be masked.
func Read[M proto.Message](ctx context.Context, g *policy.Guard, req policy.Request, t *Type, message M, fields ...string) (M, error) {
	var none M
	if t == nil || t.plan == nil {
		return none, fmt.Errorf("%w: the message type is not bound", policy.ErrBinding)
	}
	var from func(string) (any, bool)
	var m protoreflect.Message
	if there(message) {
		m = message.ProtoReflect()
		if m.Descriptor().FullName() != t.name {
			return none, fmt.Errorf("%w: the message is a %s, and %s is bound", policy.ErrBinding, m.Descriptor().FullName(), t.name)
		}
		if len(fields) == 0 {
			fields = t.present(m)
		}
		m = proto.Clone(message).ProtoReflect() // nobody changes it, nor what is released of it
		from = func(path string) (any, bool) {
			v, ok := at(m, t.paths[path])
			return plain(v, ok)
		}
	}
	released, err := policy.ReadFrom(ctx, g, req, t.plan, from, fields...)
	if err != nil {
		return none, err
	}
	out := m.New()
	for path, v := range released {
		steps := t.paths[path]
		if s, masked := v.(string); masked {
			put(out, steps, protoreflect.ValueOfString(s))
		} else if v, ok := v.(protoreflect.Value); ok && v.IsValid() {
			put(out, steps, v)
		}
	}
	for _, steps := range t.open {
		if v, ok := at(m, steps); ok {
			put(out, steps, v)
		}
	}
	view, ok := out.Interface().(M)
	if !ok {
		return none, fmt.Errorf("%w: %s makes a message of another type", policy.ErrBinding, t.name)
	}
	return view, nil
}

// there reports whether a message is one: a nil one is none, of which dynamic ones cannot be asked.
func there[M proto.Message](message M) (is bool) {
	defer func() {
		if recover() != nil {
			is = false
		}
	}()
	return message.ProtoReflect().IsValid()
}

// plain is a text as a string, which the guard can mask and take for an id.
func plain(v protoreflect.Value, ok bool) (any, bool) {
	if !ok {
		return nil, false
	}
	if s, text := v.Interface().(string); text {
		return s, true
	}
	return v, true
}

// present lists the marked fields whose surrounding messages are there.
func (t *Type) present(m protoreflect.Message) (paths []string) {
	for i := range t.plan.Fields {
		path := t.plan.Fields[i].Path
		if _, ok := parent(m, t.paths[path]); ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// parent finds the message that a field lies in.
func parent(m protoreflect.Message, steps []protoreflect.FieldDescriptor) (protoreflect.Message, bool) {
	if len(steps) == 0 {
		return nil, false
	}
	for _, fd := range steps[:len(steps)-1] {
		fd = own(m, fd)
		if fd == nil || !m.Has(fd) {
			return nil, false
		}
		m = m.Get(fd).Message()
	}
	return m, true
}

// own is the field as the message's own type has it, which may come from another registry.
func own(m protoreflect.Message, fd protoreflect.FieldDescriptor) protoreflect.FieldDescriptor {
	return m.Descriptor().Fields().ByNumber(fd.Number())
}

// at finds the value of a field; ok is false where it is not set and can tell so.
func at(m protoreflect.Message, steps []protoreflect.FieldDescriptor) (v protoreflect.Value, ok bool) {
	m, ok = parent(m, steps)
	if !ok {
		return v, false
	}
	fd := own(m, steps[len(steps)-1])
	if fd == nil || fd.HasPresence() && !m.Has(fd) {
		return v, false
	}
	return m.Get(fd), true
}

// put sets a field, and the messages that it lies in.
func put(out protoreflect.Message, steps []protoreflect.FieldDescriptor, v protoreflect.Value) {
	for _, fd := range steps[:len(steps)-1] {
		out = out.Mutable(own(out, fd)).Message()
	}
	fd := own(out, steps[len(steps)-1])
	if fd.IsList() && !v.List().IsValid() || fd.IsMap() && !v.Map().IsValid() {
		return // empty
	}
	out.Set(fd, v)
}
