package outboxtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/policy/rights/outbox"
	"github.com/purposebound/purposebound/purpose"
)

func whatWasOpened(t *trial) {
	c := theCase("c1", anna)
	n := notice(c, "bank", 0)
	opened, err := t.store.Opened(t.ctx, "c1")
	t.must(err)
	t.that(!opened, "a case that nobody opened is there")
	t.open(c, n)
	opened, err = t.store.Opened(t.ctx, "c1")
	t.must(err)
	t.that(opened, "the case is not there")
	n.Revision = 1
	t.that(reflect.DeepEqual(t.get(n.ID), n), "the notice came back as another one")
	t.open(theCase("c2", anna)) // nobody received anything
	opened, err = t.store.Opened(t.ctx, "c2")
	t.must(err)
	t.that(opened, "a case without notices is not there")
	_, err = t.store.Get(t.ctx, "nothing")
	t.that(errors.Is(err, outbox.ErrUnknown), "a notice that is not there: %v", err)
}

func openTwice(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	claimed := t.claim(0, 1)
	t.that(len(claimed) == 1, "nothing to claim")
	t.open(c, notice(c, "bank", 5))
	t.that(reflect.DeepEqual(t.get("c1-bank"), claimed[0]), "opening again changed the notice")
	t.that(len(t.ofCase("c1")) == 1, "opening again made another notice")
}

func openMore(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	t.open(c, notice(c, "insurer", 0), notice(c, "bank", 0))
	t.that(slices.Equal(ids(t.ofCase("c1")), []string{"c1-bank", "c1-insurer"}), "the case has %v", ids(t.ofCase("c1")))
}

func conflict(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	other := theCase("c1", bert)
	t.that(errors.Is(t.store.Open(t.ctx, other, nil), outbox.ErrConflict), "a case changed its person")
	kind := c
	kind.Kind = purpose.RestrictionRight
	t.that(errors.Is(t.store.Open(t.ctx, kind, nil), outbox.ErrConflict), "a case changed its right")
	second := theCase("c2", anna)
	n := notice(second, "bank", 0)
	n.ID = "c1-bank"
	t.that(errors.Is(t.store.Open(t.ctx, second, []outbox.Notice{n}), outbox.ErrConflict), "a notice changed its case")
	n = notice(c, "insurer", 0)
	n.ID = "c1-bank"
	t.that(errors.Is(t.store.Open(t.ctx, c, []outbox.Notice{n}), outbox.ErrConflict), "a notice changed its recipient")
	t.that(t.get("c1-bank").Recipient == "bank", "the conflict had an effect")
}

func whole(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	second := theCase("c2", anna)
	stolen := notice(second, "insurer", 0)
	stolen.ID = "c1-bank"
	err := t.store.Open(t.ctx, second, []outbox.Notice{notice(second, "desk", 0), stolen})
	t.that(errors.Is(err, outbox.ErrConflict), "no conflict: %v", err)
	opened, err := t.store.Opened(t.ctx, "c2")
	t.must(err)
	t.that(!opened && len(t.ofCase("c2")) == 0, "half a case is there")
}

