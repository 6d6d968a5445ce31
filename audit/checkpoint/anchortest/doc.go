// Package anchortest tests implementations of checkpoint.Anchor.
package anchortest
