package export_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

var noon = time.Date(2026, 3, 26, 12, 0, 0, 123456000, time.UTC)

// full is an event that says everything that an event can say.
func full(t testing.TB) audit.Event {
	e := audit.Event{
		V: audit.Version, Stream: "leasing-1", Seq: 4711, Prev: audit.HashLine([]byte("first")),
		ID: "01JQ8Z6M3T0000000000000002", Time: noon,
		Name: audit.AccessShare, Outcome: audit.Partial, Mode: audit.Enforce, Action: "share", Reason: "basis.held", N: 7,
		PrincipalRef: audit.Principal.Alias([16]byte{1}), PrincipalRoles: []string{"billing", "clerk"},
		RecipientID: "acme-bank", RecipientKind: "processor", RecipientCountry: "NL",
		DataSubjectRefs: []string{audit.DataSubject.Alias([16]byte{2}), audit.DataSubject.Alias([16]byte{3})},
		Fields:          []string{"Name", "Accounts[].IBAN", "Straße"}, Categories: []string{"contact.name"}, Special: true,
		Purpose: "fx.service", Basis: "gdpr:6-1-b", BasisRef: "consent:17", BasisRejected: []string{"gdpr:6-1-a=basis.withdrawn"},
		Activity: "fx.activity", NoticeVersion: "2024-03-26", Clause: "FX-2.3.1", RetentionRule: "fx.customer",
		Obligations: []string{"notify"}, DecisionID: "01JQ8Z6M3T0000000000000001", PolicyEngine: "cel/0.33.2",
		PolicyDigest: "sha256:" + strings.Repeat("ab", 32), RegisterDigest: "sha256:" + strings.Repeat("0f", 32),
		TraceID: strings.Repeat("4b", 16),
	}
	for v, i := reflect.ValueOf(e), 0; i < v.NumField(); i++ {
		require.False(t, v.Field(i).IsZero(), "a new field of Event: %s", v.Type().Field(i).Name)
	}
	return e
}

// bare is what an event of this name needs, and nothing else.
func bare(t testing.TB, name audit.Name) audit.Event {
	outcomes := []audit.Outcome{"", audit.Permitted, audit.Denied, audit.Aborted, audit.Done}
	modes := []audit.Mode{"", audit.Enforce, audit.BreakGlass}
	for _, o := range outcomes {
		for _, m := range modes {
			e := full(t)
			e.Name, e.Outcome, e.Mode = name, o, m
			if _, err := audit.AppendLine(nil, &e); err != nil {
				continue
			}
			// Take away what can be taken away.
			v := reflect.ValueOf(&e).Elem()
			for i := range v.NumField() {
				if v.Type().Field(i).Name == "Prev" {
					continue
				}
				was := reflect.New(v.Field(i).Type()).Elem()
				was.Set(v.Field(i))
				v.Field(i).SetZero()
				if _, err := audit.AppendLine(nil, &e); err != nil {
					v.Field(i).Set(was)
				}
			}
			return e
		}
	}
	t.Fatalf("no event is named %s", name)
	return audit.Event{}
}

var names = []audit.Name{
	audit.AccessRead, audit.AccessShare, audit.AccessDenied, audit.AccessBreakGlass, audit.ShareDelivered, audit.ReleaseAborted,
	audit.RightsAccess, audit.RightsRectification, audit.RightsErasure, audit.RightsRestriction, audit.RightsNotification,
	audit.RightsPortability, audit.RightsObjection, audit.RightsReview, audit.RightsWithdrawal, audit.RightsComplaint, audit.RetentionErased, audit.DataSubjectErased,
	audit.PolicyChanged, audit.RegisterChanged, audit.TrailOpened, audit.TrailRead, audit.TrailHeartbeat, audit.TrailRecovered,
	audit.TrailPruned, audit.TrailHalted, audit.TrailSuppressed,
}