func malformed(t *trial) {
	c := theCase("c1", anna)
	long := strings.Repeat("x", outbox.MaxText+1)
	for what, bad := range map[string]func(*outbox.Case, *outbox.Notice){
		"no case":          func(c *outbox.Case, _ *outbox.Notice) { c.ID = "" },
		"no person":        func(c *outbox.Case, n *outbox.Notice) { c.DataSubject, n.DataSubject = "", "" },
		"no right":         func(c *outbox.Case, n *outbox.Notice) { c.Kind, n.Kind = 0, 0 },
		"no time":          func(c *outbox.Case, _ *outbox.Notice) { c.OpenedAt = time.Time{} },
		"a long case":      func(c *outbox.Case, n *outbox.Notice) { c.ID, n.Case = long, long },
		"no id":            func(_ *outbox.Case, n *outbox.Notice) { n.ID = "" },
		"another case":     func(_ *outbox.Case, n *outbox.Notice) { n.Case = "c9" },
		"another person":   func(_ *outbox.Case, n *outbox.Notice) { n.DataSubject = bert },
		"no recipient":     func(_ *outbox.Case, n *outbox.Notice) { n.Recipient = "" },
		"no state":         func(_ *outbox.Case, n *outbox.Notice) { n.State = 0 },
		"an unknown state": func(_ *outbox.Case, n *outbox.Notice) { n.State = 99 },
		"never due":        func(_ *outbox.Case, n *outbox.Notice) { n.Next = time.Time{} },
	} {
		c, n := c, notice(c, "bank", 0)
		bad(&c, &n)
		err := t.store.Open(t.ctx, c, []outbox.Notice{n})
		t.that(errors.Is(err, outbox.ErrNotice), "%s: %v", what, err)
	}
	t.open(c, notice(c, "bank", 0))
	for what, bad := range map[string]func(*outbox.Notice){
		"no state":            func(n *outbox.Notice) { n.State = 0 },
		"sent and due":        func(n *outbox.Notice) { n.State = outbox.Sent },
		"impossible, no why":  func(n *outbox.Notice) { n.State, n.Next, n.By = outbox.Impossible, time.Time{}, "pr-x" },
		"impossible, nobody":  func(n *outbox.Notice) { n.State, n.Next, n.Reason = outbox.Disproportionate, time.Time{}, "dissolved" },
		"fewer than none":     func(n *outbox.Notice) { n.Attempts = -1 },
		"a long reference":    func(n *outbox.Notice) { n.Reference = long },
		"retrying, never due": func(n *outbox.Notice) { n.State, n.Next = outbox.Retrying, time.Time{} },
	} {
		n := t.get("c1-bank")
		bad(&n)
		err := t.store.Settle(t.ctx, n)
		t.that(errors.Is(err, outbox.ErrNotice), "%s: %v", what, err)
	}
	t.that(t.get("c1-bank").Revision == 1, "a refused change had an effect")
	n := t.get("c1-bank")
	n.ID = "nothing"
	err := t.store.Settle(t.ctx, n)
	t.that(errors.Is(err, outbox.ErrUnknown), "a change of nothing: %v", err)
}

func claimOrder(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 3), notice(c, "desk", 1), notice(c, "insurer", 2), notice(c, "late", 9))
	t.that(slices.Equal(ids(t.claim(5, 2)), []string{"c1-desk", "c1-insurer"}), "not the longest due first")
	rest := t.claim(5, 10)
	t.that(slices.Equal(ids(rest), []string{"c1-bank"}), "claimed %v", ids(rest))
	t.that(len(rest) == 1 && rest[0].Attempts == 1 && rest[0].Revision == 2 && rest[0].Lease.Equal(at(15)), "a claim counts the attempt and says until when it is")
	t.that(len(rest) == 1 && reflect.DeepEqual(rest[0], t.get("c1-bank")), "what was claimed is not what is kept")
	t.that(len(t.claim(5, 0)) == 0 && len(t.claim(5, -1)) == 0, "a claim of none")
}

func notDue(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 3), notice(c, "desk", 0), notice(c, "insurer", 0), notice(c, "court", 0))
	for id, state := range map[string]outbox.State{"c1-desk": outbox.Sent, "c1-insurer": outbox.Impossible, "c1-court": outbox.Disproportionate} {
		n := t.get(id)
		n.State, n.Next = state, time.Time{}
		if state != outbox.Sent {
			n.Reason, n.By = "dissolved", "pr-x"
		}
		t.must(t.store.Settle(t.ctx, n))
	}
	t.that(len(t.claim(2, 10)) == 0, "claimed what is not due or not open")
	t.that(len(t.claim(3, 10)) == 1, "what is due now is due")
}

func leases(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	t.that(len(t.claim(0, 1)) == 1, "nothing to claim")
	t.that(len(t.claim(9, 1)) == 0, "claimed under a lease")
	again := t.claim(10, 1)
	t.that(len(again) == 1 && again[0].Attempts == 2, "a lease that has passed still keeps others away")
}

