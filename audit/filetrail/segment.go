package filetrail

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/purposebound/purposebound/audit"
)

const (
	lockName      = "lock"
	segmentSuffix = ".jsonl"
	tornSuffix    = ".torn"
	prunedSuffix  = ".pruned"
	seqDigits     = 20
)

// segmentName sorts as its first seq does.
func segmentName(first uint64) string { return fmt.Sprintf("%0*d%s", seqDigits, first, segmentSuffix) }

// parseSegment returns the first seq of a segment.
func parseSegment(name string) (uint64, bool) { return parseName(name, segmentSuffix) }

func parseName(name, suffix string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	if !ok || len(digits) != seqDigits {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return first, err == nil && first > 0 && fmt.Sprintf("%0*d", seqDigits, first) == digits
}

// manifestName names what stands for all that was pruned before first.
func manifestName(first uint64) string { return fmt.Sprintf("%0*d%s", seqDigits, first, prunedSuffix) }

// tornName names what was cut off a segment at offset; there may be several.
func tornName(segment string, offset int64, nth int) string {
	name := fmt.Sprintf("%s.%d", strings.TrimSuffix(segment, segmentSuffix), offset)
	if nth > 0 {
		name += fmt.Sprintf("-%d", nth)
	}
	return name + tornSuffix
}

// listing is what a directory holds.
type listing struct {
	segments []string // that belong to the trail, in order
	left     []string // of pruned events, that nobody came to remove
	pruned   audit.Manifest
}

// look lists a directory. A file that looks like a segment without being one is an error.
func look(d disk) (l listing, err error) {
	var names []string
	for range 10 { // somebody may be replacing the manifest
		if names, err = d.List(); err != nil {
			return listing{}, err
		}
		slices.Sort(names)
		if l.pruned, err = manifest(d, names); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return listing{}, err
	}
	for _, n := range names {
		if _, isManifest := parseName(n, prunedSuffix); isManifest && n != manifestName(l.pruned.Head.Seq+1) {
			l.left = append(l.left, n)
		}
		digits, _, _ := strings.Cut(n, ".")
		of, belongs := parseSegment(digits + segmentSuffix)
		gone := belongs && of <= l.pruned.Head.Seq
		switch {
		case strings.HasSuffix(n, segmentSuffix) && (!belongs || n != segmentName(of)):
			return listing{}, fmt.Errorf("%w: a file is named like a segment and is none", ErrDamaged)
		case gone && (strings.HasSuffix(n, segmentSuffix) || strings.HasSuffix(n, tornSuffix)):
			l.left = append(l.left, n)
		case strings.HasSuffix(n, segmentSuffix):
			l.segments = append(l.segments, n)
		}
	}
	return l, nil
}

// manifest returns the latest manifest that was written to its end; the zero one if there is none.
func manifest(d disk, names []string) (audit.Manifest, error) {
	for _, n := range slices.Backward(names) {
		first, ok := parseName(n, prunedSuffix)
		if !ok {
			continue
		}
		f, err := d.OpenFile(n, forReading)
		if err != nil {
			return audit.Manifest{}, err
		}
		text, err := io.ReadAll(io.LimitReader(f, 1<<20))
		if err = errors.Join(err, f.Close()); err != nil {
			return audit.Manifest{}, err
		}
		var m audit.Manifest
		if m.UnmarshalText(text) == nil && m.Head.Seq == first-1 {
			return m, nil
		}
	}
	return audit.Manifest{}, nil
}
