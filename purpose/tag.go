package purpose

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/purposebound/purposebound/basis"
)

// Keys of struct tags.
const (
	tagPersonal  = "personal"
	tagPurpose   = "purpose"
	tagBasis     = "basis"
	tagRetention = "retention"
	tagSubject   = "subject"
)

var tagKeys = []string{tagPersonal, tagPurpose, tagBasis, tagRetention, tagSubject}

// NotPersonal as the category says that a field holds nothing about a person.
const NotPersonal = "-"

// Tags is what struct tags say about a field. Purposes, Bases and Retention narrow what the
// register allows for the category; they never widen it.
type Tags struct {
	Personal    string        // data category, or NotPersonal
	Purposes    []string      // nodes; empty: those of the register
	Bases       []basis.Basis // empty: those of the register
	Retention   []string      // rules that must not have expired either
	DataSubject string        // "id": identifies the person; "guarantor.id": identifies another; "guarantor": is about that one
}

// TagError says what is wrong with the tags of one field.
type TagError struct {
	Type   string // "leasing.Lessee", or the name of a schema
	Field  string // path in the type
	Offset int    // in bytes, in the tag text
	Reason string
}

// Error names type, field and offset.
func (e *TagError) Error() string {
	return fmt.Sprintf("%s.%s: tag offset %d: %s", e.Type, e.Field, e.Offset, e.Reason)
}

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (e *TagError) Unwrap() error { return ErrInvalid }

// located is an error at an offset in a tag.
type located struct {
	offset int
	reason string
}

func (l *located) Error() string { return l.reason }

func located1(offset int, format string, args ...any) error {
	return &located{offset, fmt.Sprintf(format, args...)}
}

// ParseTags reads the tags of a struct field. ok is false when none of the keys is among
// them. A misspelt key, a duplicate, and anything malformed is an error.
func ParseTags(tag string) (t Tags, ok bool, err error) {
	seen := make(map[string]bool, len(tagKeys))
	for i := 0; i < len(tag); {
		if tag[i] == ' ' {
			i++
			continue
		}
		start := i
		for i < len(tag) && tag[i] > ' ' && tag[i] != ':' && tag[i] != '"' && tag[i] != 0x7f {
			i++
		}
		if i == start || i+1 >= len(tag) || tag[i] != ':' || tag[i+1] != '"' {
			if !mentions(tag) {
				return Tags{}, false, nil // a malformed tag of somebody else's
			}
			return Tags{}, false, located1(i, "malformed struct tag: want key:\"value\"")
		}
		key := tag[start:i]
		open := i + 1
		i = open + 1
		for i < len(tag) && tag[i] != '"' {
			if tag[i] == '\\' {
				i++
			}
			i++
		}
		if i >= len(tag) {
			if !mentions(tag) {
				return Tags{}, false, nil
			}
			return Tags{}, false, located1(open, "unterminated value of %q", clip(key))
		}
		i++
		if !ours(key) {
			if like := misspelt(key); like != "" {
				return Tags{}, false, located1(start, "unknown key %q; did you mean %q?", key, like)
			}
			continue
		}
		if seen[key] {
			return Tags{}, false, located1(start, "duplicate key %q", key)
		}
		seen[key] = true
		text, uerr := strconv.Unquote(tag[open:i])
		if uerr != nil {
			return Tags{}, false, located1(open, "malformed value of %q", key)
		}
		if err := t.set(key, text, open+1); err != nil {
			return Tags{}, false, err
		}
		ok = true
	}
	return t, ok, t.coherent(seen)
}

// mentions reports whether a tag text names one of our keys.
func mentions(tag string) bool {
	for _, k := range tagKeys {
		if strings.Contains(tag, k) {
			return true
		}
	}
	return false
}

func ours(key string) bool {
	for _, k := range tagKeys {
		if k == key {
			return true
		}
	}
	return false
}

// misspelt finds the key of ours that a foreign key is nearly.
func misspelt(key string) string {
	lower := strings.ToLower(key)
	for _, k := range tagKeys {
		if len(lower) > len(k)-2 && distance(lower, k, 2) < 2 {
			return k
		}
	}
	return ""
}

func (t *Tags) set(key, text string, offset int) error {
	switch key {
	case tagPersonal:
		if text != NotPersonal && !ValidKey(text) {
			return located1(offset, "%q is no data category", clip(text))
		}
		t.Personal = text
	case tagSubject:
		if !ValidKey(text) || text == ".id" {
			return located1(offset, "%q names no data subject: want \"id\", a name, or a name and \".id\"", clip(text))
		}
		t.DataSubject = text
	case tagPurpose:
		return eachItem(text, offset, func(item string) error {
			if !ValidKey(item) {
				return fmt.Errorf("%q is no purpose", clip(item))
			}
			t.Purposes = append(t.Purposes, item)
			return nil
		})
	case tagRetention:
		return eachItem(text, offset, func(item string) error {
			if !ValidKey(item) {
				return fmt.Errorf("%q is no retention rule", clip(item))
			}
			t.Retention = append(t.Retention, item)
			return nil
		})
	case tagBasis:
		return eachItem(text, offset, func(item string) error {
			b, err := basis.Parse(item)
			if err != nil {
				return fmt.Errorf("%q is no legal basis", clip(item))
			}
			t.Bases = append(t.Bases, b)
			return nil
		})
	}
	return nil
}

// eachItem splits a comma-separated list: no empty item, no blank, no duplicate.
func eachItem(text string, offset int, add func(string) error) error {
	seen := map[string]bool{}
	for _, item := range strings.Split(text, ",") {
		if seen[item] {
			return located1(offset, "%q is listed twice", clip(item))
		}
		seen[item] = true
		if err := add(item); err != nil {
			return located1(offset, "%s", err.Error())
		}
		offset += len(item) + 1
	}
	return nil
}

// coherent refuses combinations that mean nothing.
func (t *Tags) coherent(seen map[string]bool) error {
	switch {
	case t.Personal == NotPersonal && len(seen) > 1:
		return located1(0, "a field that is not personal takes no other tag")
	case t.Personal == "" && (seen[tagPurpose] || seen[tagBasis] || seen[tagRetention]):
		return located1(0, "purpose, basis and retention narrow a data category: %q is missing", tagPersonal)
	}
	return nil
}

// identifies reports whether the field holds the id of a person.
func (t *Tags) identifies() bool {
	return t.DataSubject == "id" || strings.HasSuffix(t.DataSubject, ".id")
}

// role is the name of the person that the field identifies or is about; empty for the main one.
func (t *Tags) role() string {
	if t.DataSubject == "id" {
		return ""
	}
	return strings.TrimSuffix(t.DataSubject, ".id")
}

// tagError puts a located error into a type and field.
func tagError(typ, field string, err error) error {
	var l *located
	if errors.As(err, &l) {
		return &TagError{typ, field, l.offset, l.reason}
	}
	return &TagError{typ, field, 0, err.Error()}
}