func stale(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	old := t.get("c1-bank")
	t.claim(0, 1)
	old.State, old.Next = outbox.Sent, time.Time{}
	err := t.store.Settle(t.ctx, old)
	t.that(errors.Is(err, outbox.ErrStale), "wrote over a change: %v", err)
	t.that(t.get("c1-bank").State == outbox.Pending, "the refused change had an effect")
	now := t.get("c1-bank")
	now.State, now.Next = outbox.Sent, time.Time{}
	t.must(t.store.Settle(t.ctx, now))
	t.that(t.get("c1-bank").Revision == now.Revision+1, "a change does not count")
}

func everyPart(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	n := t.get("c1-bank")
	n.State, n.Attempts, n.Next, n.Lease, n.Reason, n.Reference, n.By, n.ChangedAt = outbox.Impossible, 7, time.Time{}, at(1), "dissolved", "file 12, page æ", "pr-x", at(2)
	t.must(t.store.Settle(t.ctx, n))
	n.Revision++
	t.that(reflect.DeepEqual(t.get(n.ID), n), "the change came back as another one")
	other := n
	other.Case, other.Recipient, other.Categories, other.CreatedAt = "c9", "other", nil, at(9)
	other.State, other.Reason, other.By, other.Reference, other.Next = outbox.Retrying, "", "", "", at(3)
	t.must(t.store.Settle(t.ctx, other))
	got := t.get(n.ID)
	t.that(got.Case == "c1" && got.Recipient == "bank" && len(got.Categories) == 2 && got.CreatedAt.Equal(start), "a change reached what does not change")
	t.that(got.State == outbox.Retrying && got.Reason == "" && got.Next.Equal(at(3)), "the change has no effect")
}

func lists(t *trial) {
	for _, who := range []string{anna, bert} {
		for i := range 3 {
			c := theCase(fmt.Sprint(who[:1], 3-i), who)
			abroad := notice(c, "bank", 0)
			abroad.ID, abroad.RecipientCountry = abroad.ID+"-se", "SE"
			t.open(c, notice(c, "insurer", 0), abroad, notice(c, "bank", 0))
		}
	}
	list, err := t.store.OfPerson(t.ctx, anna)
	t.must(err)
	t.that(slices.Equal(ids(list), []string{"a1-bank", "a1-bank-se", "a1-insurer", "a2-bank", "a2-bank-se", "a2-insurer", "a3-bank", "a3-bank-se", "a3-insurer"}), "of a person: %v", ids(list))
	t.that(slices.Equal(ids(t.ofCase("b2")), []string{"b2-bank", "b2-bank-se", "b2-insurer"}), "of a case: %v", ids(t.ofCase("b2")))
	list, err = t.store.OfPerson(t.ctx, "nobody")
	t.that(err == nil && len(list) == 0, "of nobody: %v", err)
}

func forgetOpen(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0), notice(c, "desk", 0))
	n := t.get("c1-desk")
	n.State, n.Next = outbox.Sent, time.Time{}
	t.must(t.store.Settle(t.ctx, n))
	_, err := t.store.Forget(t.ctx, anna)
	t.that(errors.Is(err, outbox.ErrOpen), "forgot whom others are to be told of: %v", err)
	t.that(len(t.ofCase("c1")) == 2, "a refused forgetting had an effect")
}

func forget(t *trial) {
	for _, who := range []string{anna, bert} {
		c := theCase("c-"+who[:1], who)
		t.open(c, notice(c, "bank", 0))
		n := t.get(c.ID + "-bank")
		n.State, n.Next = outbox.Sent, time.Time{}
		t.must(t.store.Settle(t.ctx, n))
	}
	t.open(theCase("empty", anna))
	n, err := t.store.Forget(t.ctx, anna)
	t.must(err)
	t.that(n == 1, "forgot %d notices", n)
	for _, id := range []string{"c-a", "empty"} {
		opened, err := t.store.Opened(t.ctx, id)
		t.must(err)
		t.that(!opened, "the case is still there")
	}
	list, err := t.store.OfPerson(t.ctx, anna)
	t.that(err == nil && len(list) == 0, "notices are still there: %v", err)
	t.that(len(t.ofCase("c-b")) == 1, "somebody else was forgotten")
	n, err = t.store.Forget(t.ctx, anna)
	t.that(err == nil && n == 0, "forgetting twice: %v", err)
}

