package main

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// places finds where in a YAML text a path leads: "activities[3].claims[0]".
type places struct{ root *yaml.Node }

// placesOf reads a text that is known to be sound; of any other every place is its beginning.
func placesOf(text []byte) *places {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil || len(doc.Content) == 0 {
		return &places{&yaml.Node{}}
	}
	return &places{doc.Content[0]}
}

// of is the place of what a path leads to, or of the nearest thing above it.
func (p *places) of(path string) (line, column int) {
	at := p.root
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		next := below(at, step)
		if next == nil {
			break
		}
		at = next
	}
	return max(at.Line, 1), max(at.Column, 1)
}

func below(n *yaml.Node, step string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}
