package regopolicy

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Bounds of what is remembered.
const (
	maxRemembered = 2_048 // verdicts of a policy
	maxQuestion   = 512   // bytes of a question
)

// memory keeps verdicts on questions that were asked before. Rules know nothing but the input and answer the same question
// alike for ever; a question has all that is built into the input and all that is read beside it. A question that comes a second
// time takes the place of another: many never come again, and cost nobody a place. Nothing of a person is kept: where rules read who asks, for which task or case, or what facts say in words
// or numbers, nothing is remembered. Failures never are.
type memory struct {
	seed  maphash.Seed
	slots [maxRemembered]memorySlot
}

type memorySlot struct {
	kept atomic.Pointer[remembered]
	last atomic.Uint64 // sum of the question that was evaluated last
}

// remembered is a question and its verdict. It is never changed.
type remembered struct {
	question string
	verdict  policy.Verdict
}

func newMemory() *memory { return &memory{seed: maphash.MakeSeed()} }

// recall finds the verdict on a question, for the caller to change as it likes.
func (m *memory) recall(question []byte) (v policy.Verdict, ok bool) {
	r := m.slots[maphash.Bytes(m.seed, question)%maxRemembered].kept.Load()
	if r == nil || r.question != string(question) {
		return v, false
	}
	return own(r.verdict), true
}

// remember keeps a verdict if its question is probably the one that was evaluated before it.
func (m *memory) remember(question []byte, v policy.Verdict) {
	sum := maphash.Bytes(m.seed, question)
	slot := &m.slots[sum%maxRemembered]
	if slot.last.Swap(sum) == sum {
		slot.kept.Store(&remembered{string(question), own(v)})
	}
}

// own is a copy that shares nothing.
func own(v policy.Verdict) policy.Verdict {
	v.Redactions, v.Obligations, v.Hits = slices.Clone(v.Redactions), slices.Clone(v.Obligations), slices.Clone(v.Hits)
	return v
}

// anybody reports whether rules read nothing of a person, and not the instant.
func (p *Policy) anybody() bool {
	for _, t := range p.facts {
		if t != purpose.Bool {
			return false
		}
	}
	r := &p.reads
	return !r.id && !r.tasks && !r.reviewer && !r.at
}

// question writes all that the verdict depends on, beside the policy: what the builder builds and the decoder reads. It is
// empty for a question that is not remembered.
func (p *Policy) question(room []byte, in *policy.Input, view *view) []byte {
	if p.memory == nil || view.number == 0 {
		return nil
	}
	r, req := &p.reads, in.Request
	q := question(binary.AppendUvarint(room, view.number))
	q = append(q, byte(req.Action), truth(in.Explain))
	q = binary.AppendUvarint(q, uint64(in.Purpose))
	for _, bits := range in.Fields {
		q = binary.LittleEndian.AppendUint64(q, bits)
	}
	q = q.text(r.notice, in.Notice).text(r.dataset, req.Dataset).text(r.organisation, req.Principal.Organisation).
		text(r.country, req.Principal.Country).texts(r.roles, req.Principal.Roles).texts(r.capacities, in.Capacities)
	if r.recipient && req.Action == purpose.Share {
		q = append(q.text(true, req.Recipient).text(true, in.Country), byte(in.RecipientKind))
	}
	if r.time {
		q = q.time(r, req.At.In(p.reg.Zone()))
	}
	if r.facts {
		q = q.facts(p.facts, req.Facts)
	}
	if len(q) > maxQuestion {
		return nil
	}
	return q
}

// question is written so that two that differ in anything are written differently.
type question []byte

// Beyond maxQuestion nothing is added: such a question is not remembered.
func (q question) text(read bool, s string) question {
	if !read || len(q) > maxQuestion {
		return q
	}
	return append(binary.AppendUvarint(q, uint64(len(s))), s[:min(len(s), maxQuestion)]...)
}

func (q question) texts(read bool, list []string) question {
	if !read {
		return q
	}
	q = binary.AppendUvarint(q, uint64(len(list)))
	for _, s := range list[:min(len(list), maxQuestion)] {
		q = q.text(true, s)
	}
	return q
}

func (q question) time(r *reads, local time.Time) question {
	if r.date {
		year, month, day := local.Date()
		q = append(binary.AppendVarint(q, int64(year)), byte(month), byte(day))
	}
	if r.hour {
		q = append(q, byte(local.Hour()))
	}
	if r.minute {
		q = append(q, byte(local.Minute()))
	}
	if r.weekday {
		q = append(q, byte(local.Weekday()))
	}
	return q
}

// facts are those that rules read, as they are stated.
func (q question) facts(read map[string]purpose.Type, facts purpose.Facts) question {
	q = append(q, truth(len(facts) > maxList))
	for i := range facts {
		f := &facts[i]
		if len(q) > maxQuestion {
			break
		}
		if _, asked := read[f.Fact]; asked {
			q = append(q.text(true, f.Fact), byte(f.Value.Type()), truth(f.Value.Type() == purpose.Bool && f.Value.Bool()))
		}
	}
	return q
}

func truth(b bool) byte {
	if b {
		return 1
	}
	return 0
}
