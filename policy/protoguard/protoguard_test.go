package protoguard_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/purposebound/purposebound/internal/acme"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/protoguard"
)

// tag is one field of the option, as its wire format has it.
func tag(number protowire.Number, texts ...string) (raw []byte) {
	for _, s := range texts {
		raw = protowire.AppendString(protowire.AppendTag(raw, number, protowire.BytesType), s)
	}
	return raw
}

// personal are field options with the option: bytes that this program knows no type of, as where its Go code is not linked in.
func personal(said ...[]byte) *descriptorpb.FieldOptions {
	o := &descriptorpb.FieldOptions{}
	o.ProtoReflect().SetUnknown(protowire.AppendBytes(protowire.AppendTag(nil, 51727, protowire.BytesType), slicesConcat(said)))
	return o
}

func slicesConcat(list [][]byte) (all []byte) {
	for _, b := range list {
		all = append(all, b...)
	}
	return all
}

type fieldOf func(*descriptorpb.FieldDescriptorProto)

func repeated(f *descriptorpb.FieldDescriptorProto) {
	f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
}

func of(message string) fieldOf {
	return func(f *descriptorpb.FieldDescriptorProto) {
		f.Type, f.TypeName = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), proto.String("."+message)
	}
}

func number(f *descriptorpb.FieldDescriptorProto) {
	f.Type = descriptorpb.FieldDescriptorProto_TYPE_INT64.Enum()
}

func field(name string, n int32, options *descriptorpb.FieldOptions, change ...fieldOf) *descriptorpb.FieldDescriptorProto {
	f := &descriptorpb.FieldDescriptorProto{Name: &name, Number: &n, Options: options, Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum()}
	for _, c := range change {
		c(f)
	}
	return f
}

func message(name string, fields ...*descriptorpb.FieldDescriptorProto) *descriptorpb.DescriptorProto {
	return &descriptorpb.DescriptorProto{Name: &name, Field: fields}
}

// compile makes the descriptors of a package acme.
func compile(t *testing.T, messages ...*descriptorpb.DescriptorProto) protoreflect.MessageDescriptors {
	t.Helper()
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{Name: proto.String("acme.proto"), Package: proto.String("acme"),
		Syntax: proto.String("proto3"), MessageType: messages}, nil)
	require.NoError(t, err)
	return file.Messages()
}

func lesseeType(t *testing.T) protoreflect.MessageDescriptor {
	return compile(t,
		message("Lessee",
			field("id", 1, personal(tag(5, "id"))),
			field("name", 2, personal(tag(1, "contact.name"))),
			field("iban", 3, personal(tag(1, "finance.iban"), tag(2, "invoicing"), tag(3, "contract"))),
			field("income", 4, personal(tag(1, "finance.income")), number),
			field("contract", 5, personal(tag(1, "-"))),
			field("note", 6, nil),
			field("nicknames", 7, personal(tag(1, "contact.name")), repeated),
			field("guarantor", 8, nil, of("acme.Guarantor")),
			field("address", 9, nil, of("acme.Address")),
		),
		message("Guarantor", field("id", 1, personal(tag(5, "id"))), field("name", 2, personal(tag(1, "contact.name")))),
		message("Address", field("street", 1, personal(tag(1, "contact.name"))), field("code", 2, nil)),
	).ByName("Lessee")
}

// ada is a message, written as JSON.
func ada(t *testing.T, md protoreflect.MessageDescriptor, more string) *dynamicpb.Message {
	t.Helper()
	m := dynamicpb.NewMessage(md)
	require.NoError(t, protojson.Unmarshal([]byte(`{"id":"person-ada","name":"Ada Lovelace","iban":"DK5000400440116243","income":"420017","contract":"K-17",
		"note":"called twice"`+more+`}`), m))
	m.SetUnknown(protowire.AppendString(protowire.AppendTag(nil, 99, protowire.BytesType), "Ada Lovelace"))
	return m
}

func text(t *testing.T, m proto.Message) string {
	t.Helper()
	b, err := protojson.Marshal(m)
	require.NoError(t, err)
	return string(b)
}

var invoicing = policy.Request{Principal: acme.Agent, Purpose: "invoicing"}

func world(t *testing.T) (*acme.Acme, protoreflect.MessageDescriptor, *protoguard.Type) {
	t.Helper()
	a, err := acme.New()
	require.NoError(t, err)
	md := lesseeType(t)
	typ, err := protoguard.Bind(a.Guard, md)
	require.NoError(t, err)
	return a, md, typ
}

func TestAMessageIsReadThroughAGuard(t *testing.T) {
	a, md, typ := world(t)
	m := ada(t, md, `,"nicknames":["Countess"],"address":{"street":"Main Street","code":"X"}`)
	v, err := protoguard.Read(t.Context(), a.Guard, invoicing, typ, m, "name", "iban")
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"Ada Lovelace","iban":"DK5000400440116243","contract":"K-17"}`, text(t, v))
	require.Empty(t, v.GetUnknown())

	v, err = protoguard.Read(t.Context(), a.Guard, invoicing, typ, m, "nicknames", "address.street")
	require.NoError(t, err)
	require.JSONEq(t, `{"nicknames":["Countess"],"address":{"street":"Main Street"},"contract":"K-17"}`, text(t, v))
	v.Mutable(md.Fields().ByName("nicknames")).List().Set(0, protoreflect.ValueOfString("changed"))
	require.Contains(t, text(t, m), "Countess", "the view shares nothing with the record")

	v, err = protoguard.Read(t.Context(), a.Guard, invoicing, typ, ada(t, md, ""), "nicknames", "name", "address.street")
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"Ada Lovelace","contract":"K-17"}`, text(t, v))

	require.Equal(t, "access.read/permitted/", a.Events()[0])
	require.Equal(t, []string{"name", "iban"}, a.Trail.Events()[0].Fields)
}

func TestARefusedMessageIsNotReadAtAll(t *testing.T) {
	a, md, typ := world(t)
	for name, read := range map[string]func() (*dynamicpb.Message, error){
		"everything": func() (*dynamicpb.Message, error) {
			return protoguard.Read(t.Context(), a.Guard, invoicing, typ, ada(t, md, ""))
		},
		"income": func() (*dynamicpb.Message, error) {
			return protoguard.Read(t.Context(), a.Guard, invoicing, typ, ada(t, md, ""), "name", "income")
		},
		"purpose": func() (*dynamicpb.Message, error) {
			return protoguard.Read(t.Context(), a.Guard, invoicing.For("marketing.newsletter"), typ, ada(t, md, ""), "name")
		},
		"not marked": func() (*dynamicpb.Message, error) {
			return protoguard.Read(t.Context(), a.Guard, invoicing, typ, ada(t, md, ""), "note")
		},
		"nobody": func() (*dynamicpb.Message, error) {
			return protoguard.Read(t.Context(), a.Guard, invoicing, typ, dynamicpb.NewMessage(md), "name")
		},
		"nil": func() (*dynamicpb.Message, error) {
			return protoguard.Read[*dynamicpb.Message](t.Context(), a.Guard, invoicing, typ, nil, "name")
		},
		"no guard": func() (*dynamicpb.Message, error) {
			return protoguard.Read(t.Context(), nil, invoicing, typ, ada(t, md, ""), "name")
		},
		"another guarantor": func() (*dynamicpb.Message, error) { // who has no contract
			return protoguard.Read(t.Context(), a.Guard, invoicing, typ, ada(t, md, `,"guarantor":{"id":"person-bob","name":"Bob"}`), "name", "guarantor.name")
		},
		"a guarantor without id": func() (*dynamicpb.Message, error) {
			return protoguard.Read(t.Context(), a.Guard, invoicing, typ, ada(t, md, `,"guarantor":{"name":"Bob"}`), "guarantor.name")
		},
		"trail": func() (*dynamicpb.Message, error) {
			a.Trail.FailNext(errors.New("full"))
			return protoguard.Read(t.Context(), a.Guard, invoicing, typ, ada(t, md, ""), "name")
		},
	} {
		v, err := read()
		require.ErrorIs(t, err, policy.ErrDenied, name)
		require.Nil(t, v, name)
		for _, c := range acme.Canaries {
			require.NotContains(t, err.Error(), c)
		}
	}
	_, err := protoguard.Read(t.Context(), a.Guard, invoicing, typ, ada(t, md, `,"guarantor":{"id":"person-ada","name":"Bob"}`), "guarantor.name")
	require.NoError(t, err, "the control: a guarantor with a contract")
	for _, wrong := range []func() error{
		func() error {
			_, err := protoguard.Read(t.Context(), a.Guard, invoicing, typ, wrapperspb.String("x"))
			return err
		},
		func() error {
			_, err := protoguard.Read(t.Context(), a.Guard, invoicing, nil, wrapperspb.String("x"))
			return err
		},
		func() error {
			_, err := protoguard.Read(t.Context(), a.Guard, invoicing, new(protoguard.Type), wrapperspb.String("x"))
			return err
		},
	} {
		require.ErrorIs(t, wrong(), policy.ErrBinding)
	}
}

