package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/filetrail"
)

// prover are the flags of audit prove.
type prover struct {
	witness
	seq          uint64
	check, event string
}

func auditProveCommand() command {
	var p prover
	return command{
		name: "audit prove", args: "[DIR]", summary: "prove that an event is in a trail, or check a proof",
		about: `
Prove prints a proof (a C2SP tlog-proof) that the last checkpoint of an anchor covers the event -seq of a trail in files.

With -check it holds such a proof against -event, a file with the line of the event as "audit tail -json" prints it. That takes
the keys and the name of the operator, and neither the trail nor the anchor: it is for third parties. The exit code is 1
if the proof does not hold, or the last checkpoint does not cover the event.`,
		examples: `
purposebound audit prove -anchor witness/checkpoints -keys witness/keys -operator acme.example/audit -seq 4711 /var/lib/service/trail >proof
purposebound audit prove -keys witness/keys -operator acme.example/audit -check proof -event event.json`,
		flags: func(set *flag.FlagSet) {
			p.flags(set)
			set.Uint64Var(&p.seq, "seq", 0, "`seq` of the event")
			set.StringVar(&p.check, "check", "", "`file` with a proof to check")
			set.StringVar(&p.event, "event", "", "`file` with the line of the event that the proof is about")
		},
		run: func(ctx context.Context, e *env, args []string) error {
			if p.check != "" || p.event != "" {
				return p.checkProof(e, args)
			}
			return p.prove(ctx, e, args)
		},
	}
}

func (p *prover) prove(ctx context.Context, e *env, args []string) error {
	switch {
	case len(args) != 1:
		return usagef("give one directory")
	case p.seq == 0:
		return usagef("say which event with -seq")
	}
	if err := p.need(); err != nil {
		return err
	}
	verifiers, err := p.verifiers()
	if err != nil {
		return err
	}
	anchor, err := checkpoint.OpenFileAnchor(p.anchor)
	if err != nil {
		return err
	}
	origin, err := p.origin(ctx, args[0])
	if err != nil {
		return err
	}
	signed, err := anchor.Latest(ctx, origin)
	if err != nil {
		return err
	}
	c, err := checkpoint.Open(signed, origin, verifiers)
	if err != nil {
		return err
	}
	if p.seq > c.Size {
		fmt.Fprintf(e.stderr, "purposebound audit prove: the last checkpoint does not cover seq %d\n", p.seq)
		return errFound
	}
	proof, err := p.proof(ctx, args[0], c, signed, verifiers)
	if err != nil {
		return err
	}
	if e.json {
		return e.encode(map[string]any{"seq": p.seq, "size": c.Size, "origin": c.Origin, "proof": string(proof)})
	}
	_, err = e.stdout.Write(proof)
	return err
}

// proof makes the tree of a checkpoint over the lines in dir, and checks what it made of it.
func (p *prover) proof(ctx context.Context, dir string, c checkpoint.Checkpoint, signed []byte, verifiers note.Verifiers) ([]byte, error) {
	pruned, err := filetrail.Pruned(dir)
	if err != nil {
		return nil, err
	}
	tree, err := checkpoint.NewTree(checkpoint.NewMemory(), pruned.Tree)
	if err != nil {
		return nil, err
	}
	var event []byte
	for line, err := range filetrail.Lines(ctx, dir) {
		if err != nil {
			return nil, err
		}
		if tree.Size() >= c.Size {
			break
		}
		if err := tree.Append(audit.HashLine(line)); err != nil {
			return nil, err
		}
		if tree.Size() == p.seq {
			event = bytes.Clone(line)
		}
	}
	head, err := tree.Head(c.Size)
	switch {
	case errors.Is(err, checkpoint.ErrNone), err == nil && head.Root != c.Root:
		return nil, errors.New("the trail is not the one that was anchored; \"audit verify\" says more")
	case err != nil:
		return nil, err
	case event == nil:
		return nil, checkpoint.ErrPruned
	}
	proof, err := tree.ProveLine(p.seq, signed)
	if err != nil {
		return nil, err
	}
	_, err = checkpoint.CheckLine(proof, event, c.Origin, verifiers)
	return proof, err
}

func (p *prover) checkProof(e *env, args []string) error {
	switch {
	case len(args) != 0:
		return usagef("-check reads files alone, and no trail")
	case p.check == "" || p.event == "" || p.keys == "" || p.operator == "":
		return usagef("-check, -event, -keys and -operator go together")
	}
	verifiers, err := p.verifiers()
	if err != nil {
		return err
	}
	proof, err := os.ReadFile(p.check)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(p.event)
	if err != nil {
		return err
	}
	line := bytes.TrimSuffix(text, []byte("\n"))
	v, err := audit.ParseLine(line)
	if err != nil {
		return fmt.Errorf("%s: not the line of one event", p.event)
	}
	origin, err := checkpoint.Origin(p.operator, v.Stream)
	if err != nil {
		return usagef("-operator names nobody")
	}
	c, err := checkpoint.CheckLine(proof, line, origin, verifiers)
	if e.json {
		if err := e.encode(map[string]any{"proved": err == nil, "seq": v.Seq, "size": c.Size, "origin": origin}); err != nil {
			return err
		}
	}
	if err != nil {
		e.print("%s: %s\n", e.paint(bold+red, "not proved"), err)
		return errFound
	}
	e.print("%s: seq %d is among the %d events of the checkpoint\n", e.paint(green, "proved"), v.Seq, c.Size)
	return nil
}
