package purpose

// DigestOf is the digest of a register that need not be sound.
func DigestOf(s Spec) (string, error) {
	s = copyOf(s, func(string, string, string, ...any) {})
	return digest(&s)
}

// Distance is how many letters make one key of the other, at most limit.
func Distance(a, b string, limit int) int { return distance(a, b, limit) }
