package main

import (
	"fmt"
	"io"
)

// progress shows how far long work has come, on a line of its own that is overwritten, and only on a terminal.
type progress struct {
	w     io.Writer
	shown bool
}

func newProgress(w io.Writer) *progress {
	if !coloured(w) {
		return &progress{}
	}
	return &progress{w: w}
}

func (p *progress) show(text string) {
	if p.w != nil {
		fmt.Fprintf(p.w, "\r\x1b[K%s", text)
		p.shown = true
	}
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
