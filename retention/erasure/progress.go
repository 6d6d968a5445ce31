package erasure

import (
	"fmt"
	"os"
	"strings"
)

// ProgressLine returns a function for [Options.Progress] that keeps one line of a terminal up to date. Where the file is
// no terminal it writes nothing. End ends the line.
func ProgressLine(terminal *os.File) (progress func(Progress), end func()) {
	if !isTerminal(terminal) {
		return func(Progress) {}, func() {}
	}
	return progressLine(func(s string) { _, _ = terminal.WriteString(s) })
}

func progressLine(write func(string)) (progress func(Progress), end func()) {
	width := 0
	progress = func(p Progress) {
		line := fmt.Sprintf("%d planned, %d done, %d kept, %d orders", p.Planned, p.Done, p.Kept, p.Orders)
		write("\r" + line + strings.Repeat(" ", max(width-len(line), 0)))
		width = len(line)
	}
	return progress, func() {
		if width > 0 {
			write("\n")
			width = 0
		}
	}
}

// isTerminal reports whether the file is a character device; on one that is none, as the null device, a line is lost.
func isTerminal(f *os.File) bool {
	if f == nil {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
