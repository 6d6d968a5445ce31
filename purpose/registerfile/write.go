package registerfile

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	var file bytes.Buffer
	enc := yaml.NewEncoder(&file)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(n), enc.Close()); err != nil {
		return fmt.Errorf("%w: %w", purpose.ErrInvalid, err)
	}
	_, err = file.WriteTo(w)
	return err
}

var (
	errEncoding = errors.New("text is not UTF-8")
	errOrder    = errors.New("text shows in another order than it is read")
	errType     = errors.New("no written form")
)

func encode(v reflect.Value) (*yaml.Node, error) {
	if x, ok := v.Interface().(purpose.Value); ok {
		return encodeValue(x)
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		b, err := m.MarshalText()
		if err != nil {
			return nil, err
		}
		return text(string(b))
	}
	switch v.Kind() {
	case reflect.Pointer:
		return encode(v.Elem())
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Slice:
		return encodeList(v)
	case reflect.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(v.Bool())}, nil
	case reflect.Int:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatInt(v.Int(), 10)}, nil
	case reflect.String:
		return text(v.String())
	}
	return nil, errType
}

func encodeStruct(v reflect.Value) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := range v.NumField() {
		f := v.Field(i)
		if f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			continue
		}
		key := keyOf(v.Type().Field(i))
		item, err := encode(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if item.Kind != yaml.MappingNode || len(item.Content) > 0 || f.Kind() == reflect.Pointer {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, item)
		}
	}
	return n, nil
}

// encodeList writes lists of single values on one line.
func encodeList(v reflect.Value) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for i := range v.Len() {
		item, err := encode(v.Index(i))
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		if item.Kind != yaml.ScalarNode {
			n.Style = 0
		}
		n.Content = append(n.Content, item)
	}
	return n, nil
}

// text is a text that reads back as it is: quoted where YAML would read something else.
func text(s string) (*yaml.Node, error) {
	if !utf8.ValidString(s) {
		return nil, errEncoding
	}
	if strings.ContainsFunc(s, reorders) {
		return nil, errOrder
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsAny(s, "\n\r\t\u0085\u2028\u2029") || strings.TrimSpace(s) != s {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n, nil
}

func encodeValue(v purpose.Value) (*yaml.Node, error) {
	switch v.Type() {
	case purpose.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(v.Bool())}, nil
	case purpose.Int:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatInt(v.Int(), 10)}, nil
	case purpose.Text:
		return text(v.Text())
	case purpose.TextList:
		return encodeList(reflect.ValueOf(v.Texts()))
	case purpose.Instant:
		at, err := text(v.Instant().Format(time.RFC3339Nano))
		return &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "instant"}, at}}, err
	}
	return nil, errType
}
