package registerfile_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

// BenchmarkRead loads files of the canonical form with as many categories.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{20, 20_000} {
		b.Run(fmt.Sprint(n, "-categories"), func(b *testing.B) {
			spec := purpose.Spec{
				Controller: purpose.Controller{Name: "Lessor", Country: "DK", Zone: "Europe/Copenhagen"},
				Notices:    []purpose.Notice{{Version: "1", From: "2020-01-01"}},
			}
			for i := range n {
				spec.Categories = append(spec.Categories, purpose.Category{Key: fmt.Sprintf("group-%d.field-%d", i/20, i), Title: "One of many fields", Class: purpose.Confidential})
			}
			var file bytes.Buffer
			require.NoError(b, registerfile.Write(&file, spec))
			b.SetBytes(int64(file.Len()))
			for b.Loop() {
				_, err := registerfile.Read("r.yaml", bytes.NewReader(file.Bytes()))
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkReadHostile parses the text with the most nodes that is let through.
func BenchmarkReadHostile(b *testing.B) {
	text := append([]byte("x: {"), bytes.Repeat([]byte("a,"), registerfile.MaxNodes-8)...)
	text = append(text, '}')
	for b.Loop() {
		_, err := registerfile.Read("r.yaml", bytes.NewReader(text))
		require.ErrorIs(b, err, purpose.ErrInvalid)
	}
}
