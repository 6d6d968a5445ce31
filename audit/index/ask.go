package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Asker is who asks, for the record.
type Asker struct {
	Principal string // pseudonym of class Principal
	Purpose   string // register key; optional
}

// Period is from From on and before To; a zero time is no bound.
type Period struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// bounds are microseconds, both included.
func (p Period) bounds() (from, to int64) {
	from, to = -1<<62, 1<<62
	if !p.From.IsZero() {
		from = ceil(p.From)
	}
	if !p.To.IsZero() {
		to = ceil(p.To) - 1
	}
	return from, to
}

func ceil(t time.Time) int64 {
	micro := t.UnixMicro()
	if t.Nanosecond()%1000 > 0 {
		micro++
	}
	return micro
}

// Known is what an answer rests on.
type Known struct {
	Stream string    `json:"stream"`
	From   uint64    `json:"from"`           // seq of the first event that was looked at; above 1: what came before was pruned
	Since  time.Time `json:"since,omitzero"` // of that event, by its own time
	Seq    uint64    `json:"seq"`            // of the last event that was looked at
}

// Pruned reports whether there were events before the first that was looked at.
func (k Known) Pruned() bool { return k.From > 1 }

// Entry is an event in the controller's view. Its JSON has the line of the trail as "event".
type Entry struct {
	Event    audit.Event
	Delivery Delivery // of what was released or shared; else empty
}

// MarshalJSON writes the line of the trail, and the delivery.
func (e Entry) MarshalJSON() ([]byte, error) {
	line, err := audit.AppendLine(nil, &e.Event)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Event    json.RawMessage `json:"event"`
		Delivery Delivery        `json:"delivery,omitempty"`
	}{line, e.Delivery})
}

// Listing is the controller's view of some events, in their order.
type Listing struct {
	Question string  `json:"question"`
	Known    Known   `json:"known"`
	Entries  []Entry `json:"entries"`
}

// ask records a question and answers it, in that order, from one state of the index.
func (x *Index) ask(ctx context.Context, who Asker, question string, about audit.Event, answer func(*sql.Conn, Known) error) error {
	about.Name, about.Outcome, about.Action, about.Reason = audit.TrailRead, audit.Done, "read", question
	about.PrincipalRef, about.Purpose = who.Principal, who.Purpose
	parts := audit.Split(about)
	for i := range parts {
		if parts[i].Validate() != nil {
			return ErrQuestion
		}
	}
	if err := x.record(ctx, parts); err != nil {
		return err
	}
	return x.transact(ctx, "report", reading, func(conn *sql.Conn) error {
		h, err := at(ctx, conn)
		if err != nil {
			return err
		}
		k := Known{Stream: h.Stream, Seq: h.Seq}
		var since int64
		switch err := conn.QueryRowContext(ctx, "SELECT seq, at FROM index_event ORDER BY seq LIMIT 1").Scan(&k.From, &since); {
		case err == nil:
			k.Since = time.UnixMicro(since).UTC()
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		return answer(conn, k)
	})
}

// record fails closed: also a trail that panics gives no answer.
func (x *Index) record(ctx context.Context, parts []audit.Event) (err error) {
	err = ErrNotRecorded
	defer func() { _ = recover() }()
	if appended := x.records.Append(ctx, parts); appended == nil {
		err = nil
	}
	return err
}

// list answers with the events that a query finds.
func (x *Index) list(ctx context.Context, who Asker, question string, about audit.Event, query string, args ...any) (out Listing, err error) {
	err = x.ask(ctx, who, question, about, func(conn *sql.Conn, known Known) error {
		found, err := events(ctx, conn, query, args...)
		if err != nil {
			return err
		}
		f, err := fatesOf(ctx, conn, found)
		if err != nil {
			return err
		}
		out = Listing{question, known, make([]Entry, 0, len(found))}
		for _, e := range found {
			out.Entries = append(out.Entries, Entry{e, f.of(&e, e.DataSubjectRefs)})
		}
		return nil
	})
	if err != nil {
		return Listing{}, err
	}
	return out, nil
}

// ByRecipient lists what was decided and done about a recipient.
func (x *Index) ByRecipient(ctx context.Context, who Asker, id string) (Listing, error) {
	if id == "" {
		return Listing{}, ErrQuestion
	}
	return x.list(ctx, who, "report.recipient", audit.Event{RecipientID: id},
		"SELECT line FROM index_event WHERE recipient = ? ORDER BY seq", id)
}

// ByPrincipal lists what a principal did and was refused. Employees are data subjects too: the record says who asked, and
// not about whom.
func (x *Index) ByPrincipal(ctx context.Context, who Asker, ref string) (Listing, error) {
	if (&audit.Event{Name: audit.TrailRead, PrincipalRef: ref}).Validate() != nil {
		return Listing{}, ErrQuestion
	}
	return x.list(ctx, who, "report.principal", audit.Event{},
		"SELECT line FROM index_event WHERE principal = ? ORDER BY seq", ref)
}

// ByDecision lists the events of one decision.
func (x *Index) ByDecision(ctx context.Context, who Asker, id string) (Listing, error) {
	if id == "" {
		return Listing{}, ErrQuestion
	}
	return x.list(ctx, who, "report.decision", audit.Event{DecisionID: id},
		"SELECT line FROM index_event WHERE decision = ? ORDER BY seq", id)
}

const ofPerson = "SELECT line FROM index_event WHERE seq IN (SELECT seq FROM index_person WHERE ref IN (SELECT value FROM json_each(?))) ORDER BY seq"

// aliases returns refs as a query takes them, or fails if there are none.
func aliases(refs []string) (string, error) {
	if len(refs) == 0 || slices.Contains(refs, "") {
		return "", ErrQuestion
	}
	text, err := json.Marshal(refs)
	if err != nil {
		return "", ErrQuestion
	}
	return string(text), nil
}

// AboutPerson is the controller's view of a person: every event that names one of the aliases.
func (x *Index) AboutPerson(ctx context.Context, who Asker, refs []string) (Listing, error) {
	in, err := aliases(refs)
	if err != nil {
		return Listing{}, err
	}
	return x.list(ctx, who, "report.person-controller", audit.Event{DataSubjectRefs: refs}, ofPerson, in)
}
