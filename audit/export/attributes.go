package export

import (
	"strconv"

	"github.com/purposebound/purposebound/audit"
)

// Prefix is before the key of every attribute, which is otherwise the key that the event's line has.
const Prefix = "purposebound."

// Kind says which value an [Attribute] has.
type Kind uint8

const (
	Text Kind = iota + 1
	List
	Number
	Flag // true; what is false is left out
)

// Attribute is one thing that an event says, such as purposebound.purpose.id. Only the value of its kind is set.
type Attribute struct {
	Key    string
	Kind   Kind
	Text   string
	List   []string // shared with the event
	Number uint64
}

const timeForm = "2006-01-02T15:04:05.000000Z"

// Attributes lists what an event that a trail has placed says, in the order of its line. Its error is an
// [audit.FieldError].
func Attributes(e *audit.Event) ([]Attribute, error) {
	if err := valid(e); err != nil {
		return nil, err
	}
	return attributes(e), nil
}

func valid(e *audit.Event) error {
	_, err := audit.AppendLine(make([]byte, 0, audit.MaxLine), e)
	return err
}

func attributes(e *audit.Event) []Attribute {
	b := builder{make([]Attribute, 0, 24)}
	b.number("v", uint64(e.V))
	b.text("stream", e.Stream)
	b.number("seq", e.Seq)
	b.text("prev", e.Prev.String())
	b.text("id", e.ID)
	b.text("time", e.Time.UTC().Format(timeForm))
	b.text("event.name", string(e.Name))
	b.text("outcome", string(e.Outcome))
	b.text("mode", string(e.Mode))
	b.text("action", e.Action)
	b.text("reason", e.Reason)
	b.number("n", e.N)
	b.text("principal.ref", e.PrincipalRef)
	b.list("principal.roles", e.PrincipalRoles)
	b.text("recipient.id", e.RecipientID)
	b.text("recipient.kind", e.RecipientKind)
	b.text("recipient.country", e.RecipientCountry)
	b.list("data_subject.refs", e.DataSubjectRefs)
	b.list("data.fields", e.Fields)
	b.list("data.categories", e.Categories)
	b.flag("data.special", e.Special)
	b.text("purpose.id", e.Purpose)
	b.text("basis.id", e.Basis)
	b.text("basis.ref", e.BasisRef)
	b.list("basis.rejected", e.BasisRejected)
	b.text("activity.id", e.Activity)
	b.text("notice.version", e.NoticeVersion)
	b.text("clause", e.Clause)
	b.text("retention.rule", e.RetentionRule)
	b.list("obligations", e.Obligations)
	b.text("decision.id", e.DecisionID)
	b.text("policy.engine", e.PolicyEngine)
	b.text("policy.digest", e.PolicyDigest)
	b.text("register.digest", e.RegisterDigest)
	b.text("trace_id", e.TraceID)
	return b.out
}

// builder leaves out what is not said.
type builder struct{ out []Attribute }

func (b *builder) text(key, s string) {
	if s != "" {
		b.out = append(b.out, Attribute{Key: Prefix + key, Kind: Text, Text: s})
	}
}

func (b *builder) list(key string, l []string) {
	if len(l) > 0 {
		b.out = append(b.out, Attribute{Key: Prefix + key, Kind: List, List: l})
	}
}

func (b *builder) number(key string, n uint64) {
	if n > 0 {
		b.out = append(b.out, Attribute{Key: Prefix + key, Kind: Number, Number: n})
	}
}

func (b *builder) flag(key string, set bool) {
	if set {
		b.out = append(b.out, Attribute{Key: Prefix + key, Kind: Flag})
	}
}

// Severity is how loud an event is, by the numbers of OpenTelemetry and with the distances of log/slog: what was released
// is 9 (info), what was denied or aborted and what the trail lost or removed 13 (warn), an emergency, a failure and a trail
// that halted 17 (error).
func Severity(e *audit.Event) int {
	const info, warn, loud = 9, 13, 17
	switch {
	case e.Name == audit.TrailHalted, e.Name == audit.AccessBreakGlass, e.Outcome == audit.Failed:
		return loud
	case e.Outcome == audit.Denied, e.Outcome == audit.Aborted, e.Name == audit.TrailSuppressed,
		e.Name == audit.TrailRecovered, e.Name == audit.TrailPruned:
		return warn
	}
	return info
}

// appendObject writes attributes as a JSON object. No shape that events accept needs escaping.
func appendObject(dst []byte, as []Attribute) []byte {
	dst = append(dst, '{')
	for i, a := range as {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, a.Key), ':')
		switch a.Kind {
		case Text:
			dst = appendText(dst, a.Text)
		case List:
			dst = append(dst, '[')
			for i, s := range a.List {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = appendText(dst, s)
			}
			dst = append(dst, ']')
		case Number:
			dst = strconv.AppendUint(dst, a.Number, 10)
		default:
			dst = append(dst, "true"...)
		}
	}
	return append(dst, '}')
}

func appendText(dst []byte, s string) []byte { return append(append(append(dst, '"'), s...), '"') }
