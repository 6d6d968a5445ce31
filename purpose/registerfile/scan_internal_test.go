package registerfile

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.yaml.in/yaml/v3"
)

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("a bug in the parser") }

// Whatever happens inside the parser is a problem of the file.
func TestParserThatPanicsIsAnError(t *testing.T) {
	var n yaml.Node
	assert.ErrorIs(t, decodeNode(yaml.NewDecoder(panicking{}), &n), errParser)
	d := newDecoder("r.yaml")
	d.syntax([]byte("a: b\n"), errParser)
	d.syntax(nil, io.ErrUnexpectedEOF)
	assert.Len(t, d.problems, 2)
	for _, p := range d.problems {
		assert.Equal(t, "yaml.syntax", p.Code)
		assert.Equal(t, "r.yaml", p.File)
		assert.Equal(t, [2]int{1, 1}, [2]int{p.Line, p.Column})
	}
}
