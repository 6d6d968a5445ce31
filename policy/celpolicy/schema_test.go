package celpolicy

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// conforms validates a document against the part of JSON Schema that the published schema uses; an unknown keyword is an error.
func conforms(root, schema, doc any) error {
	switch s := schema.(type) {
	case bool:
		if !s {
			return fmt.Errorf("not allowed")
		}
		return nil
	case map[string]any:
		for keyword, arg := range s {
			if err := keywordHolds(root, s, keyword, arg, doc); err != nil {
				return fmt.Errorf("%s: %w", keyword, err)
			}
		}
		return nil
	}
	return fmt.Errorf("no schema: %v", schema)
}

func keywordHolds(root any, schema map[string]any, keyword string, arg, doc any) error {
	object, isObject := doc.(map[string]any)
	list, isList := doc.([]any)
	text, isText := doc.(string)
	must := func(ok bool) error {
		if !ok {
			return fmt.Errorf("%v against %v", doc, arg)
		}
		return nil
	}
	switch keyword {
	case "$schema", "$id", "title", "description", "$defs", "then", "else":
		return nil
	case "$ref":
		at := root
		for _, step := range strings.Split(strings.TrimPrefix(arg.(string), "#/"), "/") {
			at = at.(map[string]any)[step]
		}
		return conforms(root, at, doc)
	case "type":
		return must(map[string]bool{"object": isObject, "array": isList, "string": isText}[arg.(string)])
	case "required":
		for _, k := range arg.([]any) {
			if _, ok := object[k.(string)]; isObject && !ok {
				return fmt.Errorf("%v is missing", k)
			}
		}
	case "properties":
		for k, sub := range arg.(map[string]any) {
			if v, ok := object[k]; ok {
				if err := conforms(root, sub, v); err != nil {
					return fmt.Errorf("%s: %w", k, err)
				}
			}
		}
	case "additionalProperties":
		for k := range object {
			if _, ok := schema["properties"].(map[string]any)[k]; !ok {
				return fmt.Errorf("%s is unknown", k)
			}
		}
	case "items":
		for _, v := range list {
			if err := conforms(root, arg, v); err != nil {
				return err
			}
		}
	case "not":
		return must(conforms(root, arg, doc) != nil)
	case "minItems":
		return must(!isList || len(list) >= int(arg.(float64)))
	case "maxItems":
		return must(!isList || len(list) <= int(arg.(float64)))
	case "uniqueItems":
		for i, v := range list {
			if slices.ContainsFunc(list[:i], func(w any) bool { return reflect.DeepEqual(v, w) }) {
				return fmt.Errorf("%v twice", v)
			}
		}
	case "minLength":
		return must(!isText || len([]rune(text)) >= int(arg.(float64)))
	case "maxLength":
		return must(!isText || len([]rune(text)) <= int(arg.(float64)))
	case "pattern":
		return must(!isText || regexp.MustCompile(arg.(string)).MatchString(text))
	case "enum":
		return must(slices.Contains(arg.([]any), doc))
	case "const":
		return must(reflect.DeepEqual(arg, doc))
	case "allOf":
		for _, sub := range arg.([]any) {
			if err := conforms(root, sub, doc); err != nil {
				return err
			}
		}
	case "if":
		branch := "then"
		if conforms(root, arg, doc) != nil {
			branch = "else"
		}
		if sub, ok := schema[branch]; ok {
			return conforms(root, sub, doc)
		}
	default:
		return fmt.Errorf("keyword %q is not known to this test", keyword)
	}
	return nil
}

func parsedSchema(t testing.TB) map[string]any {
	t.Helper()
	var s map[string]any
	require.NoError(t, json.Unmarshal(Schema(), &s))
	return s
}

