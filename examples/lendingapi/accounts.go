package main

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"

	"github.com/purposebound/purposebound/policy"
)

// account is who a token stands for: somebody who works here, or a person on their own behalf.
type account struct {
	principal policy.Principal
	person    string // data subject; empty for staff
}

// accounts by the hash of their tokens, so that looking one up tells nothing by how long it takes. A real service asks its
// identity provider.
type accounts map[[sha256.Size]byte]account

// Tokens of the demonstration.
const (
	officerToken   = "officer-token-of-the-demonstration"
	otherToken     = "other-officer-token-of-the-demonstration"
	advisorToken   = "advisor-token-of-the-demonstration"
	marketingToken = "marketing-token-of-the-demonstration"
	majaToken      = "maja-token-of-the-demonstration"
)

func demonstration() accounts {
	staff := func(id, role string) account {
		return account{principal: policy.Principal{ID: id, Roles: []string{role}}}
	}
	all := accounts{}
	for token, a := range map[string]account{
		officerToken:   staff(officer, "credit_officer"),
		otherToken:     staff("staff-18", "credit_officer"),
		advisorToken:   staff(officer, "advisor"),
		marketingToken: staff("staff-40", "marketing_agent"),
		majaToken:      {person: "person-2"},
	} {
		all[sha256.Sum256([]byte(token))] = a
	}
	return all
}

var errNobody = errors.New("no such account")

// staff is who a request comes from. A person on their own behalf is no principal, and so nobody here.
func (a accounts) staff(r *http.Request) (policy.Principal, error) {
	who, ok := a.of(r)
	if !ok {
		return policy.Principal{}, errNobody
	}
	return who.principal, nil
}

// of is the account that a request comes from.
func (a accounts) of(r *http.Request) (account, bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return account{}, false
	}
	who, ok := a[sha256.Sum256([]byte(token))]
	return who, ok
}
