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

// entryOf is the entry of the register that a path leads into, such as "activities[3]". inside is false for
// the path of a whole section.
func entryOf(path string) (entry string, inside bool) {
	i := strings.IndexAny(path, "[.")
	switch {
	case i < 0:
		return path, false
	case path[i] == '.':
		return path[:i], true
	}
	return path[:i+strings.IndexByte(path[i:], ']')+1], true
}
