package checkpoint

// ProveLine is the text that CheckLine checks, for the event seq and a signed checkpoint that an anchor has kept. It is
// Keeper.Prove for auditors, who have a copy of the trail and no keeper. Whether the signature holds is not looked at.
func (t *Tree) ProveLine(seq uint64, signed []byte) ([]byte, error) {
	c, err := Unverified(signed)
	if err != nil {
		return nil, err
	}
	if seq == 0 {
		return nil, ErrNone
	}
	p, err := t.Prove(seq-1, c.Size)
	if err != nil {
		return nil, err
	}
	head, err := t.Head(c.Size)
	if err != nil {
		return nil, err
	}
	if head.Root != c.Root {
		return nil, ErrForked
	}
	return p.text(signed), nil
}