// The same option under a type that the program knows.
func TestTheOptionIsReadWhetherOrNotItsTypeIsLinked(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	file, err := protodesc.NewFile(protoguard.File(), protoregistry.GlobalFiles)
	require.NoError(t, err)
	ext := dynamicpb.NewExtensionType(file.Extensions().Get(0))
	require.Equal(t, protoguard.OptionName, ext.TypeDescriptor().FullName())
	said := dynamicpb.NewMessage(file.Messages().Get(0))
	said.Set(said.Descriptor().Fields().ByName("category"), protoreflect.ValueOfString("contact.name"))
	options := &descriptorpb.FieldOptions{}
	proto.SetExtension(options, ext, said)
	md := compile(t, message("Person", field("id", 1, personal(tag(5, "id"))), field("name", 2, options))).Get(0)
	typ, err := protoguard.Bind(a.Guard, md)
	require.NoError(t, err)
	m := dynamicpb.NewMessage(md)
	require.NoError(t, protojson.Unmarshal([]byte(`{"id":"person-ada","name":"Ada"}`), m))
	v, err := protoguard.Read(t.Context(), a.Guard, invoicing, typ, m)
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"Ada"}`, text(t, v))
}

func TestWhatAnOptionMaySay(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	id := field("id", 1, personal(tag(5, "id")))
	name := personal(tag(1, "contact.name"))
	inner := message("Inner", field("id", 1, personal(tag(5, "id"))), field("name", 2, name))
	for want, messages := range map[string][]*descriptorpb.DescriptorProto{
		"acme.X: no field has the option":                        {message("X", field("a", 1, nil))},
		"acme.X.a: the option purposebound.v1.personal is empty": {message("X", id, field("a", 2, personal()))},
		"what this version does not know":                        {message("X", id, field("a", 2, personal(tag(1, "contact.name"), tag(17, "x"))))},
		`"contact.nam" is not among the data categories`:         {message("X", id, field("a", 2, personal(tag(1, "contact.nam"))))},
		`is no data category`:                                    {message("X", id, field("a", 2, personal(tag(1, "contact.name\" purpose:\"x"))))},
		`"fun" is no legal basis`:                                {message("X", id, field("a", 2, personal(tag(1, "contact.name"), tag(3, "fun"))))},
		`"invoicin" is not among the purposes`:                   {message("X", id, field("a", 2, personal(tag(1, "contact.name"), tag(2, "invoicin"))))},
		"acme.X.a: a list or map of messages with marked fields": {message("X", id, field("a", 2, nil, of("acme.Inner"), repeated)), inner},
		"acme.X.a: it is marked as not personal, and has fields": {message("X", id, field("a", 2, personal(tag(1, "-")), of("acme.Inner")), field("n", 3, name)), inner},
		"acme.X.a: the message contains itself":                  {message("X", id, field("n", 2, name), field("a", 3, nil, of("acme.X")))},
		"is identified twice":                                    {message("X", id, field("b", 2, personal(tag(5, "id"))), field("n", 3, name))},
	} {
		_, err := protoguard.Bind(a.Guard, compile(t, messages...).ByName("X"))
		require.ErrorIs(t, err, policy.ErrBinding, want)
		require.ErrorContains(t, err, want)
	}
	_, err = protoguard.Bind(a.Guard, nil)
	require.ErrorIs(t, err, policy.ErrBinding)
	_, err = protoguard.Bind(nil, lesseeType(t))
	require.Error(t, err)

	s, err := protoguard.Schema(lesseeType(t))
	require.NoError(t, err)
	require.Equal(t, "acme.Lessee", s.Name)
	require.Len(t, s.Fields, 8)
	require.Equal(t, "guarantor.id", s.Fields[5].Tags.DataSubject)
	require.Equal(t, "guarantor", s.Fields[6].Tags.DataSubject)
	require.Empty(t, s.Fields[7].Tags.DataSubject)
}

// The file that ships says what the code says.
func TestTheProtoFileIsTheDescriptor(t *testing.T) {
	b, err := os.ReadFile("purposebound/v1/personal.proto")
	require.NoError(t, err)
	source := strings.Join(strings.Fields(string(b)), " ")
	f := protoguard.File()
	want := []string{`syntax = "proto3";`, "package " + f.GetPackage() + ";", `import "` + f.GetDependency()[0] + `";`, "message Personal {",
		fmt.Sprintf("extend google.protobuf.FieldOptions { Personal personal = %d; }", f.GetExtension()[0].GetNumber())}
	for _, x := range f.GetMessageType()[0].GetField() {
		label := ""
		if x.GetLabel() == descriptorpb.FieldDescriptorProto_LABEL_REPEATED {
			label = "repeated "
		}
		want = append(want, fmt.Sprintf("%sstring %s = %d;", label, x.GetName(), x.GetNumber()))
	}
	for _, w := range want {
		require.Contains(t, source, w)
	}
	require.Equal(t, len(f.GetMessageType()[0].GetField()), strings.Count(source[strings.Index(source, "message Personal"):], "string "), "no field more")
}

func TestMasksReachTextsAndRemoveTheRest(t *testing.T) {
	a, err := acme.New(policy.WithPolicies(acme.Masking{Mask: policy.LastFour}))
	require.NoError(t, err)
	md := lesseeType(t)
	typ, err := protoguard.Bind(a.Guard, md)
	require.NoError(t, err)
	v, err := protoguard.Read(t.Context(), a.Guard, invoicing, typ, ada(t, md, `,"nicknames":["Countess"]`), "iban", "nicknames")
	require.NoError(t, err)
	require.NotContains(t, text(t, v), "DK5000")
	require.Contains(t, text(t, v), "6243")
	require.NotContains(t, text(t, v), "Countess")
}
