package main

import (
	"context"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// asked is what a person asked of the landlord, with the answer that it must get.
type asked struct {
	what string
	req  rights.Request
	want rights.Result
}

// datum is something on file, with what must become of it tonight.
type datum struct {
	what  string
	who   string
	of    rights.Holding
	facts purpose.Facts
	want  retention.Status
}

// answered is an answer to a person.
type answered struct {
	What     string         `json:"what"`
	Result   rights.Result  `json:"result"`
	Items    []rights.Item  `json:"items,omitempty"`
	ReferTo  []string       `json:"refer_to,omitempty"`
	Due      retention.Date `json:"due"`
	Clause   string         `json:"clause,omitempty"`
	Surprise string         `json:"surprise,omitempty"`
}

// kept is what became of something on file.
type kept struct {
	What     string           `json:"what"`
	Status   retention.Status `json:"status"`
	Rule     string           `json:"rule,omitempty"`
	Clause   string           `json:"clause,omitempty"`
	Reason   retention.Reason `json:"reason"`
	LastDay  retention.Date   `json:"last_day,omitzero"`
	Surprise string           `json:"surprise,omitempty"`
}

// evening is when requests of data subjects are answered, night when retention runs.
var evening, night = on(2024, time.April, 15, 16), on(2024, time.April, 15, 23)

// limitation of the case against the former tenant, as counsel wrote it down.
var limitation = purpose.Facts{instant("limitation_until", on(2026, time.September, 30, 12))}

// requests are those of the day.
func requests(p *people) []asked {
	from := func(who string, kind purpose.RightKind, holdings ...rights.Holding) rights.Request {
		return rights.Request{Kind: kind, DataSubject: who, Received: evening.Add(-6 * time.Hour), Holdings: holdings, Handler: "staff-dpo"}
	}
	gone := from(p.former.ID, purpose.ErasureRight,
		rights.Holding{Category: "agreement.contract_data", Field: "lease"},
		rights.Holding{Category: "cancellation-confidential.cancellation_case_data", Field: "cancellation"})
	gone.Facts = limitation
	elsewhere := from(p.interested.ID, purpose.ErasureRight)
	elsewhere.Organisation = "waitly"
	door := from(p.job.ID, purpose.AccessRight, rights.Holding{Category: "contact.name", Field: "name"}, rights.Holding{Category: "contact.phone", Field: "phone"})
	door.AddressedTo = "property_administrator"
	return []asked{
		{"A former tenant wants everything erased", gone, rights.Partial},
		{"Somebody wants to be erased from the list at Waitly", elsewhere, rights.Referred},
		{"A tenant asks at the administrator's door what is held", door, rights.Granted},
		{"A tenant wants to be erased while the lease runs", from(p.job.ID, purpose.ErasureRight, rights.Holding{Category: "contact.name", Field: "name"}), rights.Refused},
	}
}

// onFile is what lies about in the evening.
func onFile(p *people) []datum {
	return []datum{
		{"A line of the log, a year and five days old", p.noisy.ID, rights.Holding{Category: "key-log.key_log_when", CollectedAt: on(2023, time.April, 10, 8)}, nil, retention.MustErase},
		{"A line of the log, from the night of the burglary", p.noisy.ID, rights.Holding{Category: "key-log.key_log_when", CollectedAt: p.entries[1].at}, nil, retention.MayKeep},
		{"A recording of somebody with groceries", p.stranger.ID, rights.Holding{Category: "footage.cctv_footage", CollectedAt: on(2024, time.March, 10, 12)}, nil, retention.MustErase},
		{"An older recording, held since March for a dispute", p.burglar.ID, rights.Holding{Category: "footage.cctv_footage", CollectedAt: on(2024, time.March, 1, 12)}, nil, retention.MustKeep},
		{"The name of somebody who came to see a flat", p.interested.ID, rights.Holding{Category: "contact.name"}, nil, retention.MustErase},
		{"Confidential papers of a cancelled lease", p.former.ID, rights.Holding{Category: "cancellation-confidential.cancellation_case_data"}, limitation, retention.MustErase},
		{"Ordinary papers of the same case", p.former.ID, rights.Holding{Category: "cancellation.cancellation_case_data"}, limitation, retention.MayKeep},
		{"The entry of a fob that was handed in", p.former.ID, rights.Holding{Category: "key.fob_colour"}, nil, retention.PersonDecides},
		{"The address of somebody who left the mailing list", p.listed.ID, rights.Holding{Category: "contact.email"}, nil, retention.MustErase},
	}
}

// answer answers the requests of data subjects. The desk records every answer before it counts.
func (d *day) answer(ctx context.Context, s *service, list []asked) error {
	for _, a := range list {
		o, err := s.desk.Serve(ctx, a.req)
		if err != nil {
			return fmt.Errorf("%s: %w", a.what, err)
		}
		x := answered{What: a.what, Result: o.Result, Items: o.Items, ReferTo: o.ReferTo, Due: o.Clock.Due, Clause: o.Clause}
		if x.Result != a.want {
			x.Surprise = "expected " + a.want.String()
			d.Surprises++
		}
		d.Answers = append(d.Answers, x)
	}
	return nil
}

// keep asks of everything on file what must become of it.
func (d *day) keep(ctx context.Context, s *service, list []datum) error {
	for _, x := range list {
		k, err := s.desk.Evaluate(ctx, rights.Query{DataSubject: x.who, Holding: x.of, Facts: x.facts})
		if err != nil {
			return fmt.Errorf("%s: %w", x.what, err)
		}
		t := kept{What: x.what, Status: k.Status, Rule: k.Because.Rule, Clause: k.Because.Clause, Reason: k.Because.Reason, LastDay: k.LastDay}
		if t.Status != x.want {
			t.Surprise = "expected " + x.want.String()
			d.Surprises++
		}
		d.Tonight = append(d.Tonight, t)
	}
	return nil
}
