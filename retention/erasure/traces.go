package erasure

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash/crc32"
	"strings"
	"unicode"
)

// traces are what identifiers leave in a value: themselves, and the plain digests that pseudonyms are often made of.
type traces struct{ words, digests []string }

const (
	shortestInside = 4 // letters; a shorter identifier counts only as a whole value
	shortestDigest = 8 // letters of a digest that was cut
)

func tracesOf(identifiers []string) (t traces) {
	for _, id := range identifiers {
		word := fold(id)
		if word == "" {
			continue
		}
		t.words = append(t.words, word)
		for _, text := range []string{id, strings.TrimSpace(id), strings.ToLower(id), strings.ToUpper(id), word} {
			b := []byte(text)
			m5, s1, s256, s512 := md5.Sum(b), sha1.Sum(b), sha256.Sum256(b), sha512.Sum512(b)
			crc := crc32.ChecksumIEEE(b)
			for _, sum := range [][]byte{m5[:], s1[:], s256[:], s512[:], {byte(crc >> 24), byte(crc >> 16), byte(crc >> 8), byte(crc)}, b} {
				t.digests = append(t.digests, hex.EncodeToString(sum), fold(base64.StdEncoding.EncodeToString(sum)))
			}
		}
	}
	return t
}

// in reports whether a field holds a trace. A digest may have been cut, from either end.
func (t *traces) in(fields []Field) bool {
	for _, f := range fields {
		v := fold(f.Value)
		if v == "" {
			continue
		}
		for _, w := range t.words {
			if v == w || len(w) >= shortestInside && strings.Contains(v, w) {
				return true
			}
		}
		for _, d := range t.digests {
			if len(d) >= shortestDigest && strings.Contains(v, d) ||
				len(v) >= shortestDigest && (strings.HasPrefix(d, v) || strings.HasSuffix(d, v)) {
				return true
			}
		}
	}
	return false
}

// fold drops everything but letters and digits, and case, so that spacing and punctuation hide nothing.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
