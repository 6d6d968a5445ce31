package main

import (
	"cmp"
	"net/http"
	"time"
)

// patience is how long a request waits for its turn.
const patience = 250 * time.Millisecond

// limit lets so many requests in at once, and some wait. Whoever finds no room is told to come back: nothing was decided
// about them, and nothing of theirs is kept.
type limit struct {
	next   http.Handler
	refuse func(http.ResponseWriter)
	inside chan struct{} // who is served, or waits
	served chan struct{}
}

func newLimit(next http.Handler, refuse func(http.ResponseWriter), atOnce, waiting int) *limit {
	atOnce = cmp.Or(atOnce, 128)
	return &limit{next: next, refuse: refuse, served: make(chan struct{}, atOnce), inside: make(chan struct{}, atOnce+cmp.Or(waiting, atOnce))}
}

func (l *limit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case l.inside <- struct{}{}:
		defer func() { <-l.inside }()
	default:
		l.refuse(w)
		return
	}
	select {
	case l.served <- struct{}{}:
	default:
		turn := time.NewTimer(patience)
		defer turn.Stop()
		select {
		case l.served <- struct{}{}:
		case <-turn.C:
			l.refuse(w)
			return
		case <-r.Context().Done():
			return
		}
	}
	defer func() { <-l.served }()
	l.next.ServeHTTP(w, r)
}
