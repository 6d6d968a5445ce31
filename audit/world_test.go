package audit_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
)

var noon = time.Date(2026, 3, 26, 12, 0, 0, 123456000, time.UTC)

func frozen() time.Time { return noon }

// plain is an event as encoding/json writes it: the oracle of the encoder, and its peer in the benchmark.
type plain struct {
	V                int      `json:"v"`
	Stream           string   `json:"stream"`
	Seq              uint64   `json:"seq"`
	Prev             string   `json:"prev"`
	ID               string   `json:"id"`
	Time             string   `json:"time"`
	Name             string   `json:"event.name"`
	Outcome          string   `json:"outcome,omitempty"`
	Mode             string   `json:"mode,omitempty"`
	Action           string   `json:"action,omitempty"`
	Reason           string   `json:"reason,omitempty"`
	N                uint64   `json:"n,omitempty"`
	PrincipalRef     string   `json:"principal.ref,omitempty"`
	PrincipalRoles   []string `json:"principal.roles,omitempty"`
	RecipientID      string   `json:"recipient.id,omitempty"`
	RecipientKind    string   `json:"recipient.kind,omitempty"`
	RecipientCountry string   `json:"recipient.country,omitempty"`
	DataSubjectRefs  []string `json:"data_subject.refs,omitempty"`
	Fields           []string `json:"data.fields,omitempty"`
	Categories       []string `json:"data.categories,omitempty"`
	Special          bool     `json:"data.special,omitempty"`
	Purpose          string   `json:"purpose.id,omitempty"`
	Basis            string   `json:"basis.id,omitempty"`
	BasisRef         string   `json:"basis.ref,omitempty"`
	BasisRejected    []string `json:"basis.rejected,omitempty"`
	Activity         string   `json:"activity.id,omitempty"`
	NoticeVersion    string   `json:"notice.version,omitempty"`
	Clause           string   `json:"clause,omitempty"`
	RetentionRule    string   `json:"retention.rule,omitempty"`
	Obligations      []string `json:"obligations,omitempty"`
	DecisionID       string   `json:"decision.id,omitempty"`
	PolicyEngine     string   `json:"policy.engine,omitempty"`
	PolicyDigest     string   `json:"policy.digest,omitempty"`
	RegisterDigest   string   `json:"register.digest,omitempty"`
	TraceID          string   `json:"trace_id,omitempty"`
}

// toPlain copies field by field, by name.
func toPlain(e *audit.Event) *plain {
	p := new(plain)
	from, to := reflect.ValueOf(e).Elem(), reflect.ValueOf(p).Elem()
	for i := range to.NumField() {
		f := from.FieldByName(to.Type().Field(i).Name)
		switch v := f.Interface().(type) {
		case time.Time:
			p.Time = v.UTC().Format("2006-01-02T15:04:05.000000Z")
		case audit.Hash:
			p.Prev = v.String()
		default:
			to.Field(i).Set(f.Convert(to.Field(i).Type()))
		}
	}
	return p
}

// schema is the published schema as tests read it.
type schema struct {
	Required             []string
	AdditionalProperties *bool
	Properties           map[string]property
	AllOf                []struct {
		If struct {
			Properties map[string]struct{ Enum []string }
		}
		Then struct{ Required []string }
	}
	Defs map[string]pattern `json:"$defs"`
}

type property struct {
	Ref   string `json:"$ref"`
	Type  string
	Enum  []string
	Const any
	Items *struct {
		Ref string `json:"$ref"`
	}
	MinItems int
	MaxItems int
}

type pattern struct {
	Type      string
	Pattern   string
	MaxLength int
	Not       *struct{ Pattern string }
}

func readSchema(t require.TestingT) (s schema) {
	require.NoError(t, json.Unmarshal([]byte(audit.Schema()), &s))
	return s
}

func (s *schema) def(ref string) pattern { return s.Defs[strings.TrimPrefix(ref, "#/$defs/")] }

