package export_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/export"
)

// attribute is what the schema says of one: its type, which is integer, string, any or an object below, whether it is
// required, and the numbers that are allowed where it has a list of them.
type attribute struct {
	is       string
	required bool
	numbers  []int64
}

// shape is a class or an object of the schema, as far as events use it, with everything that it requires. Of oneOf, at
// least one attribute is there.
type shape struct {
	attributes map[string]attribute
	oneOf      []string
}

func integer(numbers ...int64) attribute { return attribute{"integer", true, numbers} }
func required(is string) attribute       { return attribute{is: is, required: true} }
func optional(is string) attribute       { return attribute{is: is} }

// shapes are those of OCSF 1.6.0 (base_event, datastore_activity, metadata, product, actor, user, network_endpoint,
// database), without profiles: no event names one.
func shapes() map[string]shape {
	base := map[string]attribute{
		"activity_id": integer(0, 99), "activity_name": optional("string"), "category_uid": integer(0), "class_uid": integer(0),
		"metadata": required("metadata"), "severity_id": integer(0, 1, 2, 3, 4, 5, 6, 99), "status_code": optional("string"),
		"status_detail": optional("string"), "status_id": {"integer", false, []int64{0, 1, 2, 99}}, "time": integer(),
		"type_uid": integer(), "unmapped": optional("any"),
	}
	datastore := maps.Clone(base)
	maps.Copy(datastore, map[string]attribute{
		"activity_id": integer(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99), "category_uid": integer(6), "class_uid": integer(6005),
		"actor": required("actor"), "database": optional("database"), "src_endpoint": required("endpoint"),
	})
	return map[string]shape{
		"base":      {attributes: base},
		"datastore": {datastore, []string{"database", "databucket", "table"}},
		"metadata": {attributes: map[string]attribute{"correlation_uid": optional("string"), "event_code": optional("string"), "log_name": optional("string"),
			"log_version": optional("string"), "original_time": optional("string"), "product": required("product"), "sequence": optional("integer"),
			"uid": optional("string"), "version": required("string")}},
		"product":  {map[string]attribute{"name": optional("string"), "uid": optional("string"), "vendor_name": optional("string")}, []string{"name", "uid"}},
		"actor":    {map[string]attribute{"app_uid": optional("string"), "user": optional("user")}, []string{"process", "user", "invoked_by", "session", "app_name", "app_uid"}},
		"user":     {map[string]attribute{"uid": optional("string")}, []string{"account", "name", "uid"}},
		"endpoint": {map[string]attribute{"uid": optional("string")}, []string{"ip", "uid", "name", "hostname", "svc_name", "instance_uid", "interface_uid", "interface_name", "domain"}},
		"database": {map[string]attribute{"name": optional("string"), "type_id": integer(0, 1, 2, 3, 4, 5, 6, 99), "uid": optional("string")}, []string{"name", "uid"}},
	}
}

// flaws says how an object differs from its shape.
func flaws(all map[string]shape, is string, v any) (list []string) {
	bad := func(format string, args ...any) { list = append(list, is+": "+fmt.Sprintf(format, args...)) }
	switch is {
	case "any":
	case "string":
		if _, ok := v.(string); !ok {
			bad("no string")
		}
	case "integer":
		n, ok := v.(json.Number)
		if _, err := n.Int64(); !ok || err != nil {
			bad("no integer")
		}
	default:
		o, ok := v.(map[string]any)
		if !ok {
			bad("no object")
			return list
		}
		for name, a := range all[is].attributes {
			x, there := o[name]
			switch {
			case !there && a.required:
				bad("%s is required", name)
			case there:
				list = append(list, flaws(all, a.is, x)...)
				if n, ok := x.(json.Number); ok && a.numbers != nil {
					if i, err := n.Int64(); err != nil || !slices.Contains(a.numbers, i) {
						bad("%s is none of those of the schema", name)
					}
				}
			}
		}
		for name := range o {
			if _, known := all[is].attributes[name]; !known {
				bad("%s is no attribute", name)
			}
		}
		if one := all[is].oneOf; one != nil && !slices.ContainsFunc(one, func(name string) bool { return o[name] != nil }) {
			bad("one of %v is required", one)
		}
	}
	return list
}

// classFlaws says how an event differs from its class.
func classFlaws(o map[string]any) []string {
	is := "base"
	if o["class_uid"] == json.Number("6005") {
		is = "datastore"
	}
	list := flaws(shapes(), is, o)
	number := func(name string) (n int64) {
		if x, ok := o[name].(json.Number); ok {
			n, _ = x.Int64()
		}
		return n
	}
	if number("type_uid") != number("class_uid")*100+number("activity_id") {
		list = append(list, "type_uid is another class and activity")
	}
	if (number("activity_id") == 99) != (o["activity_name"] != nil) {
		list = append(list, "activity_name is for an activity without a number, and for no other")
	}
	return list
}

// Every event is one of its class in OCSF 1.6.0: nothing is missing, nothing has another name, type or number.
func TestOCSFIsOfTheSchema(t *testing.T) {
	assert.Equal(t, "1.6.0", export.OCSFVersion, "the version of the table")
	for _, e := range variants(t) {
		text, err := export.OCSF(&e)
		require.NoError(t, err)
		assert.Empty(t, classFlaws(object(t, text)), e.Name)
	}
}

// The control: an event with anything missing, added, of another type or number is seen.
func TestTheOCSFTableSeesFlaws(t *testing.T) {
	bent := 0
	for _, e := range variants(t) {
		text, err := export.OCSF(&e)
		require.NoError(t, err)
		see := func(bend func(map[string]any), why string) {
			o := object(t, text)
			bend(o)
			assert.NotEmpty(t, classFlaws(o), "%s: %s", e.Name, why)
			bent++
		}
		whole := object(t, text)
		for _, name := range []string{"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid", "actor", "src_endpoint", "database"} {
			if _, there := whole[name]; there {
				see(func(o map[string]any) { delete(o, name) }, "without "+name)
				see(func(o map[string]any) { o[name] = "x" }, name+" as text")
			}
		}
		see(func(o map[string]any) { o["severity_id"] = json.Number("7") }, "severity 7")
		see(func(o map[string]any) { o["type_uid"] = json.Number("600598") }, "another type")
		see(func(o map[string]any) { o["user"] = "x" }, "an attribute of its own")
		see(func(o map[string]any) { delete(o["metadata"].(map[string]any), "version") }, "without version")
		see(func(o map[string]any) { o["metadata"].(map[string]any)["product"] = map[string]any{"vendor_name": "x"} }, "nameless product")
		if whole["actor"] != nil {
			see(func(o map[string]any) { o["actor"] = map[string]any{} }, "an actor who is nobody")
			see(func(o map[string]any) { delete(o["database"].(map[string]any), "type_id") }, "a database without type")
		}
	}
	t.Logf("%d bent events", bent)
}
