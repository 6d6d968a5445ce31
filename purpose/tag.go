package purpose

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

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
	err = eachPart(tag, func(key, text string, start, offset int) error {
		switch {
		case !ours(key):
			if like := misspelt(key); like != "" {
				return located1(start, "unknown key %q; did you mean %q?", clip(key), like)
			}
			return nil
		case seen[key]:
			return located1(start, "duplicate key %q", key)
		}
		seen[key] = true
		return t.set(key, text, offset)
	})
	if err == nil {
		err = t.coherent()
	}
	if err != nil {
		return Tags{}, false, err
	}
	return t, len(seen) > 0, nil
}

// eachPart visits the keys of a struct tag with their values, still quoted inside, and where both begin.
// A malformed tag that is somebody else's is passed over.
func eachPart(tag string, visit func(key, text string, start, offset int) error) error {
	for i := 0; i < len(tag); i++ {
		if tag[i] == ' ' {
			continue
		}
		start := i
		for i < len(tag) && tag[i] > ' ' && tag[i] != ':' && tag[i] != '"' && tag[i] != 0x7f {
			i++
		}
		if i == start || i+1 >= len(tag) || tag[i] != ':' || tag[i+1] != '"' {
			return malformed(tag, i, "malformed struct tag: want key:\"value\"")
		}
		key, offset := tag[start:i], i+2
		for i = offset; i < len(tag) && tag[i] != '"'; i++ {
			if tag[i] == '\\' {
				i++
			}
		}
		if i >= len(tag) {
			return malformed(tag, offset-1, "a value that does not end")
		}
		if err := visit(key, tag[offset:i], start, offset); err != nil {
			return err
		}
	}
	return nil
}

func malformed(tag string, offset int, reason string) error {
	word := func(r rune) bool { return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for _, w := range strings.FieldsFunc(tag, word) {
		if ours(w) || misspelt(w) != "" {
			return located1(offset, "%s", reason)
		}
	}
	return nil
}

// offsetOf finds a key of a well-formed tag, or an item of its list.
func offsetOf(tag, key, item string) (at int) {
	_ = eachPart(tag, func(k, text string, _, offset int) error {
		if k == key {
			for at = offset; item != ""; {
				first, rest, more := strings.Cut(text, ",")
				if first == item || !more {
					break
				}
				at, text = at+len(first)+1, rest
			}
		}
		return nil
	})
	return at
}

func ours(key string) bool { return slices.Contains(tagKeys, key) }

// misspelt finds the key of ours that a foreign key is nearly.
func misspelt(key string) string {
	plain := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?' // a letter that looks like another
		}
		return unicode.ToLower(r)
	}, key)
	for _, k := range tagKeys {
		if len(plain) > len(k)-2 && distance(plain, k, 2) < 2 {
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
		if !ValidKey(text) {
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
			if slices.Contains(t.Bases, b) {
				return fmt.Errorf("%q is listed twice", clip(item))
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
func (t *Tags) coherent() error {
	narrows := len(t.Purposes) > 0 || len(t.Bases) > 0 || len(t.Retention) > 0
	switch {
	case t.Personal == NotPersonal && (narrows || t.DataSubject != ""):
		return located1(0, "a field that is not personal takes no other tag")
	case t.Personal == "" && narrows:
		return located1(0, "purpose, basis and retention narrow a data category: %q is missing", tagPersonal)
	}
	return nil
}

// identifies reports whether the field holds the id of a person.
func (t *Tags) identifies() bool {
	return t.DataSubject == "id" || strings.HasSuffix(t.DataSubject, ".id")
}

// check refuses tags that no struct tag could hold: those of a Schema are written by hand.
func (t *Tags) check() error {
	for _, x := range t.Bases {
		if !x.Valid() {
			return located1(0, "unknown legal basis")
		}
	}
	for _, list := range [][]string{t.Purposes, t.Retention, basisNames(t.Bases)} {
		for i, k := range list {
			if slices.Contains(list[:i], k) {
				return located1(0, "%q is listed twice", clip(k))
			}
		}
	}
	switch {
	case t.Personal == "" && t.DataSubject == "":
		return located1(0, "the data category is missing")
	case t.Personal != "" && t.Personal != NotPersonal && !ValidKey(t.Personal):
		return located1(0, "%q is no data category", clip(t.Personal))
	case t.DataSubject != "" && !ValidKey(t.DataSubject):
		return located1(0, "%q names no data subject", clip(t.DataSubject))
	}
	return t.coherent()
}

func basisNames(list []basis.Basis) (names []string) {
	for _, b := range list {
		names = append(names, b.String())
	}
	return names
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
