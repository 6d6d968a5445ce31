package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Case is one question about one person, with the answer that the notice gives.
type Case struct {
	ID           string   `json:"id"`
	Notice       string   `json:"notice"`
	Clause       string   `json:"clause"`
	Kind         string   `json:"kind"`
	Given        Given    `json:"given"`
	Request      Object   `json:"request"`
	Expect       string   `json:"expect"`
	Detail       Object   `json:"detail"`
	Why          string   `json:"why"`
	DependsOn    []string `json:"depends_on"`
	LawNotNotice string   `json:"law_not_notice"`

	Bad error `json:"-"` // why it could not be read
}

// Given is what is true before the request.
type Given struct {
	Subject      []string  `json:"subject"`
	Events       []Object  `json:"events"`
	Consents     []Object  `json:"consents"`
	Objections   []Object  `json:"objections"`
	Restrictions []Object  `json:"restrictions"`
	Data         []Object  `json:"data"`
	Agreements   *[]Object `json:"agreements"` // nil: the one that the clause presupposes exists; else these and no other
	Controller   Object    `json:"controller"`
	Facts        Object    `json:"facts"`
}

// Object is a JSON object. A key with the value null is there and says nothing.
type Object map[string]any

// Text is the text under a key, else empty.
func (o Object) Text(key string) string {
	s, _ := o[key].(string)
	return s
}

// Texts is the list of texts under a key, or the one text.
func (o Object) Texts(key string) []string { return texts(o[key]) }

// Object is the object under a key, else nil.
func (o Object) Object(key string) Object { return object(o[key]) }

// Has reports whether a key is there, if only with null.
func (o Object) Has(key string) bool {
	_, ok := o[key]
	return ok
}

// Keys are the keys in order.
func (o Object) Keys() []string {
	keys := make([]string, 0, len(o))
	for k := range o {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func object(v any) Object {
	switch m := v.(type) {
	case map[string]any:
		return m
	case Object:
		return m
	}
	return nil
}

func texts(v any) []string {
	switch x := v.(type) {
	case string:
		return []string{x}
	case []string:
		return x
	case []any:
		var list []string
		for _, e := range x {
			if s, ok := e.(string); ok {
				list = append(list, s)
			}
		}
		return list
	}
	return nil
}

// instant reads an RFC 3339 time, or a day of the zone, which stands for its first instant.
func instant(v any, zone *time.Location) (time.Time, bool) {
	s, _ := v.(string)
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, true
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t, true
	}
	return time.Time{}, false
}

// ReadCases reads every case of a file. A case that is not of the form, with an unknown key say, is read with the error in
// Bad, and fails by itself. A file that is no list and a repeated id are errors.
func ReadCases(path string) ([]Case, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	list := make([]Case, len(raw))
	seen := map[string]bool{}
	for i := range raw {
		c := &list[i]
		d := json.NewDecoder(bytes.NewReader(raw[i]))
		d.DisallowUnknownFields()
		if err := d.Decode(c); err != nil {
			var id struct{ ID string }
			_ = json.Unmarshal(raw[i], &id) // an id that cannot be read is none
			*c = Case{ID: id.ID, Bad: err}
		}
		if c.ID == "" || seen[c.ID] {
			return nil, fmt.Errorf("%s: case %d: id %q is missing or repeated", path, i, c.ID)
		}
		seen[c.ID] = true
	}
	return list, nil
}

// ReadDir reads the cases of every *.json in a folder, in the order of the names.
func ReadDir(dir string) ([]Case, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: no *.json in it", dir)
	}
	slices.Sort(paths)
	var list []Case
	for _, p := range paths {
		more, err := ReadCases(p)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// prefix is the part of an id before the dash.
func prefix(id string) string {
	p, _, _ := strings.Cut(id, "-")
	return p
}
