package jsonview_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/acme"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/jsonview"
)

type memberView struct {
	Name string `json:"name"`
}

type serviceView struct {
	Name      string       `json:"name"`
	IBAN      string       `json:"iban,omitempty"`
	Income    int64        `json:"income"`
	Contract  string       `json:"contract"`
	Household []memberView `json:"household"`
}

var invoicing = policy.Request{Principal: acme.Agent, Purpose: "invoicing"}

func text(t *testing.T, doc jsonview.Document) string {
	t.Helper()
	doc.Decision = ""
	b, err := json.Marshal(doc)
	require.NoError(t, err)
	return string(b)
}

func TestWhatIsWithheldIsNotThereAndIsListed(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	ada := acme.Ada()
	doc, err := jsonview.Permitted[serviceView](t.Context(), a.Guard, invoicing, ada)
	require.NoError(t, err)
	require.JSONEq(t, `{"released":{"name":"Ada Lovelace","iban":"DK5000400440116243","contract":"K-17","household":null},
		"withheld":[{"field":"income","codes":["policy.not-permitted"]}]}`, text(t, doc))
	require.Equal(t, a.Trail.Events()[0].DecisionID, doc.Decision)

	// The household is about people who have no contract: what is about them is withheld, one by one.
	ada.Household = []acme.Member{{ID: "person-eve", Name: ada.Name}, {ID: "person-dan", Name: ada.Name}}
	doc, err = jsonview.Permitted[serviceView](t.Context(), a.Guard, invoicing, ada)
	require.NoError(t, err)
	require.JSONEq(t, `{"released":{"name":"Ada Lovelace","iban":"DK5000400440116243","contract":"K-17","household":[{},{}]},
		"withheld":[{"field":"income","codes":["policy.not-permitted"]},{"field":"household[].name","codes":["purpose.capacity","basis.contract-none"]}]}`, text(t, doc))
	require.Equal(t, []string{"access.read/partial/policy.not-permitted", "access.read/partial/policy.not-permitted"}, a.Events())
}

func TestARefusalReleasesNothingAndListsEverything(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	bob := acme.Bob()
	doc, err := jsonview.Permitted[acme.DebitView](t.Context(), a.Guard, invoicing, bob)
	require.ErrorIs(t, err, policy.ErrDenied)
	require.JSONEq(t, `{"withheld":[{"field":"Name","codes":["purpose.capacity","basis.contract-none"]},{"field":"IBAN","codes":["purpose.capacity","basis.contract-none"]}]}`, text(t, doc))
	doc, err = jsonview.Permitted[acme.DebitView](t.Context(), nil, invoicing, acme.Ada())
	require.ErrorIs(t, err, policy.ErrDenied)
	require.Empty(t, doc.Released)

	a.Trail.FailNext(errors.New("full"))
	doc, err = jsonview.Permitted[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Ada())
	require.ErrorIs(t, err, policy.ErrDenied)
	require.JSONEq(t, `{"withheld":[{"field":"Name","codes":["release.trail-unavailable"]},{"field":"IBAN","codes":["release.trail-unavailable"]}]}`, text(t, doc))
}

func TestObservingReleasesAndSaysSo(t *testing.T) {
	a, err := acme.New(policy.Observing())
	require.NoError(t, err)
	doc, err := jsonview.Permitted[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Bob())
	require.NoError(t, err)
	require.True(t, doc.Observing)
	require.JSONEq(t, `{"Name":"Ada Lovelace","IBAN":"DK5000400440116243"}`, string(doc.Released))
	require.Len(t, doc.Withheld, 2)
}

type selfEncoding struct{ Name string }

func (selfEncoding) MarshalJSON() ([]byte, error) { return []byte(`"x"`), nil }

type unencodable string

func (u unencodable) MarshalText() ([]byte, error) {
	return nil, errors.New("no text for " + string(u))
}

// Other is embedded.
type Other struct{ Name string }

type embedded struct{ Income int64 }

func TestViewsThatCannotBeToldApartAreRefusedBefore(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	ctx := t.Context()
	_, err = jsonview.Permitted[selfEncoding](ctx, a.Guard, invoicing, acme.Ada())
	require.ErrorContains(t, err, "encodes itself")
	_, err = jsonview.Permitted[struct {
		Name      string
		Household []selfEncoding
	}](ctx, a.Guard, invoicing, acme.Ada())
	require.ErrorContains(t, err, "encodes itself")
	_, err = jsonview.Permitted[struct {
		Name string `json:"-"`
		IBAN string
	}](ctx, a.Guard, invoicing, acme.Ada())
	require.ErrorContains(t, err, "would read Name and not show it")
	_, err = jsonview.Permitted[struct {
		Other // has a Name too
		Name  string
	}](ctx, a.Guard, invoicing, acme.Ada())
	require.ErrorContains(t, err, `two fields called "Name"`)
	_, err = jsonview.Permitted[struct {
		*embedded
		Name string
	}](ctx, a.Guard, invoicing, acme.Ada())
	require.Error(t, err)
	_, err = jsonview.Permitted[struct{ Nose string }](ctx, a.Guard, invoicing, acme.Ada())
	require.ErrorIs(t, err, policy.ErrBinding)
	require.Empty(t, a.Events())

	type record struct {
		ID   string      `subject:"id"`
		Name unencodable `personal:"contact.name"`
	}
	doc, err := jsonview.Permitted[struct{ Name unencodable }](ctx, a.Guard, invoicing, &record{"person-ada", "Ada Lovelace"})
	require.EqualError(t, err, "jsonview: a view of type struct { Name jsonview_test.unencodable } does not encode as JSON")
	require.Empty(t, doc.Released)
}

func TestWhatIsMaskedIsListed(t *testing.T) {
	a, err := acme.New(policy.WithPolicies(acme.Masking{Mask: policy.LastFour}))
	require.NoError(t, err)
	doc, err := jsonview.Permitted[acme.DebitView](t.Context(), a.Guard, invoicing, acme.Ada())
	require.NoError(t, err)
	require.Equal(t, []string{"Name", "IBAN"}, doc.Masked)
	require.Empty(t, doc.Withheld)
	require.NotContains(t, string(doc.Released), "DK5000")
	require.Contains(t, string(doc.Released), "6243")
}
