package protoguard

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/purposebound/purposebound/purpose"
)

// OptionName is the full name of the field option.
const OptionName protoreflect.FullName = "purposebound.v1.personal"

// File describes purposebound/v1/personal.proto.
func File() *descriptorpb.FileDescriptorProto {
	text, list := descriptorpb.FieldDescriptorProto_TYPE_STRING, descriptorpb.FieldDescriptorProto_LABEL_REPEATED
	field := func(number int32, name string, label descriptorpb.FieldDescriptorProto_Label) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{Name: &name, Number: &number, Label: &label, Type: &text}
	}
	one := descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL
	return &descriptorpb.FileDescriptorProto{
		Name: proto.String("purposebound/v1/personal.proto"), Package: proto.String("purposebound.v1"), Syntax: proto.String("proto3"),
		Dependency: []string{"google/protobuf/descriptor.proto"},
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("Personal"), Field: []*descriptorpb.FieldDescriptorProto{
			field(1, "category", one), field(2, "purposes", list), field(3, "bases", list), field(4, "retention", list), field(5, "data_subject", one),
		}}},
		Extension: []*descriptorpb.FieldDescriptorProto{{Name: proto.String("personal"), Number: proto.Int32(51727), Label: one.Enum(),
			Type: descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), TypeName: proto.String(".purposebound.v1.Personal"),
			Extendee: proto.String(".google.protobuf.FieldOptions")}},
	}
}

// option reads the option of fields.
type option struct {
	ext   protoreflect.ExtensionType
	types *protoregistry.Types
}

func newOption() (*option, error) {
	file, err := protodesc.NewFile(File(), protoregistry.GlobalFiles)
	if err != nil {
		return nil, err
	}
	o := &option{ext: dynamicpb.NewExtensionType(file.Extensions().ByName(OptionName.Name())), types: &protoregistry.Types{}}
	return o, o.types.RegisterExtension(o.ext)
}

// of returns what the option says of a field; ok is false when it says nothing.
func (o *option) of(fd protoreflect.FieldDescriptor) (tags purpose.Tags, ok bool, err error) {
	// Read anew: the option may be known under a generated type, or not at all.
	raw, err := proto.Marshal(fd.Options())
	if err != nil {
		return tags, false, errOption
	}
	options := &descriptorpb.FieldOptions{}
	if err := (proto.UnmarshalOptions{Resolver: o.types}).Unmarshal(raw, options); err != nil {
		return tags, false, errOption
	}
	if !proto.HasExtension(options, o.ext) {
		return tags, false, nil
	}
	said, isMessage := proto.GetExtension(options, o.ext).(proto.Message)
	if !isMessage || len(said.ProtoReflect().GetUnknown()) > 0 {
		return tags, false, errOption
	}
	m := said.ProtoReflect()
	get := func(name protoreflect.Name) (list []string) {
		f := m.Descriptor().Fields().ByName(name)
		if f.IsList() {
			for i := range m.Get(f).List().Len() {
				list = append(list, m.Get(f).List().Get(i).String())
			}
		} else if m.Has(f) {
			list = append(list, m.Get(f).String())
		}
		return list
	}
	var tag strings.Builder
	for _, x := range []struct {
		key  string
		name protoreflect.Name
	}{{"personal", "category"}, {"purpose", "purposes"}, {"basis", "bases"}, {"retention", "retention"}, {"subject", "data_subject"}} {
		if list := get(x.name); len(list) > 0 {
			fmt.Fprintf(&tag, "%s:%s ", x.key, strconv.Quote(strings.Join(list, ",")))
		}
	}
	tags, ok, err = purpose.ParseTags(tag.String())
	if err == nil && !ok {
		err = errors.New("the option purposebound.v1.personal is empty")
	}
	return tags, ok, err
}

var errOption = errors.New("the option purposebound.v1.personal says what this version does not know")
