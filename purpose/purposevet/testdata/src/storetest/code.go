// Package storetest declares for its tests alone.
package storetest

import "github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"

func name(l *domain.Lessee) string { return l.Name } // want `read: domain.Lessee.Name`
