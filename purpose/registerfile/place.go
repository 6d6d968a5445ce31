package registerfile

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func placeOf(n *yaml.Node) place { return place{max(n.Line, 1), max(n.Column, 1)} }

// locate finds the node that a path leads to, or the nearest above it.
func locate(n *yaml.Node, path string) place {
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		next := child(n, step)
		if next == nil {
			break
		}
		n = next
	}
	return placeOf(n)
}

// child is a value of a mapping by its key, or an item of a list by its number.
func child(n *yaml.Node, step string) *yaml.Node {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	}
	if i, err := strconv.Atoi(step); err == nil && n.Kind == yaml.SequenceNode && i < len(n.Content) {
		return n.Content[i]
	}
	return nil
}

// above reports whether path is node or leads below it.
func above(node, path string) bool {
	rest, ok := strings.CutPrefix(path, node)
	return ok && (rest == "" || node == "" || rest[0] == '.' || rest[0] == '[')
}