func ownCopy(t *trial) {
	c := theCase("c1", anna)
	list := []outbox.Notice{notice(c, "bank", 0)}
	t.must(t.store.Open(t.ctx, c, list))
	list[0].Categories[0] = "changed"
	got := t.get("c1-bank")
	got.Categories[0] = "changed"
	claimed := t.claim(0, 1)
	t.that(len(claimed) == 1, "nothing to claim")
	claimed[0].Categories[0] = "changed"
	t.that(t.get("c1-bank").Categories[0] == "contact.email", "the store keeps what the caller may change")
}

func concurrentClaims(t *trial) {
	const n, workers = 40, 8
	c := theCase("c1", anna)
	var list []outbox.Notice
	for i := range n {
		list = append(list, notice(c, fmt.Sprintf("r%02d", i), 0))
	}
	t.open(c, list...)
	var mu sync.Mutex
	seen := map[string]int{}
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for {
				got, err := t.store.Claim(t.ctx, at(0), 10*time.Minute, 3)
				if err != nil {
					t.problem("claim: %v", err)
					return
				}
				if len(got) == 0 {
					return
				}
				twice := false
				mu.Lock()
				for i := range got {
					seen[got[i].ID]++
					twice = twice || seen[got[i].ID] > 1
				}
				mu.Unlock()
				if twice {
					return // it would go on for ever
				}
			}
		})
	}
	done.Wait()
	t.that(len(seen) == n, "%d of %d were claimed", len(seen), n)
	for id, times := range seen {
		t.that(times == 1, "%s was claimed %d times", id, times)
	}
}

func concurrentChanges(t *trial) {
	const workers, rounds = 8, 10
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	for round := range rounds {
		var won atomic.Int32
		var done sync.WaitGroup
		was := t.get("c1-bank")
		for w := range workers {
			done.Go(func() {
				n := was.Clone()
				n.State, n.Next, n.Attempts = outbox.Retrying, at(round), w
				switch err := t.store.Settle(t.ctx, n); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, outbox.ErrStale):
					t.problem("neither done nor stale: %v", err)
				}
			})
		}
		done.Wait()
		t.that(won.Load() == 1, "%d of %d changes of one revision succeeded", won.Load(), workers)
	}
}

func concurrentOpenings(t *trial) {
	const workers = 8
	c := theCase("c1", anna)
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			if err := t.store.Open(t.ctx, c, []outbox.Notice{notice(c, "bank", 0), notice(c, "desk", 0)}); err != nil {
				t.problem("open: %v", err)
			}
		})
	}
	done.Wait()
	t.that(len(t.ofCase("c1")) == 2, "%d notices", len(t.ofCase("c1")))
}

func cancelled(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	second := theCase("c2", anna)
	t.that(t.store.Open(ctx, second, nil) != nil, "a cancelled opening was acknowledged")
	_, err := t.store.Claim(ctx, at(0), time.Minute, 1)
	t.that(err != nil, "a cancelled claim was acknowledged")
	n := t.get("c1-bank")
	n.State, n.Next = outbox.Sent, time.Time{}
	t.that(t.store.Settle(ctx, n) != nil, "a cancelled change was acknowledged")
	_, err = t.store.Forget(ctx, anna)
	t.that(err != nil, "a cancelled forgetting was acknowledged")
	opened, err := t.store.Opened(t.ctx, "c2")
	t.must(err)
	t.that(!opened && t.get("c1-bank").Revision == 1, "a cancelled call had an effect")
}

func quiet(t *trial) {
	c := theCase("c1", anna)
	t.open(c, notice(c, "bank", 0))
	n := notice(c, "bank", 0)
	n.Revision = 9
	_, open := t.store.Forget(t.ctx, anna)
	bad := c
	bad.ID = ""
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	_, ended := t.store.OfPerson(ctx, anna)
	for _, err := range []error{t.store.Open(t.ctx, theCase("c1", bert), nil), t.store.Open(t.ctx, bad, nil), t.store.Settle(t.ctx, n), open, ended} {
		t.that(err != nil && !strings.Contains(err.Error(), "canary"), "an error holds the id of a person, or there is none: %v", err != nil)
	}
}
