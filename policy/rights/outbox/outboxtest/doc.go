// Package outboxtest checks that a store keeps what package outbox promises: no notice is lost, none is made twice, no two attempts
// hold the same notice, and no change writes over one that it has not seen.
//
//	func TestStore(t *testing.T) {
//		outboxtest.TestStore(t, func() (outbox.Store, error) { return mystore.Open(t.Context()) })
//	}
package outboxtest