// match decides as a validator of the schema would.
func (p pattern) match(v string) bool {
	return regexp.MustCompile(p.Pattern).MatchString(v) &&
		(p.MaxLength == 0 || len([]rune(v)) <= p.MaxLength) &&
		(p.Not == nil || !regexp.MustCompile(p.Not.Pattern).MatchString(v))
}

func (p pattern) gen() *rapid.Generator[string] {
	return rapid.StringMatching(p.Pattern).Filter(p.match)
}

// alias returns a well-formed alias that stands for i.
func alias(class audit.Class, i int) string {
	return class.Alias([16]byte{14: byte(i >> 8), 15: byte(i)})
}

// read is a permitted read of an everyday size.
func read() audit.Event {
	return audit.Event{
		Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce, Action: "read",
		Reason: "basis.held", PrincipalRef: alias(audit.Principal, 1), PrincipalRoles: []string{"billing"},
		DataSubjectRefs: []string{alias(audit.DataSubject, 7)},
		Fields:          []string{"Name", "Address.City", "IBAN"},
		Categories:      []string{"contact.name", "contact.address", "finance.iban"},
		Purpose:         "fx.contract_service", Basis: "gdpr:6-1-b", BasisRef: "01JQ8Z6M3T0000000000000000",
		BasisRejected: []string{"gdpr:6-1-a=basis.consent-withdrawn"}, Activity: "fx.service",
		NoticeVersion: "2024-03-26", Clause: "FX-2.3.1", RetentionRule: "fx.ret.customer",
		Obligations: []string{"notify"}, DecisionID: "01JQ8Z6M3T0000000000000001",
		PolicyEngine: "cel/0.33.2", PolicyDigest: "sha256:" + strings.Repeat("ab", 32),
		RegisterDigest: "sha256:" + strings.Repeat("0f", 32), TraceID: strings.Repeat("4b", 16),
	}
}

// placed gives e the ledger part of a second line.
func placed(e audit.Event) audit.Event {
	e.V, e.Stream, e.Seq, e.Prev = audit.Version, "leasing-1", 2, audit.HashLine([]byte("first"))
	e.ID, e.Time = "01JQ8Z6M3T0000000000000002", noon
	return e
}

// events draws any event that keeps the rules, its strings from the schema's patterns. Too long ones are drawn again.
func events(s schema) *rapid.Generator[audit.Event] {
	return rapid.Custom(func(t *rapid.T) audit.Event {
		e := audit.Event{V: audit.Version, Seq: rapid.Uint64Min(1).Draw(t, "seq")}
		e.Stream = s.Defs["stream"].gen().Draw(t, "stream")
		e.ID = s.Defs["ulid"].gen().Draw(t, "id")
		copy(e.Prev[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "prev"))
		e.Time = time.UnixMicro(rapid.Int64Range(0, 253402300799999999).Draw(t, "time")).UTC()
		e.N = rapid.Uint64().Draw(t, "n")
		e.Special = rapid.Bool().Draw(t, "special")
		v := reflect.ValueOf(&e).Elem()
		for i := range v.NumField() {
			key := keyOf(v.Type().Field(i).Name)
			p := s.Properties[key]
			switch f := v.Field(i); {
			case p.Enum != nil:
				f.SetString(rapid.SampledFrom(p.Enum).Draw(t, key))
			case f.Kind() == reflect.String && !f.IsZero():
			case f.Kind() == reflect.String && rapid.IntRange(0, 4).Draw(t, "has "+key) > 0:
				f.SetString(s.def(p.Ref).gen().Draw(t, key))
			case f.Kind() == reflect.Slice && rapid.IntRange(0, 4).Draw(t, "has "+key) > 0:
				f.Set(reflect.ValueOf(rapid.SliceOfN(s.def(p.Items.Ref).gen(), 1, 4).Draw(t, key)))
			}
		}
		return e
	}).Filter(func(e audit.Event) bool { _, err := audit.AppendLine(nil, &e); return err == nil })
}

func keyOf(goName string) string {
	f, _ := reflect.TypeFor[plain]().FieldByName(goName)
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key
}

func mustLine(t testing.TB, e audit.Event) string {
	line, err := audit.AppendLine(nil, &e)
	require.NoError(t, err)
	return string(line)
}
