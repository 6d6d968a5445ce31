package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/carry"
	"github.com/purposebound/purposebound/policy/httpguard"
	"github.com/purposebound/purposebound/policy/httpshare"
)

// bureauKey is the recipient as the register has it.
const bureauKey = "credit_bureau"

// enquire shares with the credit bureau what it has to know, under the credit agreements act. Whether it got it goes on record.
func (s *service) enquire(w http.ResponseWriter, r *http.Request) error {
	if s.endpoint == nil {
		problem(w, http.StatusNotImplemented, "lending.no-bureau", "no credit bureau is named")
		return nil
	}
	a, req, err := s.about(r)
	if err != nil {
		return absent(w, err)
	}
	req.Statute = "dk.kal"
	err = httpshare.Send[BureauView](r.Context(), s.guard, req, a, s.endpoint, attempt(r, a))
	failed, undelivered := errors.AsType[*httpshare.DeliveryError](err)
	switch {
	case undelivered && failed.Unknown:
		problem(w, http.StatusGatewayTimeout, string(policy.CodeDeliveryUnknown), "it is not known whether the credit bureau has the enquiry: repeat it under its Idempotency-Key")
		return nil
	case undelivered:
		problem(w, http.StatusBadGateway, string(policy.CodeDeliveryFailed), "the credit bureau did not take the enquiry")
		return nil
	case err != nil:
		return err
	}
	return httpguard.WriteJSON(w, struct {
		Delivered bool `json:"delivered"`
	}{true})
}

// attempt is the key that the bureau knows an enquiry by: that of the client, who repeats it when it is not known whether the
// first one arrived. The bureau sees a hash, for a client might put anything there. Without a key each enquiry is another.
func attempt(r *http.Request, a *Application) string {
	_, req := carry.From(r.Context())
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return rand.Text()
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{req.Principal.ID, a.ID, key}, "\x00")))
	return hex.EncodeToString(sum[:])
}
