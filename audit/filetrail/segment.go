package filetrail

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	lockName      = "lock"
	segmentSuffix = ".jsonl"
	tornSuffix    = ".torn"
	seqDigits     = 20
)

// segmentName sorts as its first seq does.
func segmentName(first uint64) string { return fmt.Sprintf("%0*d%s", seqDigits, first, segmentSuffix) }

// parseSegment returns the first seq of a segment.
func parseSegment(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok || len(digits) != seqDigits {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return first, err == nil && first > 0 && segmentName(first) == name
}

// tornName names what was cut off a segment at offset; there may be several.
func tornName(segment string, offset int64, nth int) string {
	name := fmt.Sprintf("%s.%d", strings.TrimSuffix(segment, segmentSuffix), offset)
	if nth > 0 {
		name += fmt.Sprintf("-%d", nth)
	}
	return name + tornSuffix
}

// segments lists the segments in order. A file that looks like one without being one is an error.
func segments(d disk) ([]string, error) {
	names, err := d.List()
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, segmentSuffix) })
	slices.Sort(names)
	for _, n := range names {
		if _, ok := parseSegment(n); !ok {
			return nil, fmt.Errorf("%w: a file is named like a segment and is none", ErrDamaged)
		}
	}
	return names, nil
}
