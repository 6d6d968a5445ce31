package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/filetrail"
)

// witness are the flags that say where checkpoints are kept and who signed them.
type witness struct{ anchor, keys, operator string }

func (w *witness) flags(set *flag.FlagSet) {
	set.StringVar(&w.anchor, "anchor", "", "`file` in which another owner keeps the checkpoints")
	set.StringVar(&w.keys, "keys", "", "`file` with the verifier keys of the checkpoints, a line each")
	set.StringVar(&w.operator, "operator", "", "`name` of the operator, with which the origin of the checkpoints begins")
}

// origin of the checkpoints of the trail in dir.
func (w *witness) origin(ctx context.Context, dir string) (string, error) {
	for line, err := range filetrail.Lines(ctx, dir) {
		if err != nil {
			return "", err
		}
		e, err := audit.ParseLine(line)
		if err != nil {
			return "", errors.New("the first line is none of a trail")
		}
		return checkpoint.Origin(w.operator, e.Stream)
	}
	return "", errors.New("the trail is empty: nothing says which stream it is")
}

// verifiers reads the keys.
func (w *witness) verifiers() (note.Verifiers, error) {
	text, err := os.ReadFile(w.keys)
	if err != nil {
		return nil, err
	}
	var list []note.Verifier
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: no verifier key", w.keys, i+1)
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no verifier key", w.keys)
	}
	return note.VerifierList(list...), nil
}

// need reports a flag that is missing.
func (w *witness) need() error {
	if w.anchor == "" || w.keys == "" || w.operator == "" {
		return usagef("-anchor, -keys and -operator go together")
	}
	return nil
}

// evidence is what the anchor has of the trail in dir.
func (w *witness) evidence(ctx context.Context, dir string) (ev checkpoint.Evidence, err error) {
	if *w == (witness{}) {
		return ev, nil
	}
	if err := w.need(); err != nil {
		return ev, err
	}
	verifiers, err := w.verifiers()
	if err != nil {
		return ev, err
	}
	anchor, err := checkpoint.OpenFileAnchor(w.anchor)
	if err != nil {
		return ev, err
	}
	origin, err := w.origin(ctx, dir)
	if err != nil {
		return ev, err
	}
	return checkpoint.CollectAll(ctx, origin, verifiers, anchor)
}

func auditVerifyCommand() command {
	var w witness
	return command{
		name: "audit verify", args: "DIR", summary: "verify a trail in files",
		about: `
Verify reads the whole trail in a directory, line by line, and says what it found. It takes no lock and changes nothing.
Only checkpoints that somebody else kept show that nothing is missing at the end and that not everything was rewritten:
without -anchor the best answer is "consistent, completeness not proved".

Exit codes: 0 passed, 3 consistent, completeness not proved, 4 pruned, completeness not proved, 5 torn, 6 truncated, 7 gap,
8 forked, 9 edited, 10 unsigned; 1 another verdict, 2 called wrongly or could not run.`,
		examples: `
purposebound audit verify /var/lib/service/trail
purposebound audit verify -anchor witness/checkpoints -keys witness/keys -operator acme.example/audit /var/lib/service/trail
purposebound audit verify -json /var/lib/service/trail`,
		flags: w.flags,
		run: func(ctx context.Context, e *env, args []string) error {
			if len(args) != 1 {
				return usagef("give one directory")
			}
			return verifyTrail(ctx, e, &w, args[0])
		},
	}
}

// verdict is the JSON form of a report.
type verdict struct {
	Verdict audit.Verdict `json:"verdict"`
	Stream  string        `json:"stream,omitempty"`
	Events  uint64        `json:"events"`
	Seq     uint64        `json:"seq"`
	Head    string        `json:"head"`
	Proved  uint64        `json:"proved"`
	Pruned  uint64        `json:"pruned"`
	BadSeq  uint64        `json:"bad_seq,omitempty"`
	Offset  int64         `json:"offset"`
	Problem string        `json:"problem,omitempty"`
}

func verifyTrail(ctx context.Context, e *env, w *witness, dir string) error {
	ev, err := w.evidence(ctx, dir)
	if err != nil {
		return err
	}
	c := ev.Check()
	line := newProgress(e.stderr)
	c.Progress = func(r audit.Report) error {
		line.show(fmt.Sprintf("%d events", r.Count))
		return ctx.Err()
	}
	r, err := filetrail.VerifyWith(ctx, dir, c)
	line.clear()
	if err != nil {
		return err
	}
	v := verdict{Verdict: r.Verdict, Stream: r.Head.Stream, Events: r.Count, Seq: r.Head.Seq, Head: r.Head.Hash.String(), Proved: r.Proved,
		Pruned: r.Pruned, BadSeq: r.BadSeq, Offset: r.Offset}
	if r.Err != nil {
		v.Problem = r.Err.Error()
	}
	if e.json {
		if err := e.encode(v); err != nil {
			return err
		}
	} else {
		e.print("%s: %s, %s up to seq %d\n", dir, e.paint(toneOf(r.Verdict), string(r.Verdict)), plural(int(r.Count), "event"), r.Head.Seq)
		if r.Proved > 0 {
			e.print("anchored up to seq %d\n", r.Proved)
		}
		if r.BadSeq > 0 {
			e.print("first event in doubt: seq %d, at byte %d\n", r.BadSeq, r.Offset)
		}
		if v.Problem != "" {
			e.print("%s\n", v.Problem)
		}
	}
	if code := r.Verdict.ExitCode(); code != 0 {
		return exitStatus(code)
	}
	return nil
}

func toneOf(v audit.Verdict) string {
	switch v {
	case audit.Pass:
		return green
	case audit.Consistent, audit.Pruned:
		return yellow
	}
	return bold + red
}

const pollEvery = 500 * time.Millisecond
