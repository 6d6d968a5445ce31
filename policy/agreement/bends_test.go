package agreement_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bends are lies of the renderers.
var bends = []bend{
	"cel: tasks are ignored", "cel: conditions are ignored", "cel: a recipient is ignored", "cel: a negation is dropped", "cel: and is or",
	"rego: and is or", "rego: a negation is dropped", "rego: at least is more than", "rego: what is mentioned may be absent", "rego: doubt denies nothing",
	"rego: actions are ignored", "rego: purposes are leaves", "rego: except_roles is ignored", "rego: nobody stands for anybody", "rego: categories are wider",
	"rego: another mask", "rego: one obligation of many",
}

// TestEveryBendIsNoticed: a renderer that lies in one small thing is found out by an answer, not by a refusal to load.
func TestEveryBendIsNoticed(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for i, b := range bends {
		t.Run(string(b), func(t *testing.T) {
			answers, refusals := 0, 0
			for seed := uint64(0); seed < 150 && answers == 0; seed++ {
				d := newDice(seed)
				rules := d.rules()
				e, err := load(t, reg, rules, b)
				if err != nil {
					refusals++
					continue
				}
				for range 100 {
					in := d.request(pl)
					if e.differs(t, rules, in) == "" {
						continue
					}
					answers++
					if i%5 != 0 { // making it small takes its time
						break
					}
					few, less := smallest(t, reg, rules, in, b)
					bent, err := load(t, reg, few, b)
					require.NoError(t, err)
					assert.NotEmpty(t, bent.differs(t, few, less), "what is left still shows it")
					assert.LessOrEqual(t, len(few), 2, "%s", describe(few))
					break
				}
			}
			assert.NotZero(t, answers, "%d refused", refusals)
		})
	}
}
