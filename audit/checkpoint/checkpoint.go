package checkpoint

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
)

var (
	// ErrForked means that a trail, or a checkpoint, is of another history than what was seen or anchored before.
	ErrForked = errors.New("checkpoint: another history than before")
	// ErrUnsigned means that a checkpoint has no good signature of a known key.
	ErrUnsigned = errors.New("checkpoint: no good signature of a known key")
	// ErrMalformed means that a checkpoint or proof is not written as it must be, or is of another stream.
	ErrMalformed = errors.New("checkpoint: malformed")
	// ErrNone means that there is no such checkpoint.
	ErrNone = errors.New("checkpoint: there is none")
	// ErrPruned means that a proof needs what was pruned.
	ErrPruned = errors.New("checkpoint: that part was pruned")
	// ErrProof means that a proof does not prove what it should.
	ErrProof = errors.New("checkpoint: the proof does not hold")
)

// Checkpoint says that a stream had this tree.
type Checkpoint struct {
	Origin string
	audit.TreeHead
}

// maxSize is where other implementations of trees end.
const maxSize = 1 << 62

// maxNote is the length in bytes that no signed checkpoint exceeds.
const maxNote = 64 << 10

// Origin names a stream of an operator, who chooses a name that nobody else has, such as acme.example/audit.
func Origin(operator, stream string) (string, error) {
	origin := operator + "/" + stream
	if operator == "" || !validOrigin(origin) {
		return "", fmt.Errorf("%w: origin", ErrMalformed)
	}
	return origin, nil
}

// validOrigin accepts what may also be the name of a key.
func validOrigin(s string) bool {
	return s != "" && len(s) <= 256 && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return r == '+' || unicode.IsSpace(r) || unicode.IsControl(r) })
}

// text is what gets signed.
func (c Checkpoint) text() string {
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// Sign writes the checkpoint with a signature of each signer.
func (c Checkpoint) Sign(signers ...note.Signer) (signed []byte, err error) {
	if len(signers) == 0 || !validOrigin(c.Origin) || c.Size > maxSize {
		return nil, ErrMalformed
	}
	defer func() {
		if recover() != nil {
			signed, err = nil, errors.New("checkpoint: a signer panicked")
		}
	}()
	return note.Sign(&note.Note{Text: c.text()}, signers...)
}

// Open reads a signed checkpoint of origin. One good signature of the verifiers is enough; others are ignored unless
// they pretend to be of a known key.
func Open(signed []byte, origin string, verifiers note.Verifiers) (c Checkpoint, err error) {
	if len(signed) > maxNote {
		return Checkpoint{}, ErrMalformed
	}
	if verifiers == nil {
		return Checkpoint{}, ErrUnsigned
	}
	defer func() {
		if recover() != nil {
			c, err = Checkpoint{}, errors.New("checkpoint: a verifier panicked")
		}
	}()
	n, err := note.Open(signed, verifiers)
	var unknown *note.UnverifiedNoteError
	var bad *note.InvalidSignatureError
	switch {
	case errors.As(err, &unknown), errors.As(err, &bad):
		return Checkpoint{}, ErrUnsigned
	case err != nil:
		return Checkpoint{}, ErrMalformed
	}
	if c, err = parse(strings.TrimSuffix(n.Text, "\n")); err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != origin {
		return Checkpoint{}, fmt.Errorf("%w: of another stream", ErrMalformed)
	}
	return c, nil
}

// Unverified reads a signed checkpoint without looking at its signatures: for implementations of [Anchor], which need
// to know what they keep.
func Unverified(signed []byte) (Checkpoint, error) {
	text, signatures, ok := strings.Cut(string(signed), "\n\n")
	if !ok || len(signed) > maxNote || !utf8.Valid(signed) || !strings.HasPrefix(signatures, "— ") || !strings.HasSuffix(signatures, "\n") {
		return Checkpoint{}, ErrMalformed
	}
	for line := range strings.Lines(signatures) {
		if !strings.HasPrefix(line, "— ") {
			return Checkpoint{}, ErrMalformed
		}
	}
	return parse(text)
}

// parse reads the text of a checkpoint, given without its last newline.
func parse(text string) (c Checkpoint, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 3 || !validOrigin(lines[0]) {
		return Checkpoint{}, ErrMalformed
	}
	for _, extension := range lines[3:] {
		if extension == "" {
			return Checkpoint{}, ErrMalformed
		}
	}
	c.Origin = lines[0]
	if c.Size, err = parseNumber(lines[1]); err == nil {
		c.Root, err = parseHash(lines[2])
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

// parseNumber reads a decimal without sign or leading zeros.
func parseNumber(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > maxSize || strconv.FormatUint(n, 10) != s {
		return 0, ErrMalformed
	}
	return n, nil
}

func parseHash(s string) (h audit.Hash, err error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(h) || base64.StdEncoding.EncodeToString(b) != s {
		return h, ErrMalformed
	}
	return audit.Hash(b), nil
}
