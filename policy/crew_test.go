package policy

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type errandFunc func() error

func (f errandFunc) do() error { return f() }

func termOf(parent context.Context, length time.Duration) *term {
	t := &term{}
	t.begin(parent, length, false)
	return t
}

// settled waits until there are no more goroutines than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		require.True(t, time.Now().Before(end), "goroutines are left")
	}
}

func TestACrewSaysWhatBecameOfAnErrand(t *testing.T) {
	before := runtime.NumGoroutine()
	var c crew
	failed := errors.New("failed")
	assert.NoError(t, c.do(termOf(t.Context(), time.Minute), errandFunc(func() error { return nil })))
	assert.Equal(t, failed, c.do(termOf(t.Context(), time.Minute), errandFunc(func() error { return failed })))
	assert.Equal(t, errInternal, c.do(termOf(t.Context(), time.Minute), errandFunc(func() error { panic("canary") })))
	assert.Equal(t, context.DeadlineExceeded, c.do(termOf(t.Context(), 5*time.Millisecond), errandFunc(func() error {
		runtime.Goexit()
		return nil
	})))
	gone, cancel := context.WithCancel(t.Context())
	blocked := make(chan struct{})
	assert.Equal(t, context.Canceled, c.do(termOf(gone, time.Minute), errandFunc(func() error {
		cancel()
		<-blocked
		return nil
	})))
	close(blocked)
	settled(t, before)
}

func TestAnErrandThatHangsIsLeftBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	var c crew
	hang := make(chan struct{})
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			began := time.Now()
			err := c.do(termOf(t.Context(), 10*time.Millisecond), errandFunc(func() error {
				<-hang
				return nil
			}))
			assert.Equal(t, context.DeadlineExceeded, err)
			assert.Less(t, time.Since(began), 10*time.Second)
		})
	}
	wg.Wait()
	assert.NoError(t, c.do(termOf(t.Context(), time.Minute), errandFunc(func() error { return nil })), "others go on")
	assert.GreaterOrEqual(t, runtime.NumGoroutine(), before+100, "the control: they do hang")
	close(hang)
	settled(t, before)
}

func TestHandsAreUsedAgainAndGoHome(t *testing.T) {
	before := runtime.NumGoroutine()
	var c crew
	hands := map[*hand]bool{}
	for range 1000 {
		require.NoError(t, c.do(termOf(t.Context(), time.Minute), errandFunc(func() error { return nil })))
		c.mu.Lock()
		for _, h := range c.idle {
			hands[h] = true
		}
		c.mu.Unlock()
	}
	assert.NotEmpty(t, hands)
	assert.Less(t, len(hands), 100, "one, unless the machine stood still meanwhile")
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range 100 {
				assert.NoError(t, c.do(termOf(t.Context(), time.Minute), errandFunc(func() error { return nil })))
			}
		})
	}
	wg.Wait()
	settled(t, before)
	c.mu.Lock()
	defer c.mu.Unlock()
	assert.Empty(t, c.idle)
	assert.False(t, c.watch)
}

// A term is what context.WithTimeout makes, to whatever asks.
func TestATermIsAContextWithTimeout(t *testing.T) {
	type key struct{}
	far := time.Now().Add(time.Hour)
	for name, parent := range map[string]func() (context.Context, context.CancelFunc){
		"plain": func() (context.Context, context.CancelFunc) { return context.Background(), func() {} },
		"value": func() (context.Context, context.CancelFunc) {
			return context.WithValue(t.Context(), key{}, 1), func() {}
		},
		"cancel": func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) },
		"later":  func() (context.Context, context.CancelFunc) { return context.WithDeadline(t.Context(), far) },
		"sooner": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(t.Context(), time.Millisecond)
		},
		"already": func() (context.Context, context.CancelFunc) {
			return context.WithDeadline(t.Context(), time.Unix(0, 0))
		},
	} {
		for _, lasting := range []bool{false, true} {
			for _, early := range []bool{false, true} { // whether somebody asks for Done before anything happens
				t.Run(name, func(t *testing.T) {
					p, cancelParent := parent()
					defer cancelParent()
					var own term
					own.begin(p, time.Minute, lasting)
					q := p
					if lasting {
						q = context.WithoutCancel(p)
					}
					like, cancelLike := context.WithTimeout(q, time.Minute)
					defer cancelLike()
					same := func(what string) {
						t.Helper()
						if early {
							select {
							case <-own.Done():
								assert.Error(t, own.Err())
							default:
							}
						}
						assert.Equal(t, like.Err(), own.Err(), what)
						a, ok := like.Deadline()
						b, is := own.Deadline()
						assert.Equal(t, ok, is)
						assert.WithinDuration(t, a, b, 10*time.Second)
						if early {
							assert.Equal(t, like.Value(key{}), own.Value(key{}))
							assert.Equal(t, context.Cause(like), context.Cause(&own))
						}
					}
					if name != "sooner" {
						same("at first")
					}
					child, cancelChild := context.WithCancel(&own)
					defer cancelChild()
					cancelParent()
					if name == "cancel" {
						same("the parent ended")
					}
					cancelLike()
					own.end()
					<-own.Done()
					<-child.Done()
					assert.Error(t, own.Err())
					if lasting || name == "plain" || name == "value" {
						same("it was ended")
					}
				})
			}
		}
	}
}

func TestATermEndsByItself(t *testing.T) {
	for _, asked := range []bool{false, true} {
		var nobody context.Context // a parent that is nil is none
		assert.NoError(t, termOf(nobody, time.Minute).Err())
		own := termOf(nobody, 5*time.Millisecond)
		if asked {
			<-own.Done()
		} else {
			time.Sleep(10 * time.Millisecond)
		}
		assert.Equal(t, context.DeadlineExceeded, own.Err())
		<-own.Done()
		assert.Equal(t, context.DeadlineExceeded, context.Cause(own))
	}
}

// Who keeps a context beyond its call finds it ended, whether or not it was asked for anything before.
func TestATermThatWasEndedStaysSo(t *testing.T) {
	own := termOf(t.Context(), time.Minute)
	own.end()
	assert.Equal(t, context.Canceled, own.Err())
	<-own.Done()
	assert.Equal(t, context.Canceled, own.Err())
}
