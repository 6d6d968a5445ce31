// Package mirrortest has the tests of every [mirror.Sink].
package mirrortest
