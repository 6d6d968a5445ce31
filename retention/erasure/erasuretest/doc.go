// Package erasuretest tests implementations of [erasure.Journal]. Run [TestJournal] before an executor relies on one.
package erasuretest
