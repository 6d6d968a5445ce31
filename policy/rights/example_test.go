package rights_test

import (
	"context"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// A former customer asks for erasure: what a law keeps stays, and the answer says why and until when.
func ExampleDesk_Carry() {
	ctx := context.Background()
	register := purpose.MustCompile(spec())
	today := time.Date(2018, 6, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return today }
	ledger := basis.NewMemory(register.Vocabulary(), basis.WithClock(clock))
	pseudonyms, _ := audit.NewKeyedHMAC([]byte("a secret of at least thirty-two bytes"), "2024")
	desk, err := rights.NewDesk(register, ledger, audittest.NewRecorder(clock), rights.WithPseudonyms(pseudonyms), rights.WithClock(clock))
	if err != nil {
		panic(err)
	}
	for day, event := range map[string]string{"2020-01-10": "signed", "2022-12-31": "ended"} {
		today = on("2022-12-31")
		if err := ledger.Record(ctx, basis.Event{DataSubject: "customer-4711", ValidAt: on(day), Body: basis.Occurred{Event: event}}); err != nil {
			panic(err)
		}
	}
	today = on("2024-04-15")
	answer, err := desk.Carry(ctx, rights.Request{
		Kind:        purpose.ErasureRight,
		DataSubject: "customer-4711",
		Received:    on("2024-04-12"),
		Identity:    rights.Proven,
		Holdings:    []rights.Holding{{Category: "finance.income", Dataset: "own"}, {Category: "aml.record", Dataset: "own"}},
	}, func(_ context.Context, items []rights.Item) error {
		for _, item := range items {
			fmt.Println("erase", item.Part)
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.Result, "due", answer.Clock.Due)
	for _, item := range answer.Items {
		fmt.Println(item.Part, item.Result, "-", item.Reasons[0].String())
	}
	fmt.Println(answer.Obligations)
	// Output:
	// erase finance.income
	// partial due 2024-05-13
	// finance.income granted - right.expired: the time for keeping it is over [5.run], through 2022-12-31
	// aml.record refused - right.legal-obligation: a legal obligation keeps it (GDPR Art. 17(3)(b)) [5.aml], through 2027-12-31
	// [notify-recipients erase-derived tell-reasons]
}
