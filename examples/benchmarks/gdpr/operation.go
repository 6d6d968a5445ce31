package gdpr

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Kind is one kind of operation, by the name that GDPRbench has for it.
type Kind string

// Kinds of operations.
const (
	createRecord    Kind = "create-record"
	deleteByPurpose Kind = "delete-record-by-pur"
	deleteByTTL     Kind = "delete-record-by-ttl"
	deleteByUser    Kind = "delete-record-by-usr"
	updateByPurpose Kind = "update-metadata-by-pur"
	updateByUser    Kind = "update-metadata-by-usr"
	updateByThird   Kind = "update-metadata-by-shr"
	readByUser      Kind = "read-data-by-usr"
	readMetadata    Kind = "read-metadata-by-key"
	updateData      Kind = "update-data-by-key"
	updateMetadata  Kind = "update-metadata-by-key"
	deleteRecord    Kind = "delete-record-by-key"
	readData        Kind = "read-data-by-key"
	readByPurpose   Kind = "read-data-by-pur"
	readByObjection Kind = "read-data-by-obj"
	readByDecision  Kind = "read-data-by-dec"
	metadataByUser  Kind = "read-metadata-by-usr"
	systemLogs      Kind = "get-system-logs"
	verifyDeletion  Kind = "verify-deletion"
)

// Pages and scans of operations that select by an attribute.
const (
	pageSize  = 20  // records deleted at once
	readPage  = 10  // records read at once
	metaPage  = 5   // people whose wishes change at once
	ttlScan   = 200 // records looked at for expired ones
	thirdScan = 100 // records looked at for third parties
	logPage   = 100 // events of the trail read at once
)

// Mix is the operations of one role with their shares, in percent.
type Mix struct {
	Name  string
	Parts []Part
}

// Part is some kinds that share a percentage evenly.
type Part struct {
	Percent int
	Kinds   []Kind
}

// Mixes are those of GDPRbench's four roles.
var Mixes = []Mix{
	{"controller", []Part{{25, []Kind{createRecord}}, {25, []Kind{deleteByPurpose, deleteByTTL, deleteByUser}},
		{50, []Kind{updateByPurpose, updateByUser, updateByThird}}}},
	{"customer", []Part{{20, []Kind{readByUser}}, {20, []Kind{readMetadata}}, {20, []Kind{updateData}}, {20, []Kind{updateMetadata}},
		{20, []Kind{deleteRecord}}}},
	{"processor", []Part{{80, []Kind{readData}}, {20, []Kind{readByPurpose, readByObjection, readByDecision}}}},
	{"regulator", []Part{{46, []Kind{metadataByUser}}, {31, []Kind{systemLogs}}, {23, []Kind{verifyDeletion}}}},
}

// args are all that an operation is given.
type args struct {
	kind    Kind
	key     int
	person  int
	purpose string
	third   string
	value   string
	entry   entry
}

// draws makes operations. The same seed gives the same.
type draws struct {
	rnd     *rand.Rand
	zipf    *rand.Zipf // nil: uniform
	mix     Mix
	records int
	people  int
	now     time.Time
}

// skew is the exponent of the zipfian distribution, as close to YCSB's 0.99 as the generator goes.
const skew = 1.01

func newDraws(mix Mix, zipfian bool, records, people int, now time.Time, seed uint64) *draws {
	d := &draws{rnd: rand.New(rand.NewPCG(seed, 2)), mix: mix, records: records, people: people, now: now}
	if zipfian {
		d.zipf = rand.NewZipf(d.rnd, skew, 1, uint64(records-1))
	}
	return d
}

// key draws a record. The popular ones are spread over all keys.
func (d *draws) key() int {
	if d.zipf == nil {
		return d.rnd.IntN(d.records)
	}
	return int(d.zipf.Uint64() * 0x9E3779B1 % uint64(d.records))
}

func (d *draws) next() args {
	x := d.rnd.IntN(100)
	var kind Kind
	for _, p := range d.mix.Parts {
		if x < p.Percent {
			kind = p.Kinds[d.rnd.IntN(len(p.Kinds))]
			break
		}
		x -= p.Percent
	}
	a := args{kind: kind, key: d.key(), purpose: purposes[d.rnd.IntN(len(purposes))], third: thirds[d.rnd.IntN(len(thirds))], value: phone(d.rnd)}
	a.person = a.key % d.people
	switch kind {
	case createRecord:
		a.entry = newEntry(d.rnd, 0, a.person, d.now)
		a.entry.Collected = d.now.Truncate(time.Second)
		if !slices.Contains(a.entry.Purposes, repair) { // it is collected under the contract
			a.entry.Purposes = append(a.entry.Purposes, repair)
		}
	case updateByPurpose:
		a.purpose = objectable[d.rnd.IntN(len(objectable))]
	case updateMetadata:
		if a.purpose = ""; d.rnd.IntN(2) == 0 {
			a.purpose = objectable[d.rnd.IntN(len(objectable))]
		}
	case readByObjection:
		a.purpose = ads
	case readByDecision:
		a.purpose = scoring
	}
	if a.purpose != partners && kind != updateByThird {
		a.third = "" // only partners are shared with
	}
	return a
}
