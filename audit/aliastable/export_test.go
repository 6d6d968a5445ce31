package aliastable

import "time"

// Waiting makes an erasure wait by f.
func (o Options) Waiting(f func(time.Duration)) Options {
	o.wait = f
	return o
}
