package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose/sealed"
)

func TestApplicationsComeBackWholeAndSealed(t *testing.T) {
	onEach(t, func(t *testing.T, set settings) {
		w := begin(t, set)
		s := w.service.store
		for _, want := range applications() {
			got, err := s.Find(t.Context(), want.ID)
			require.NoError(t, err)
			assert.Equal(t, []string{want.ID, want.Person, want.Officer}, []string{got.ID, got.Person, got.Officer})
			for name, same := range map[string]bool{
				"name": got.Name.Equal(want.Name), "email": got.Email.Equal(want.Email), "cpr": got.CPR.Equal(want.CPR), "income": got.Income.Equal(want.Income),
				"occupation": got.Occupation.Equal(want.Occupation), "account": got.Account.Equal(want.Account), "credit": got.Credit.Equal(want.Credit),
			} {
				assert.True(t, same, "%s of %s", name, want.ID)
			}
			assert.Empty(t, found(fmt.Sprintf("%+v %#v", got, *got), values(t)))
		}
		_, err := s.Find(t.Context(), "a-1")
		require.ErrorIs(t, err, errNoApplication)

		require.NoError(t, s.Put(t.Context(), &Application{ID: karl, Name: sealed.Of("somebody else")}))
		still, err := s.Find(t.Context(), karl)
		require.NoError(t, err)
		assert.True(t, still.Name.Equal(applications()[0].Name), "what is there stays")
		stored := map[string]string{"name": "Karl Brandstrup", "email": "karl@brandstrup.example", "cpr": "110379-9993", "income": "438217", "occupation": "chimney sweep",
			"account": "DK2150510001842277", "credit": "no remarks recorded", "person": "person-1", "officer": officer}
		for column, want := range stored {
			var plain string
			require.NoError(t, w.service.db.QueryRowContext(t.Context(), "SELECT "+column+" FROM applications WHERE id = 'a-1001'").Scan(&plain))
			assert.Equal(t, want, plain, "%s, as the database has it", column)
		}
	})
}
