package checkpoint

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/purposebound/purposebound/audit"
)

// Inclusion proves that a leaf is in a tree: RFC 6962, section 2.1.1.
type Inclusion struct {
	Index, Size uint64 // the index is the event's seq less 1
	Hashes      []audit.Hash
}

// Check holds the proof against the root of a tree of its size and the hash of a line.
func (p Inclusion) Check(root, leaf audit.Hash) error {
	if p.Index >= p.Size || p.Size > maxSize || len(p.Hashes) > 64 {
		return ErrProof
	}
	if tlog.CheckRecord(tlogHashes(p.Hashes), int64(p.Size), tlog.Hash(root), int64(p.Index), tlog.Hash(leaf)) != nil {
		return ErrProof
	}
	return nil
}

// Consistency proves that a tree begins with all leaves of an older one: RFC 6962, section 2.1.2.
type Consistency struct {
	Old, New uint64
	Hashes   []audit.Hash
}

// Check holds the proof against both roots.
func (p Consistency) Check(oldRoot, newRoot audit.Hash) error {
	switch {
	case p.Old > p.New || p.New > maxSize || len(p.Hashes) > 128:
		return ErrProof
	case p.Old == 0: // every tree begins with the empty one
		var empty audit.Tree
		if len(p.Hashes) > 0 || oldRoot != empty.Root() || p.New == 0 && newRoot != oldRoot {
			return ErrProof
		}
		return nil
	case tlog.CheckTree(tlogHashes(p.Hashes), int64(p.New), tlog.Hash(newRoot), int64(p.Old), tlog.Hash(oldRoot)) != nil:
		return ErrProof
	}
	return nil
}

func tlogHashes(hs []audit.Hash) []tlog.Hash {
	out := make([]tlog.Hash, len(hs))
	for i, h := range hs {
		out[i] = tlog.Hash(h)
	}
	return out
}

const proofTitle = "c2sp.org/tlog-proof@v1\n"

// text writes the proof with the checkpoint that it leads to, as a C2SP tlog-proof.
func (p Inclusion) text(signed []byte) []byte {
	return proofText(proofTitle+"index ", p.Index, p.Hashes, signed)
}

// text writes the proof with the checkpoint that it leads to, as C2SP witnesses take it.
func (p Consistency) text(signed []byte) []byte { return proofText("old ", p.Old, p.Hashes, signed) }

func proofText(head string, n uint64, hashes []audit.Hash, signed []byte) []byte {
	out := append(strconv.AppendUint([]byte(head), n, 10), '\n')
	for _, h := range hashes {
		out = append(base64.StdEncoding.AppendEncode(out, h[:]), '\n')
	}
	return append(append(out, '\n'), signed...)
}

func parseProof(text []byte, head string) (n uint64, hashes []audit.Hash, signed []byte, err error) {
	rest, ok := strings.CutPrefix(string(text), head)
	proof, checkpoint, found := strings.Cut(rest, "\n\n")
	if !ok || !found || len(text) > 2*maxNote {
		return 0, nil, nil, ErrMalformed
	}
	lines := strings.Split(proof, "\n")
	if n, err = parseNumber(lines[0]); err != nil {
		return 0, nil, nil, err
	}
	for _, line := range lines[1:] {
		h, err := parseHash(line)
		if err != nil {
			return 0, nil, nil, err
		}
		hashes = append(hashes, h)
	}
	return n, hashes, []byte(checkpoint), nil
}

// CheckLine tells a third party that a line of a trail, given without its newline, is what the checkpoint in the proof
// covers. It returns that checkpoint.
func CheckLine(proof, line []byte, origin string, verifiers note.Verifiers) (Checkpoint, error) {
	index, hashes, signed, err := parseProof(proof, proofTitle+"index ")
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := Open(signed, origin, verifiers)
	if err != nil {
		return Checkpoint{}, err
	}
	e, err := audit.ParseLine(line)
	if err != nil {
		return Checkpoint{}, err
	}
	if e.Seq != index+1 {
		return Checkpoint{}, fmt.Errorf("%w: of another event", ErrProof)
	}
	return c, Inclusion{index, c.Size, hashes}.Check(c.Root, audit.HashLine(line))
}

// CheckConsistency tells a third party, who has an old checkpoint, that the one in the proof continues it. It returns
// the new one.
func CheckConsistency(proof, old []byte, origin string, verifiers note.Verifiers) (Checkpoint, error) {
	size, hashes, signed, err := parseProof(proof, "old ")
	if err != nil {
		return Checkpoint{}, err
	}
	was, err := Open(old, origin, verifiers)
	if err != nil {
		return Checkpoint{}, err
	}
	now, err := Open(signed, origin, verifiers)
	if err != nil {
		return Checkpoint{}, err
	}
	if size != was.Size {
		return Checkpoint{}, fmt.Errorf("%w: from another checkpoint", ErrProof)
	}
	return now, Consistency{size, now.Size, hashes}.Check(was.Root, now.Root)
}