// TestTheSchemaNamesWhatTheReaderReads: keys, names and limits.
func TestTheSchemaNamesWhatTheReaderReads(t *testing.T) {
	root := parsedSchema(t)
	rule := root["$defs"].(map[string]any)["rule"].(map[string]any)
	props := rule["properties"].(map[string]any)
	assert.ElementsMatch(t, keyNames(), slices.Collect(maps.Keys(props)))
	enum := func(of any) (list []string) {
		for _, v := range of.(map[string]any)["enum"].([]any) {
			list = append(list, v.(string))
		}
		return list
	}
	var effects, actions, masks []string
	for e := policy.EffectPermit; e.String() != ""; e++ {
		effects = append(effects, e.String())
	}
	for a := purpose.Collect; a.String() != ""; a++ {
		actions = append(actions, a.String())
	}
	for m := policy.Remove; m == 0 || m.String() != policy.Remove.String(); m++ {
		masks = append(masks, m.String())
	}
	assert.Equal(t, effects, enum(props["effect"]))
	assert.Equal(t, actions, enum(props["actions"].(map[string]any)["items"]))
	assert.Equal(t, masks, enum(props["mask"]))
	assert.Equal(t, masks[len(masks)-1], policy.Initials.String(), "the last mask is the one that the checks know as the last")
	assert.EqualValues(t, MaxExpression, props["when"].(map[string]any)["maxLength"])
	assert.EqualValues(t, MaxRules, root["properties"].(map[string]any)["rules"].(map[string]any)["maxItems"])
	defs := root["$defs"].(map[string]any)
	assert.EqualValues(t, MaxEntries, defs["keys"].(map[string]any)["maxItems"])
	assert.EqualValues(t, MaxEntries, defs["names"].(map[string]any)["maxItems"])
	assert.EqualValues(t, purpose.MaxKey, defs["key"].(map[string]any)["maxLength"])
	assert.EqualValues(t, maxText, defs["names"].(map[string]any)["items"].(map[string]any)["maxLength"])
	assert.ElementsMatch(t, []string{"id", "effect"}, rule["required"])
}

// TestTheSchemaAgreesWithTheReader on files made by combining values for every key, right and wrong.
func TestTheSchemaAgreesWithTheReader(t *testing.T) {
	reg := register(t)
	root := parsedSchema(t)
	values := map[string][]string{
		"id":           {"a", "a.b-c_d", "a12345", "a123456", "a.2b", "a_-b", `"A"`, `""`, "[a]", "7", `"a..b"`, `"-a"`, strings.Repeat("k", 129)},
		"effect":       {"permit", "deny", "redact", "oblige", "allow", "[permit]", `""`},
		"actions":      {"[read]", "[read, share]", "[]", "[read, read]", "[raed]", "read", `[""]`},
		"roles":        {"[x]", `["X Y"]`, "[]", "[x, x]", `[""]`, "x", "[1]"},
		"except_roles": {"[x]", "[]", "{a: b}"},
		"tasks":        {"[x]", "[x, y]", "[]"},
		"purposes":     {"[credit]", "[]", "[credit, credit]", `["C"]`},
		"categories":   {"[contact]", "[contact.name, finance]", "[]"},
		"recipients":   {"[bureau]", "[]", "bureau"},
		"when":         {`"true"`, "facts.case_open", `""`, "true", "[x]"},
		"mask":         {"remove", "year", "blur", `""`, "[year]"},
		"obligations":  {"[notify]", "[a.b, c]", "[]", `["A"]`, "[x, x]"},
		"colour":       {"red"},
	}
	keys := slices.Sorted(maps.Keys(values))
	accepted, refused, files := 0, 0, 6_000
	if testing.Short() {
		files = 600
	}
	for seed := range uint64(files) {
		d := newDice(seed)
		var parts []string
		for _, k := range keys {
			chance := map[string]int{"id": 97, "effect": 97, "colour": 2, "mask": 20, "obligations": 20, "except_roles": 15, "roles": 15, "tasks": 15}
			c, ok := chance[k]
			if !ok {
				c = 25
			}
			if !d.chance(c) {
				continue
			}
			v := values[k][0]
			if k == "effect" {
				v = pick(d, values[k][:4])
			}
			if d.chance(25) {
				v = pick(d, values[k])
			}
			parts = append(parts, k+": "+v)
		}
		text := "rules: [{" + strings.Join(parts, ", ") + "}]\n"
		var doc any
		require.NoError(t, yaml.Unmarshal([]byte(text), &doc))
		bySchema := conforms(root, root, doc)
		_, byReader := Load(reg, "", file(text))
		if !assert.Equal(t, bySchema == nil, byReader == nil, "%s\nschema: %v\nreader: %v", text, bySchema, byReader) {
			return
		}
		if byReader == nil {
			accepted++
		} else {
			refused++
		}
	}
	assert.Greater(t, accepted, files/12)
	assert.Greater(t, refused, files/12)
}
