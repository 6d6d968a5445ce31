package gdpr

import (
	"fmt"
	"slices"
	"time"
)

// oracle does every operation on plain data. It shares no code with the other side but the operations' arguments.
type oracle struct {
	now     time.Time
	records map[int]*entry
	last    int // largest key so far
	people  map[int]*wishes
	signed  map[int]bool
	gone    map[int]bool  // deleted keys
	owned   map[int][]int // keys by person, deleted ones too
	deaf    bool          // a control: it hears no objection
}

func newOracle(entries []entry, people []wishes, now time.Time) *oracle {
	o := &oracle{now: now, records: map[int]*entry{}, people: map[int]*wishes{}, signed: map[int]bool{}, gone: map[int]bool{}, owned: map[int][]int{}, last: len(entries) - 1}
	for _, e := range entries {
		o.add(e)
	}
	for i, w := range people {
		o.people[i] = &wishes{Objects: slices.Clone(w.Objects), Scoring: w.Scoring, Thirds: slices.Clone(w.Thirds)}
		o.signed[i] = true
	}
	return o
}

// may says whether a record may be used for a purpose, by whom it goes to, and by a machine.
func (o *oracle) may(e *entry, purpose, third string) bool {
	w := o.people[e.Person]
	if !o.signed[e.Person] || o.over(e) {
		return false
	}
	switch purpose {
	case access:
		return true
	case ads, analytics, research, fraud:
		if slices.Contains(w.Objects, purpose) && !o.deaf {
			return false
		}
	case partners:
		if !slices.Contains(w.Thirds, third) {
			return false
		}
	case scoring:
		if !w.Scoring {
			return false
		}
	}
	if (purpose == ads || purpose == partners) && e.Source != "first-party" {
		return false
	}
	return slices.Contains(e.Purposes, purpose)
}

// over reports whether the record's time to live has passed.
func (o *oracle) over(e *entry) bool {
	return o.now.Sub(e.Collected) > time.Duration(lives[e.Live]+1)*24*time.Hour
}

// page is up to n records that are there and fit, by key from start on and around.
func (o *oracle) page(start, n, scan int, fits func(*entry) bool) (keys []int) {
	for i := 0; i <= o.last && i < scan && len(keys) < n; i++ {
		k := (start + i) % (o.last + 1)
		if e, ok := o.records[k]; ok && fits(e) {
			keys = append(keys, k)
		}
	}
	return keys
}

func (o *oracle) add(e entry) {
	o.records[e.Key] = &e
	o.owned[e.Person] = append(o.owned[e.Person], e.Key)
}

// of is the records of a person that are there.
func (o *oracle) of(who int) (keys []int) {
	for _, k := range o.owned[who] {
		if _, ok := o.records[k]; ok {
			keys = append(keys, k)
		}
	}
	return keys
}

func (o *oracle) remove(keys []int) []string {
	for _, k := range keys {
		delete(o.records, k)
		o.gone[k] = true
	}
	return []string{fmt.Sprint("removed ", keys)}
}

// do is an operation and what comes out of it.
func (o *oracle) do(a args) (out []string) {
	having := func(p string) func(*entry) bool {
		return func(e *entry) bool { return slices.Contains(e.Purposes, p) }
	}
	show := func(k int, purpose, third string) {
		e, ok := o.records[k]
		switch {
		case !ok:
			out = append(out, fmt.Sprint(k, " none"))
		case o.may(e, purpose, third):
			out = append(out, fmt.Sprint(k, e.Values))
		default:
			out = append(out, fmt.Sprint(k, " denied"))
		}
	}
	switch a.kind {
	case createRecord:
		e := a.entry
		e.Key = o.last + 1
		o.last++
		o.signed[e.Person] = true
		o.add(e)
		return []string{fmt.Sprint("created ", e.Key)}
	case deleteByPurpose:
		return o.remove(o.page(a.key, pageSize, o.last+1, func(e *entry) bool { return slices.Equal(e.Purposes, []string{a.purpose}) }))
	case deleteByTTL:
		return o.remove(o.page(a.key, pageSize, ttlScan, o.over))
	case deleteByUser:
		keys := o.of(a.person)
		o.signed[a.person] = false
		kept := slices.Contains(o.people[a.person].Objects, ads) // an objection to marketing outlives erasure
		o.people[a.person] = &wishes{}
		if kept {
			o.people[a.person].Objects = []string{ads}
		}
		return o.remove(keys)
	case updateByPurpose:
		for _, k := range o.page(a.key, metaPage, o.last+1, having(a.purpose)) {
			o.object(o.records[k].Person, a.purpose)
			out = append(out, fmt.Sprint(k))
		}
		return out
	case updateByUser, updateMetadata:
		w := o.people[a.person]
		if a.kind == updateMetadata && a.purpose != "" {
			o.object(a.person, a.purpose)
		} else {
			w.Scoring = !w.Scoring
		}
		return []string{fmt.Sprint(w.Scoring, slices.Contains(w.Objects, ads))}
	case updateByThird:
		for _, k := range o.page(a.key, metaPage, thirdScan, func(e *entry) bool { return slices.Contains(o.people[e.Person].Thirds, a.third) }) {
			w := o.people[o.records[k].Person]
			w.Thirds = slices.DeleteFunc(w.Thirds, func(t string) bool { return t == a.third })
			out = append(out, fmt.Sprint(k))
		}
		return out
	case readByUser:
		for _, k := range o.of(a.person) {
			show(k, access, "")
		}
		return out
	case readMetadata:
		return o.describe(a.key)
	case updateData:
		if e, ok := o.records[a.key]; ok && o.may(e, access, "") {
			e.Values[1] = a.value
		}
		show(a.key, access, "")
		return out
	case deleteRecord:
		if _, ok := o.records[a.key]; ok {
			return o.remove([]int{a.key})
		}
		return []string{"removed []"}
	case readData:
		show(a.key, a.purpose, a.third)
		return out
	case readByPurpose, readByObjection, readByDecision:
		for _, k := range o.page(a.key, readPage, o.last+1, having(a.purpose)) {
			if a.kind != readByDecision {
				show(k, a.purpose, a.third)
				continue
			}
			out = append(out, fmt.Sprint(k, o.may(o.records[k], scoring, "")))
		}
		return out
	case metadataByUser:
		for _, k := range o.of(a.person) {
			out = append(out, o.describe(k)...)
		}
		return out
	case systemLogs:
		return []string{"whole"}
	case verifyDeletion:
		_, there := o.records[a.key]
		return []string{fmt.Sprint(there, o.gone[a.key])}
	}
	return nil
}

func (o *oracle) object(who int, purpose string) {
	if w := o.people[who]; !slices.Contains(w.Objects, purpose) {
		w.Objects = append(w.Objects, purpose)
	}
}

func (o *oracle) describe(key int) []string {
	e, ok := o.records[key]
	if !ok {
		return []string{fmt.Sprint(key, " none")}
	}
	w := o.people[e.Person]
	objects, shares := slices.Sorted(slices.Values(w.Objects)), slices.Sorted(slices.Values(w.Thirds))
	return []string{fmt.Sprint(key, e.Purposes, rule(lives[e.Live]), e.Source, objects, w.Scoring, shares)}
}
