package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/httpguard"
)

var errBureau = errors.New("the credit bureau did not take the enquiry")

// enquire shares with the credit bureau what it has to know, under the credit agreements act. Whether it got it goes on record.
func (s *service) enquire(w http.ResponseWriter, r *http.Request) error {
	if s.bureau == "" {
		problem(w, http.StatusNotImplemented, "lending.no-bureau", "no credit bureau is named")
		return nil
	}
	a, req, err := s.about(r)
	if err != nil {
		return absent(w, err)
	}
	req.Statute = "dk.kal"
	err = policy.Send(r.Context(), s.guard, req, a, s.deliver)
	switch {
	case errors.Is(err, policy.ErrDeliveryUnknown):
		problem(w, http.StatusGatewayTimeout, string(policy.CodeDeliveryUnknown), "the credit bureau did not answer: it may have the enquiry")
		return nil
	case errors.Is(err, errBureau):
		problem(w, http.StatusBadGateway, string(policy.CodeDeliveryFailed), errBureau.Error())
		return nil
	case err != nil:
		return err
	}
	return httpguard.WriteJSON(w, struct {
		Delivered bool `json:"delivered"`
	}{true})
}

// deliver hands the view over.
func (s *service) deliver(ctx context.Context, view BureauView) error {
	body, err := json.Marshal(view)
	if err != nil {
		return errBureau
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, s.bureau, bytes.NewReader(body))
	if err != nil {
		return errBureau
	}
	post.Header.Set("Content-Type", "application/json")
	answer, err := s.client.Do(post)
	if err != nil {
		return fmt.Errorf("%w: %w", errBureau, policy.ErrDeliveryUnknown)
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return errBureau
	}
	return nil
}
