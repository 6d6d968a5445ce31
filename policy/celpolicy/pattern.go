package celpolicy

import "regexp/syntax"

// patternSize bounds the instructions of a compiled pattern from above without compiling it: the
// compiler writes counted repetitions out before anybody can count. Beyond ten times MaxRegex it stops counting.
func patternSize(pattern string) (int, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, err
	}
	return instructions(re) + 2, nil
}

func instructions(re *syntax.Regexp) int {
	n := 2
	if re.Op == syntax.OpLiteral {
		n += len(re.Rune)
	}
	for _, sub := range re.Sub {
		n = min(n+instructions(sub), 10*MaxRegex)
	}
	if re.Op == syntax.OpRepeat {
		n = min(n*max(re.Min, re.Max, 1), 10*MaxRegex)
	}
	return n
}
