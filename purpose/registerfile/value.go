package registerfile

import (
	"reflect"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose"
)

// value reads a fact's value: true, a text, a whole number, a list of texts, or {instant: 2006-01-02T15:04:05Z}.
func (d *decoder) value(n *yaml.Node, v reflect.Value) {
	set := func(x purpose.Value) { v.Set(reflect.ValueOf(x)) }
	switch {
	case n.Kind == yaml.SequenceNode:
		texts := make([]string, len(n.Content))
		for i, item := range n.Content {
			d.at("["+strconv.Itoa(i)+"]", func() {
				if d.plain(item) && d.want(item, yaml.ScalarNode) {
					texts[i] = item.Value
				}
			})
		}
		set(purpose.TextsValue(texts...))
	case n.Kind == yaml.MappingNode:
		d.instant(n, set)
	case n.Style != 0:
		set(purpose.TextValue(n.Value))
	case n.Value == "true" || n.Value == "false":
		set(purpose.BoolValue(n.Value == "true"))
	case n.Tag == "!!int":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil || strconv.FormatInt(i, 10) != n.Value {
			d.problem("yaml.value", placeOf(n), "%q is no whole number in decimal digits; quote it to make it a text", clip(n.Value))
			return
		}
		set(purpose.IntValue(i))
	default:
		set(purpose.TextValue(n.Value))
	}
}

func (d *decoder) instant(n *yaml.Node, set func(purpose.Value)) {
	if len(n.Content) != 2 || n.Content[0].Value != "instant" || n.Content[1].Kind != yaml.ScalarNode {
		d.problem("yaml.value", placeOf(n), "a value is true, false, a text, a whole number, a list of texts or {instant: 2006-01-02T15:04:05Z}")
		return
	}
	d.at("instant", func() {
		text := n.Content[1]
		if !d.plain(n.Content[0]) || !d.plain(text) {
			return
		}
		t, err := time.Parse(time.RFC3339, text.Value)
		if err != nil {
			d.problem("yaml.value", placeOf(text), "%q is no instant of the form 2006-01-02T15:04:05Z", clip(text.Value))
			return
		}
		set(purpose.InstantValue(t))
	})
}
