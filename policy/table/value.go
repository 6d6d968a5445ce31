package table

import (
	"reflect"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// local is the location of an instant that was written as a date: midnight in the zone of the controller, once that is known.
var local = time.FixedZone("controller", 0)

// in puts an instant that was written as a date into a zone.
func in(zone *time.Location, t time.Time) time.Time {
	if t.Location() != local {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// time reads an instant with its zone, or a date.
func (d *decoder) time(n *yaml.Node, v reflect.Value) {
	if !d.want(n, yaml.ScalarNode) {
		return
	}
	if t, ok := parseTime(n.Value); ok {
		v.Set(reflect.ValueOf(t))
		return
	}
	d.fail("yaml.value", placeOf(n), "%q is no instant of the form 2006-01-02T15:04:05+02:00, and no date", clip(n.Value))
}

func parseTime(text string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, t.Year() > 0
	}
	t, err := time.ParseInLocation(time.DateOnly, text, local)
	return t, err == nil && t.Year() > 0
}

// value reads a fact: true, a text, a whole number, a list of texts, or {instant: 2006-01-02T15:04:05Z}.
func (d *decoder) value(n *yaml.Node, v reflect.Value) {
	set := func(x purpose.Value) { v.Set(reflect.ValueOf(x)) }
	switch {
	case n.Kind == yaml.SequenceNode:
		texts := make([]string, len(n.Content))
		for i, item := range n.Content {
			d.at("["+strconv.Itoa(i)+"]", placeOf(item), func() {
				if d.plain(item) && d.want(item, yaml.ScalarNode) {
					texts[i] = item.Value
				}
			})
		}
		set(purpose.TextsValue(texts...))
	case n.Kind == yaml.MappingNode:
		var of struct {
			Instant time.Time `json:"instant"`
		}
		d.mapping(n, []reflect.Value{reflect.ValueOf(&of).Elem()})
		if of.Instant.Location() == local {
			d.fail("yaml.value", placeOf(n), "a fact that is an instant is written with its time and zone")
			return
		}
		set(purpose.InstantValue(of.Instant))
	case n.Style != 0:
		set(purpose.TextValue(n.Value))
	case n.Value == "true" || n.Value == "false":
		set(purpose.BoolValue(n.Value == "true"))
	case n.Tag == "!!int":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil || strconv.FormatInt(i, 10) != n.Value {
			d.fail("yaml.value", placeOf(n), "this is no whole number in decimal digits; quote it to make it a text")
			return
		}
		set(purpose.IntValue(i))
	default:
		set(purpose.TextValue(n.Value))
	}
}

// quality reads the short forms of how consent was given.
func (d *decoder) quality(n *yaml.Node, v reflect.Value) {
	q := basis.GoodConsent()
	switch n.Value {
	case "good":
	case "explicit":
		q.Explicit = true
	default:
		d.fail("yaml.value", placeOf(n), "%q is not one of good, explicit, or a mapping", clip(n.Value))
		return
	}
	v.Set(reflect.ValueOf(q))
}

// fields reads a mapping of paths to categories, in the order of the file.
func (d *decoder) fields(n *yaml.Node, v reflect.Value) {
	list := []Field{}
	d.pairs(n, func(key, val *yaml.Node) {
		f := Field{Path: key.Value}
		d.at(key.Value, placeOf(key), func() {
			if !d.plain(val) {
				return
			}
			if val.Kind == yaml.ScalarNode {
				d.scalar(val, reflect.ValueOf(&f.Category).Elem())
				return
			}
			d.mapping(val, []reflect.Value{reflect.ValueOf(&f).Elem()})
		})
		list = append(list, f)
	})
	v.Set(reflect.ValueOf(list))
}

// given reads an event: its own keys, and those of the body that its kind names.
func (d *decoder) given(n *yaml.Node, v reflect.Value) {
	if !d.want(n, yaml.MappingNode) {
		return
	}
	head := &struct {
		Kind string `json:"kind"`
	}{}
	structs := []reflect.Value{reflect.ValueOf(head).Elem(), v}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "kind" || n.Content[i+1].Kind != yaml.ScalarNode {
			continue
		}
		kind := n.Content[i+1]
		t, ok := kinds[kind.Value]
		if !ok {
			d.at("kind", placeOf(kind), func() {
				d.fail("yaml.value", placeOf(kind), "%q is no kind of event%s", clip(kind.Value), suggest(kind.Value, kinds))
			})
			return
		}
		body := reflect.New(t).Elem()
		d.mapping(n, append(structs, body))
		v.FieldByName("Body").Set(body)
		return
	}
	d.fail("yaml.key-missing", placeOf(n), "%q is missing", "kind")
}

// kinds are the events of a ledger by name.
var kinds = func() map[string]reflect.Type {
	m := make(map[string]reflect.Type)
	for _, b := range []basis.Body{
		basis.ConsentGiven{}, basis.ConsentNarrowed{}, basis.ConsentWithdrawn{},
		basis.ObjectionRaised{}, basis.ObjectionRefused{}, basis.ObjectionUpheld{},
		basis.RestrictionImposed{}, basis.RestrictionLifted{}, basis.RestrictionExcepted{},
		basis.Occurred{}, basis.IncidentOpened{}, basis.HoldPlaced{}, basis.HoldReleased{}, basis.NecessityJudged{},
		basis.AttestationGiven{}, basis.AssessmentFiled{}, basis.AgreementSigned{}, basis.AgreementEnded{},
	} {
		m[b.Kind()] = reflect.TypeOf(b)
	}
	return m
}()
