package basis

import "time"

// Vocabulary is what a register lets events speak of; *purpose.Register makes one. Keys that it
// lacks are refused when an event is recorded; keys that events speak of must stay in it. It is
// not changed after it was handed to a ledger.
type Vocabulary struct {
	Purposes        map[string]string          // key to parent, "" at a root
	Categories      map[string]string          // key to parent, "" at a root
	Recipients      map[string]bool            // keys
	Events          map[string]EventMeaning    // what Occurred events do
	Scopes          map[string][]ScopedPurpose // consent scopes
	ScopeRecipients map[string][]string        // those that the notice names for a scope; they count where the consent names none of its own
	Notices         []NoticeSpan               // in order of validity
	Rules           map[string]bool            // retention rule keys
}

// EventMeaning is what a declared event does to the state of a person.
type EventMeaning struct {
	Relation string   // which relation changes; empty with Stage set means the unnamed one
	Stage    Stage    // stage it enters; zero: none
	Gives    []string // capacities gained
	Ends     []string // capacities lost
}

// ScopedPurpose is a leaf purpose that a consent scope covers, since a notice version.
type ScopedPurpose struct {
	Purpose string
	Since   string // notice version that first showed it; empty means the first
}

// NoticeSpan is the validity of a notice version, half-open.
type NoticeSpan struct {
	Version     string
	From, Until time.Time // zero Until means no end
}

// shown is the position of the notice version that a person saw: the named one, or for no name the
// one in force at the time. It is -1 where there is none.
func (v *Vocabulary) shown(version string, at time.Time) int {
	for i := range v.Notices {
		n := &v.Notices[i]
		if version == n.Version && version != "" {
			return i
		}
		if version == "" && !at.Before(n.From) && (n.Until.IsZero() || at.Before(n.Until)) {
			return i
		}
	}
	return -1
}

// since reports whether what was first shown in version since was in the notice at position shown.
func (v *Vocabulary) since(since string, shown int) bool {
	if shown < 0 {
		return false
	}
	if since == "" {
		return true
	}
	first := v.shown(since, time.Time{})
	return first >= 0 && first <= shown
}

// within reports whether key is node or lies below it in a tree of parents.
func within(parents map[string]string, key, node string) bool {
	for range len(parents) + 1 {
		if key == node {
			return true
		}
		parent := parents[key]
		if parent == "" {
			return false
		}
		key = parent
	}
	return false // a cycle
}

func withinAny(parents map[string]string, key string, nodes []string) bool {
	for _, node := range nodes {
		if within(parents, key, node) {
			return true
		}
	}
	return false
}
