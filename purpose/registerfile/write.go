package registerfile

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose"
)

// Write writes a register in the canonical form: keys in the order of the Go fields, empty ones left
// out, two spaces to a level. What it writes reads back as the same register.
func Write(w io.Writer, spec purpose.Spec) error {
	n, err := encode(reflect.ValueOf(&spec).Elem())
	if err != nil {
		return fmt.Errorf("%w: %w", purpose.ErrInvalid, err)
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(n); err != nil {
		return err
	}
	return enc.Close()
}

func encode(v reflect.Value) (*yaml.Node, error) {
	if v.Type() == valueType {
		return encodeValue(v.Interface().(purpose.Value))
	}
	if v.Kind() == reflect.Pointer {
		return encode(v.Elem())
	}
	if m, ok := v.Addr().Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		return text1(string(text)), err
	}
	switch v.Kind() {
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			f := v.Field(i)
			if name == "" || name == "-" || options != "" && empty(f) {
				continue
			}
			item, err := encode(f)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			n.Content = append(n.Content, text1(name), item)
		}
		return n, nil
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		flow := true
		for i := range v.Len() {
			item, err := encode(v.Index(i))
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
			flow = flow && item.Kind == yaml.ScalarNode
			n.Content = append(n.Content, item)
		}
		if flow {
			n.Style = yaml.FlowStyle
		}
		return n, nil
	case reflect.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(v.Bool())}, nil
	case reflect.Int, reflect.Int64:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatInt(v.Int(), 10)}, nil
	case reflect.String:
		return text1(v.String()), nil
	}
	return nil, fmt.Errorf("no form for %s", v.Type())
}

// empty is what omitempty and omitzero leave out.
func empty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	return v.IsZero()
}

// text1 is a text; it is quoted where YAML would read something else.
func text1(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

func encodeValue(v purpose.Value) (*yaml.Node, error) {
	switch v.Type() {
	case purpose.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(v.Bool())}, nil
	case purpose.Int:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatInt(v.Int(), 10)}, nil
	case purpose.Text:
		n := text1(v.Text())
		if v.Text() == "true" || v.Text() == "false" || json.Valid([]byte(v.Text())) {
			n.Style = yaml.DoubleQuotedStyle
		}
		return n, nil
	case purpose.Instant:
		return &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle,
			Content: []*yaml.Node{text1("instant"), text1(v.Instant().Format(time.RFC3339Nano))}}, nil
	case purpose.TextList:
		n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, s := range v.Texts() {
			n.Content = append(n.Content, text1(s))
		}
		return n, nil
	}
	return nil, fmt.Errorf("a value without type")
}
