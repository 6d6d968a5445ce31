// Package ask makes requests for others.
package ask

import "github.com/purposebound/purposebound/policy"

// For asks for a purpose.
func For(purpose string) policy.Request {
	var req policy.Request
	req.Purpose = purpose
	return req
}

// Asker asks.
type Asker struct{}

// For asks for a purpose.
func (Asker) For(n int, purpose string) policy.Request { return For(purpose) }
