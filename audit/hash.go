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

// String returns 64 lower-case hex digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }
