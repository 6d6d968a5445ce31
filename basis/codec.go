package basis

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"
)

// MaxBody is the most bytes that the encoded body of an event may have.
const MaxBody = 64 << 10

// ErrEncoding is returned for a body that cannot be encoded or decoded.
var ErrEncoding = errors.New("basis: event body has no valid encoding")

var kinds = func() map[string]reflect.Type {
	m := make(map[string]reflect.Type)
	for _, b := range []Body{
		ConsentGiven{}, ConsentNarrowed{}, ConsentWithdrawn{},
		ObjectionRaised{}, ObjectionRefused{}, ObjectionUpheld{},
		RestrictionImposed{}, RestrictionLifted{}, RestrictionExcepted{},
		Occurred{}, IncidentOpened{}, HoldPlaced{}, HoldReleased{}, NecessityJudged{},
		AttestationGiven{}, AssessmentFiled{}, AgreementSigned{}, AgreementEnded{},
	} {
		m[b.Kind()] = reflect.TypeOf(b)
	}
	return m
}()

// concrete reports whether b is one of the body types itself: no pointer to one, nothing around one.
func concrete(b Body) bool {
	switch b.(type) {
	case ConsentGiven, ConsentNarrowed, ConsentWithdrawn,
		ObjectionRaised, ObjectionRefused, ObjectionUpheld,
		RestrictionImposed, RestrictionLifted, RestrictionExcepted,
		Occurred, IncidentOpened, HoldPlaced, HoldReleased, NecessityJudged,
		AttestationGiven, AssessmentFiled, AgreementSigned, AgreementEnded:
		return true
	}
	return false
}

// EncodeBody writes a body as JSON in its one canonical form: the same body always gives the same
// bytes, times are in UTC and cut to microseconds, empty lists are nil.
func EncodeBody(b Body) (kind string, data []byte, err error) {
	if !concrete(b) {
		return "", nil, fmt.Errorf("%w: unknown kind", ErrEncoding)
	}
	kind = b.Kind()
	v := reflect.New(reflect.TypeOf(b)).Elem()
	v.Set(reflect.ValueOf(b))
	if !canonical(v) {
		return "", nil, fmt.Errorf("%w: %s: text is not UTF-8", ErrEncoding, kind)
	}
	if data, err = json.Marshal(v.Interface()); err != nil {
		return "", nil, fmt.Errorf("%w: %s", ErrEncoding, kind) // err may quote a value
	}
	if len(data) > MaxBody {
		return "", nil, fmt.Errorf("%w: %s: longer than %d bytes", ErrEncoding, kind, MaxBody)
	}
	return kind, data, nil
}

// DecodeBody reads what EncodeBody wrote, and nothing else: unknown kinds, unknown, repeated or
// misspelt members, other spellings of the same body and trailing bytes are errors.
func DecodeBody(kind string, data []byte) (Body, error) {
	t, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("%w: unknown kind", ErrEncoding)
	}
	if len(data) > MaxBody {
		return nil, fmt.Errorf("%w: %s: longer than %d bytes", ErrEncoding, kind, MaxBody)
	}
	p := reflect.New(t)
	if err := json.Unmarshal(data, p.Interface()); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrEncoding, kind) // err may quote a value
	}
	b := p.Elem().Interface().(Body)
	if _, again, err := EncodeBody(b); err != nil || !bytes.Equal(again, data) {
		return nil, fmt.Errorf("%w: %s: not in canonical form", ErrEncoding, kind)
	}
	return b, nil
}

var timeType = reflect.TypeFor[time.Time]()

// canonical brings v into the form that is stored; it reports false for text that is not UTF-8.
func canonical(v reflect.Value) bool {
	switch {
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(microseconds(v.Interface().(time.Time))))
	case v.Kind() == reflect.String:
		return utf8.ValidString(v.String())
	case v.Kind() == reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
			return true
		}
		for i := range v.Len() {
			if !utf8.ValidString(v.Index(i).String()) {
				return false
			}
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if !canonical(v.Field(i)) {
				return false
			}
		}
	}
	return true
}

// microseconds cuts t to what stores keep, in UTC. The zero time stays zero.
func microseconds(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}
