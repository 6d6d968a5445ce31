// Package request asks for purposes.
package request

import (
	"context"
	"os"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/request/ask"
)

const invoicing = "invoicing"

type route struct{ purpose string }

func asks(ctx context.Context, r route, other policy.Request) {
	const local = invoicing + ".letter"
	req := policy.Request{Purpose: invoicing}
	req.Purpose = local
	req = req.For("x")
	req.Purpose = r.purpose                           // want `purpose: the purpose is not a constant: write it where it is asked for, or declare //purposevet:purposes with a reason`
	_ = req.For(os.Args[1])                           // want `purpose: the purpose is not a constant`
	_ = policy.Request{Purpose: "a" + os.Args[1]}     // want `purpose: the purpose is not a constant`
	_ = &policy.Request{Purpose: string([]byte{'a'})} // want `purpose: the purpose is not a constant`
	req.Purpose = other.Purpose
	p := "a"
	if ctx == nil {
		p = "b"
	}
	_ = req.For(p)
	q := "a"
	q = os.Getenv("PURPOSE")
	_ = req.For(q) // want `purpose: the purpose is not a constant`
	_ = by("a", "u")
	_ = by(r.purpose, "u") // want `purpose: the purpose is not a constant`
	_ = through(r.purpose) // want `purpose: the purpose is not a constant`
	_ = ask.For(r.purpose) // want `purpose: the purpose is not a constant`
	_ = ask.For("a")
	_ = ask.Asker{}.For(1, r.purpose)                              // want `purpose: the purpose is not a constant`
	anna := func(p string) policy.Request { return by(p, "anna") } // want `purpose: the purpose is not a constant`
	_, _ = anna("a"), anna(r.purpose)
	bo := func(p string) policy.Request { return by(p, "bo") }
	_, _ = bo("a"), bo("b")
	called := func(p string) policy.Request { return by(p, "anna") } // want `purpose: the purpose is not a constant`
	hand(called)
	for _, p := range []string{"a", "b"} {
		_ = req.For(p)
	}
}

func by(p, id string) policy.Request {
	return policy.Request{Principal: policy.Principal{ID: id}, Purpose: p}
}
func through(p string) policy.Request    { return by(p, "x") }
func hand(f func(string) policy.Request) { _ = f }

// table drives requests.
//
//purposevet:purposes out of a table of routes
func table(r route) policy.Request { return policy.Request{Purpose: r.purpose} }
