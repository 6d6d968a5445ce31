package audit

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash is the RFC 6962 leaf hash of a line: SHA-256 over a zero byte and the line without its newline.
type Hash [sha256.Size]byte

// HashLine returns the hash of a line, which is given without its newline.
func HashLine(line []byte) Hash {
	var buf [1 + MaxLine]byte
	return Hash(sha256.Sum256(append(append(buf[:0], 0), line...)))
}

// hashBehind is HashLine of what begins at byte at of buf. Where there is a byte before it, that stands in for the zero
// byte meanwhile, which spares a copy.
func hashBehind(buf []byte, at int) Hash {
	if at == 0 {
		return HashLine(buf)
	}
	was := buf[at-1]
	buf[at-1] = 0
	h := Hash(sha256.Sum256(buf[at-1:]))
	buf[at-1] = was
	return h
}

// String returns 64 lower-case hex digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }
