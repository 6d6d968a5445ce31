package policy_test

// byHand is what a program would write by hand for the register of the benchmarks and no other: maps from names to small
// numbers, a word of bits for every gate, and a code for each field. It has no versions, evidence, claims or clock. It is
// the yardstick for deciding: the least that the same answer costs.
type byHand struct {
	purposes map[string]int
	roles    map[string]int
	people   map[string]*handPerson
	plans    []handPlan // by purpose
}

// handPerson is what the events of a person come to.
type handPerson struct {
	from, until int64
	open        [handGates]uint32 // the fields that the person's state opens
}

// handPlan is what a purpose opens.
type handPlan struct {
	open    [handGates]uint32
	roles   [4]uint32 // fields by role
	actions uint8
}

// handGates are those that have a code of their own, the last for what is permitted.
const handGates = 12

type handAnswer struct {
	permitted uint32
	codes     [20]uint8 // the first gate that closes, by field; handGates: none
}

const handFields = 1<<20 - 1

func newByHand(purposes int) *byHand {
	h := &byHand{purposes: map[string]int{}, roles: map[string]int{"agent": 0, "clerk": 1}, people: map[string]*handPerson{}, plans: make([]handPlan, purposes)}
	for p := range purposes {
		h.purposes[purposeName(p)] = p
		h.plans[p].actions = 1<<2 | 1<<3
	}
	open := handPerson{until: 1 << 62}
	for g := range handGates {
		open.open[g], h.plans[0].open[g] = handFields, handFields
	}
	h.plans[0].roles[0] = handFields
	for i := range 100 {
		h.people["p"+string(rune('0'+i%10))+string(rune('0'+i/10))] = &open
	}
	h.people["p1"] = &open
	return h
}

// decide answers for all fields of a record, each with its reason.
func (h *byHand) decide(a *handAnswer, person, purpose string, roles []string, action uint8, at int64) bool {
	p, known := h.purposes[purpose]
	who := h.people[person]
	if !known || who == nil || at < who.from || at >= who.until || h.plans[p].actions&(1<<action) == 0 {
		*a = handAnswer{}
		return false
	}
	plan := &h.plans[p]
	var need uint32
	for _, r := range roles {
		if i, ok := h.roles[r]; ok {
			need |= plan.roles[i]
		}
	}
	permitted := need
	var closed [handGates]uint32
	for g := range handGates {
		open := plan.open[g] & who.open[g]
		closed[g] = ^open
		permitted &= open
	}
	a.permitted = permitted
	for i := range a.codes {
		bit := uint32(1) << i
		if permitted&bit != 0 {
			a.codes[i] = handGates
			continue
		}
		for g := range handGates {
			if closed[g]&bit != 0 {
				a.codes[i] = uint8(g)
				break
			}
		}
	}
	return permitted == handFields
}
