package index_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/index"
)

// What a recipient may have all the same is not said not to have arrived, whatever else the trail says, but that it did.
func TestADeliveryThatNobodyKnowsOfMayHaveArrived(t *testing.T) {
	fate := func(name audit.Name, outcome audit.Outcome, reason string) audit.Event {
		e := share()
		e.Name, e.Outcome, e.Reason = name, outcome, reason
		return e
	}
	done := fate(audit.ShareDelivered, audit.Done, "")
	failed := fate(audit.ShareDelivered, audit.Failed, "release.delivery-failed")
	unknown := fate(audit.ShareDelivered, audit.Failed, "release.delivery-unknown")
	panicked := fate(audit.ShareDelivered, audit.Failed, "release.delivery-panic")
	aborted := fate(audit.ReleaseAborted, audit.Aborted, "release.changed")
	for _, tc := range []struct {
		want   index.Delivery
		events []audit.Event
	}{
		{index.Unknown, nil}, {index.NotDelivered, []audit.Event{failed}}, {index.Unknown, []audit.Event{unknown}}, {index.Unknown, []audit.Event{panicked}},
		{index.Aborted, []audit.Event{aborted}}, {index.NotDelivered, []audit.Event{failed, aborted}}, {index.Unknown, []audit.Event{aborted, unknown}},
		{index.Unknown, []audit.Event{unknown, failed}}, {index.Unknown, []audit.Event{failed, unknown}}, {index.Delivered, []audit.Event{unknown, done}},
		{index.Delivered, []audit.Event{done, panicked}},
	} {
		trail := audittest.NewRecorder(nil)
		add(t, trail, append([]audit.Event{share()}, tc.events...)...)
		x := newIndex(t, database(t), trail, trail)
		_, err := x.Update(t.Context())
		require.NoError(t, err)
		list, err := x.ByRecipient(t.Context(), asker, "acme-bank")
		require.NoError(t, err)
		require.Equal(t, tc.want, list.Entries[0].Delivery, tc.events)
	}
}
