package audit

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
)

// Manifest stands for the events that were pruned from the start of a stream: enough to verify those that follow, and
// to prove them part of the same tree. The zero value stands for none.
type Manifest struct {
	Head Head // the last pruned event
	Tree Tree // over all pruned events
}

// maxManifest is the length in bytes that no manifest exceeds.
const maxManifest = 8 << 10

const manifestTitle = "purposebound pruned v1\n"

// MarshalText writes the manifest as a few lines that end with a checksum, against writes that were cut short.
func (m Manifest) MarshalText() ([]byte, error) {
	if !streamShape.ok(m.Head.Stream) || m.Head.Seq == 0 || m.Head.Seq != m.Tree.Size() {
		return nil, errors.New("audit: a manifest whose head and tree do not agree")
	}
	out := []byte(manifestTitle + "stream " + m.Head.Stream + "\nseq ")
	out = append(strconv.AppendUint(out, m.Head.Seq, 10), "\nhash "...)
	out = append(appendHash(out, &m.Head.Hash), '\n')
	for _, h := range m.Tree.Frontier() {
		out = append(appendHash(append(out, "node "...), &h), '\n')
	}
	sum := Hash(sha256.Sum256(out))
	return append(appendHash(append(out, "sum "...), &sum), '\n'), nil
}

var errManifest = errors.New("audit: malformed manifest")

// UnmarshalText reads what MarshalText writes, and nothing else.
func (m *Manifest) UnmarshalText(text []byte) error {
	if len(text) > maxManifest {
		return errManifest
	}
	rest, ok := strings.CutPrefix(string(text), manifestTitle)
	value := func(key string) string {
		line, more, ended := strings.Cut(rest, "\n")
		v, found := strings.CutPrefix(line, key+" ")
		ok, rest = ok && ended && found, more
		return v
	}
	hash := func(key string) (h Hash) {
		if v := value(key); isHash(v) {
			return parseHash(v)
		}
		ok = false
		return h
	}
	var out Manifest
	out.Head.Stream = value("stream")
	seq, err := strconv.ParseUint(value("seq"), 10, 64)
	out.Head.Seq, out.Head.Hash = seq, hash("hash")
	var frontier []Hash
	for ok && strings.HasPrefix(rest, "node ") {
		frontier = append(frontier, hash("node"))
	}
	hash("sum")
	if !ok || err != nil {
		return errManifest
	}
	if out.Tree, err = NewTree(seq, frontier); err != nil {
		return errManifest
	}
	// What is written differs from what was read unless that was canonical, its checksum included.
	if back, err := out.MarshalText(); err != nil || !bytes.Equal(back, text) {
		return errManifest
	}
	*m = out
	return nil
}
