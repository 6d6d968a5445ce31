//purposevet:register ../../register.yaml

// Package register is held to a register.
package register

import (
	"context"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/httpguard"
	"github.com/purposebound/purposebound/policy/rpcguard"
	"github.com/purposebound/purposebound/purpose"
)

type record struct {
	Name  string `personal:"contact.name"`
	Nmae  string `personal:"contact.nmae"`                  // want `register: register.record.Nmae: "contact.nmae" is not among the data categories; did you mean "contact.name"\?`
	Node  string `personal:"contact"`                       // want `register: register.record.Node: "contact" has categories below it; tag the field with one of them`
	Why   string `personal:"contact.name" purpose:"profit"` // want `register: register.record.Why: "profit" is not among the purposes`
	Under string `personal:"contact.name" purpose:"service"`
	Long  string `personal:"contact.name" retention:"yearli"` // want `register: register.record.Long: "yearli" is not among the retention rules; did you mean "yearly"\?`
	Not   string `personal:"-"`
}

const invoicing = "invoicing"

func requests(ctx context.Context) {
	_ = policy.Request{Purpose: invoicing}
	_ = policy.Request{Purpose: "service.contract", Recipient: "hausbank"}
	_ = policy.Request{Purpose: "invoicin"}  // want `register: "invoicin" is not among the purposes; did you mean "invoicing"\?`
	_ = policy.Request{Purpose: "service"}   // want `register: "service" has purposes below it; ask for one of them`
	_ = policy.Request{Purpose: "disclosed"} // want `register: "disclosed" is a disclosure, which no request is for`
	var req policy.Request
	req.Purpose = "x"                                               // want `register: "x" is not among the purposes`
	_ = req.For("y").To("bank").To("hausbank")                      // want `register: "y" is not among the purposes` `register: "bank" is not among the recipients`
	_ = req.With(purpose.Named("asigned", purpose.BoolValue(true))) // want `register: "asigned" is not among the facts; did you mean "assigned"\?`
	_ = req.With(purpose.Named("assigned", purpose.BoolValue(true)))
	by("z")                                                                                                                           // want `register: "z" is not among the purposes`
	_ = policy.Request{policy.Principal{}, purpose.Read, "w", "", "", "", 0, "", "", policy.Provenance{}, nil, "", false, at, at, ""} // want `register: "w" is not among the purposes`
}

// declared are purposes of routes and methods.
func declared() {
	_ = []httpguard.Route{{Purpose: invoicing}, {Purpose: "invoicin", Recipient: "bank"}}   // want `register: "invoicin" is not among the purposes` `register: "bank" is not among the recipients`
	_ = map[string]rpcguard.Method{"a": {Purpose: "service.contract"}, "b": {Purpose: "q"}} // want `register: "q" is not among the purposes`
	var r httpguard.Route
	r.Purpose = fromClient() // want `purpose: the purpose is not a constant`
}

func fromClient() string { return string([]byte{1}) }

func by(p string) policy.Request { return policy.Request{Purpose: p} }

// refused asks for what there is not.
//
//purposevet:purposes shows a refusal
func refused() policy.Request { return by("unheard-of") }
