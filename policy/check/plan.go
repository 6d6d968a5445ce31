package check

import (
	"encoding/binary"
	"strconv"

	"github.com/purposebound/purposebound/purpose"
)

// plansOf makes the records that hold one field of each category, none with more fields than a record may have.
func (c *checker) plansOf(list cats) []*purpose.Plan {
	key := make([]byte, 0, 4*len(list))
	for _, id := range list {
		key = binary.BigEndian.AppendUint32(key, uint32(id))
	}
	if plans, ok := c.plans[string(key)]; ok {
		return plans
	}
	var plans []*purpose.Plan
	for rest := list; len(rest) > 0; {
		n := min(len(rest), purpose.MaxFields)
		schema := purpose.Schema{Name: "prospect"}
		for i, id := range rest[:n] {
			schema.Fields = append(schema.Fields, purpose.SchemaField{Name: "category" + strconv.Itoa(i), Tags: purpose.Tags{Personal: c.reg.Categories().Key(id)}})
		}
		rest = rest[n:]
		plan, err := c.reg.BindSchema(schema)
		if err != nil { // leaves of the register always bind
			c.add(Finding{Code: "check.stopped", Message: "the categories of the register make no record"})
			continue
		}
		plans = append(plans, plan)
	}
	if c.plans == nil {
		c.plans = map[string][]*purpose.Plan{}
	}
	c.plans[string(key)] = plans
	return plans
}
