package protoguard

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Type is a message type that is bound to a guard's register. It is safe for concurrent use.
type Type struct {
	plan  *purpose.Plan
	name  protoreflect.FullName
	paths map[string][]protoreflect.FieldDescriptor // of marked fields, by path
	open  [][]protoreflect.FieldDescriptor          // of fields with nothing about a person
}

// Bind binds a message type. All that is wrong is reported at once, by message and field; the error unwraps to policy.ErrBinding.
func Bind(g *policy.Guard, md protoreflect.MessageDescriptor) (*Type, error) {
	schema, t, err := read(md)
	if err != nil {
		return nil, err
	}
	if t.plan, err = g.Schema(schema); err != nil {
		return nil, err
	}
	return t, nil
}

// Schema is what the options of a message type say, for other uses than Read.
func Schema(md protoreflect.MessageDescriptor) (purpose.Schema, error) {
	s, _, err := read(md)
	return s, err
}

func read(md protoreflect.MessageDescriptor) (purpose.Schema, *Type, error) {
	if md == nil {
		return purpose.Schema{}, nil, fmt.Errorf("%w: no message descriptor", policy.ErrBinding)
	}
	o, err := newOption()
	if err != nil {
		return purpose.Schema{}, nil, fmt.Errorf("%w: %w", policy.ErrBinding, err)
	}
	b := &binder{option: o, schema: purpose.Schema{Name: string(md.FullName())},
		t: &Type{name: md.FullName(), paths: map[string][]protoreflect.FieldDescriptor{}}}
	b.message(md, nil, "", map[protoreflect.FullName]bool{})
	if len(b.schema.Fields) == 0 && len(b.errs) == 0 {
		b.fail(md.FullName(), "no field has the option "+string(OptionName))
	}
	return b.schema, b.t, errors.Join(b.errs...)
}

type binder struct {
	option *option
	schema purpose.Schema
	t      *Type
	errs   []error
}

func (b *binder) fail(where protoreflect.FullName, what string) {
	b.errs = append(b.errs, fmt.Errorf("%w: %s: %s", policy.ErrBinding, where, what))
}

// message takes in the fields of a message at a path, about a person called who; empty: the main one.
func (b *binder) message(md protoreflect.MessageDescriptor, at []protoreflect.FieldDescriptor, who string, under map[protoreflect.FullName]bool) {
	if b.identifies(md) && len(at) > 0 {
		who = pathOf(at)
	}
	under[md.FullName()] = true
	defer delete(under, md.FullName())
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		here := append(at[:len(at):len(at)], fd)
		tags, ok, err := b.option.of(fd)
		inner := inside(fd)
		switch {
		case err != nil:
			b.fail(fd.FullName(), err.Error())
		case ok && tags.Personal == purpose.NotPersonal:
			if inner != nil && b.marks(inner, map[protoreflect.FullName]bool{}) {
				b.fail(fd.FullName(), "it is marked as not personal, and has fields that are")
				continue
			}
			b.t.open = append(b.t.open, here)
		case ok:
			if who != "" {
				tags.DataSubject = nested(who, tags.DataSubject)
			}
			b.schema.Fields = append(b.schema.Fields, purpose.SchemaField{Name: pathOf(here), Tags: tags})
			b.t.paths[pathOf(here)] = here
		case inner == nil || !b.marks(inner, map[protoreflect.FullName]bool{}):
		case fd.IsList() || fd.IsMap():
			b.fail(fd.FullName(), "a list or map of messages with marked fields: bind "+string(inner.FullName())+" and read each")
		case under[inner.FullName()]:
			b.fail(fd.FullName(), "the message contains itself")
		default:
			b.message(inner, here, who, under)
		}
	}
}

// nested says of a field of a message about who what it says of the message.
func nested(who, dataSubject string) string {
	if dataSubject == "" {
		return who
	}
	return who + "." + dataSubject
}

// inside is the message that a field holds, or nil.
func inside(fd protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	if fd.IsMap() {
		return fd.MapValue().Message()
	}
	return fd.Message()
}

// marks reports whether a message has a marked field, at any depth. An option that cannot be read is one.
func (b *binder) marks(md protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) bool {
	if seen[md.FullName()] {
		return false
	}
	seen[md.FullName()] = true
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		if _, ok, err := b.option.of(fd); ok || err != nil {
			return true
		}
		if inner := inside(fd); inner != nil && b.marks(inner, seen) {
			return true
		}
	}
	return false
}

// identifies reports whether a message has an id of its own.
func (b *binder) identifies(md protoreflect.MessageDescriptor) bool {
	for i := range md.Fields().Len() {
		if tags, ok, err := b.option.of(md.Fields().Get(i)); err == nil && ok && tags.DataSubject == "id" {
			return true
		}
	}
	return false
}

func pathOf(fields []protoreflect.FieldDescriptor) string {
	names := make([]string, len(fields))
	for i, fd := range fields {
		names[i] = string(fd.Name())
	}
	return strings.Join(names, ".")
}
