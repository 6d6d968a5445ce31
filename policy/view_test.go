package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

func TestViewMismatchesNameBothSides(t *testing.T) {
	type misspelt struct{ Nmae string }
	type wrongType struct{ Income string }
	type wrongSeal struct{ Name int }
	type untagged struct{ Name, Note string }
	type identifier struct{ Name, ID string }
	type hidden struct {
		Name string
		iban string //nolint // what the test is about
	}
	type nothing struct{ Contract string }
	type nested struct{ Guarantor *struct{ Nmae string } }
	type depth struct{ Household struct{ Name string } }
	cases := map[string]struct {
		bind policy.Binding
		says []string
	}{
		"misspelt":      {policy.View[misspelt, lessee](), []string{"misspelt.Nmae", "lessee.Nmae", "no such field"}},
		"other type":    {policy.View[wrongType, lessee](), []string{"wrongType.Income", "lessee.Income", "string", "int64"}},
		"sealed other":  {policy.View[wrongSeal, lessee](), []string{"wrongSeal.Name", "lessee.Name", "int", "string"}},
		"untagged":      {policy.View[untagged, lessee](), []string{"untagged.Note", "lessee.Note", "not tagged"}},
		"id untagged":   {policy.View[identifier, lessee](), []string{"identifier.ID", "lessee.ID", "not tagged"}},
		"unexported":    {policy.View[hidden, lessee](), []string{"hidden.iban", "not exported"}},
		"no personal":   {policy.View[nothing, lessee](), []string{"nothing", "no personal field"}},
		"nested":        {policy.View[nested, lessee](), []string{"Nmae", "Guarantor.Nmae"}},
		"not the shape": {policy.View[depth, lessee](), []string{"depth.Household", "lessee.Household"}},
		"no struct":     {policy.View[string, lessee](), []string{"string", "no struct"}},
		"bad record":    {policy.View[debitView, int](), []string{"int", "no struct"}},
		"pointer":       {policy.View[debitView, *lessee](), []string{"pass a pointer"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, err := policy.NewGuard(w.reg, w.ledger, w.trail, w.rules, policy.WithTypes(c.bind))
			require.ErrorIs(t, err, policy.ErrBinding)
			for _, s := range c.says {
				require.ErrorContains(t, err, s)
			}
		})
	}
	w := newWorld(t)
	_, err := policy.NewGuard(w.reg, w.ledger, w.trail, w.rules, policy.WithTypes(policy.View[debitView, lessee](), policy.Type[lessee]()))
	require.NoError(t, err, "the control")
	_, err = policy.NewGuard(w.reg, w.ledger, w.trail, w.rules, policy.WithTypes(policy.View[misspelt, lessee](), policy.View[wrongType, lessee]()))
	require.ErrorContains(t, err, "Nmae", "every mismatch is reported")
	require.ErrorContains(t, err, "Income")
	v, err := policy.Read[misspelt](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.ErrorIs(t, err, policy.ErrBinding)
	require.Zero(t, v)
}

func TestViewsFollowTheShapeOfTheRecord(t *testing.T) {
	type part struct {
		ID    string                       `subject:"id"`
		Name  sealed.Value[string]         `personal:"contact.name"`
		Notes []string                     `personal:"contact.email"`
		Plain map[string]int               `personal:"finance.income"`
		Deep  sealed.Value[map[string]int] `personal:"finance.income"`
	}
	type Base struct {
		Email string `personal:"contact.email"`
	}
	type record struct {
		ID string `subject:"id"`
		Base
		One    part
		Ptr    *part
		List   []part
		ByKey  map[string]*part
		When   time.Time `personal:"contact.born"`
		Serial int       `personal:"-"`
	}
	type one struct{ Name string }
	type view struct {
		Email string
		One   struct {
			Name  string
			Notes []string
			Plain map[string]int
			Deep  map[string]int
		}
		Ptr    one // a value where the record has a pointer
		List   []one
		ByKey  map[string]one
		When   time.Time
		Serial int
	}
	w := newWorld(t)
	p := func(name string) part {
		return part{ID: ada, Name: sealed.Of(name), Notes: []string{"n"}, Plain: map[string]int{"a": 1}, Deep: sealed.Of(map[string]int{"b": 2})}
	}
	four := p("four")
	rec := record{ID: ada, Base: Base{"e"}, One: p("one"), Ptr: &four, List: []part{p("l1"), p("l2")}, When: time.Unix(1, 0), Serial: 9,
		ByKey: map[string]*part{"k": &four}}
	v, err := policy.Read[view](ctx, w.guard, w.request("invoicing"), &rec)
	require.NoError(t, err)
	require.Equal(t, "e", v.Email)
	require.Equal(t, "one", v.One.Name)
	require.Equal(t, []string{"n"}, v.One.Notes)
	require.Equal(t, map[string]int{"b": 2}, v.One.Deep)
	require.Equal(t, "four", v.Ptr.Name)
	require.Equal(t, []one{{"l1"}, {"l2"}}, v.List)
	require.Equal(t, map[string]one{"k": {"four"}}, v.ByKey)
	require.Equal(t, 9, v.Serial)

	rec.Ptr = nil
	v, err = policy.Read[view](ctx, w.guard, w.request("invoicing"), &rec)
	require.Contains(t, codesOf(t, err), policy.CodeProjection, "a nil pointer where the view needs a value")
	require.Zero(t, v)
	require.Equal(t, []string{"access.read/permitted", "access.denied/denied"}, w.recorded())
}

func TestPlainFieldsOfEveryTypeAreReleasedUnchangedOrNotAtAll(t *testing.T) {
	// A tagged int, time or interface neither passes in clear when denied nor becomes zero when permitted.
	type record struct {
		ID     string    `subject:"id"`
		Income int       `personal:"finance.income"`
		When   time.Time `personal:"contact.born"`
		Any    any       `personal:"contact.email"`
	}
	type view struct {
		Income int
		When   time.Time
		Any    any
	}
	w := newWorld(t)
	rec := record{ada, 42, time.Unix(7, 0), "canary"}
	v, err := policy.Read[view](ctx, w.guard, w.request("invoicing"), &rec)
	require.NoError(t, err)
	require.Equal(t, view{42, time.Unix(7, 0), "canary"}, v)
	v, err = policy.Read[view](ctx, w.guard, w.request("newsletter"), &rec)
	require.ErrorIs(t, err, policy.ErrDenied)
	require.Zero(t, v)
	v, _, err = policy.Permitted[view](ctx, w.guard, w.request("improvement").With(purpose.Named("overdue", purpose.False())), &rec)
	require.NoError(t, err)
	require.Equal(t, view{Income: 42}, v)
}

func TestMasksShowNoMoreThanTheySay(t *testing.T) {
	for _, c := range []struct {
		mask policy.Mask
		in   string
		want string
	}{
		{policy.Remove, "secret", ""},
		{policy.LastFour, "DK5000400440116243", "**************6243"},
		{policy.LastFour, "6243", "****"}, {policy.LastFour, "62", "**"}, {policy.LastFour, "", ""},
		{policy.LastFour, "åæøåæøåæ", "****æøåæ"},
		{policy.LastFour, "\xff\xfe12345", "****"},
		{policy.YearOnly, "1984-05-17", "1984"}, {policy.YearOnly, "1984-05-17T10:00:00Z", "1984"},
		{policy.YearOnly, "1984", ""}, {policy.YearOnly, "17-05-1984", ""}, {policy.YearOnly, "my secret", ""},
		{policy.Initials, "Ada  Lovelace", "A. L."}, {policy.Initials, "Østergaard", "Ø."}, {policy.Initials, "", ""},
		{policy.Initials, "a \xff", ""},
		{policy.Mask(77), "secret", ""},
	} {
		require.Equal(t, c.want, c.mask.Text(c.in), "%s of a text of %d bytes", c.mask, len(c.in))
	}
	var m policy.Mask
	require.NoError(t, m.UnmarshalText([]byte("last-four")))
	require.Equal(t, policy.LastFour, m)
	require.Error(t, m.UnmarshalText([]byte("lastfour")))
}
