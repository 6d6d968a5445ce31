package export

import (
	"fmt"

	"github.com/purposebound/purposebound/audit"
)

// TypePrefix is before the name of the event in the type of a CloudEvent.
const TypePrefix = "purposebound."

// CloudEvent writes an event that a trail has placed as a CloudEvent 1.0 in structured mode. Its source is the stream, its
// id the event's, its data the very line; the extension sequence is the seq, padded so that it sorts. There is no CloudEvents
// "subject", which is easily taken for the data subject. Its error is an [audit.FieldError].
func CloudEvent(e *audit.Event) ([]byte, error) {
	line, err := audit.AppendLine(nil, e)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":%q,"type":%q,"time":%q,"sequence":"%020d","datacontenttype":"application/json","data":%s}`,
		e.ID, e.Stream, TypePrefix+string(e.Name), e.Time.UTC().Format(timeForm), e.Seq, line), nil
}
