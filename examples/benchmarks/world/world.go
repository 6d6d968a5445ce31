// Package world is the decision that all contenders make, as plain data.
//
// A register of tagged fields says which purposes cover which categories and for which actions; rules of need to know say
// which roles may see what for which purpose; bans take single categories away from all but some roles. A record has 20
// tagged fields. The answer has a code for each of them.
package world

import (
	"fmt"
	"slices"
	"strings"
)

// Width is the number of fields in a record.
const Width = 20

// Record is a type of record.
type Record struct {
	Name       string
	Fields     []string // Width names
	Categories []string // of the fields; leaves
}

// Activity lets categories be processed for purposes, by actions.
type Activity struct {
	Key      string
	Purposes []string
	Group    string // node of the tree of categories
	Actions  []string
}

// Need lets roles see categories for purposes, by actions. No purposes, no groups: all of them.
type Need struct {
	Key      string
	Roles    []string
	Actions  []string
	Purposes []string
	Groups   []string
}

// World is a register with its rules of need to know.
type World struct {
	Purposes   []string
	Groups     []string // nodes, each with ten leaves below it
	Records    []Record
	Activities []Activity
	Needs      []Need
	Banned     []string // leaves
	Lifting    string   // the role that bans do not reach
}

// Roles that rules speak of.
const (
	Supervisor = "supervisor"
	Auditor    = "auditor"
	desks      = 8
)

// Desk is the role of those who work for a purpose.
func Desk(purpose int) string { return fmt.Sprintf("desk-%c", 'a'+purpose%desks) }

// Purpose is the key of a purpose.
func Purpose(i int) string { return fmt.Sprintf("p%d", i) }

// New makes a world of n tagged fields, in records of Width, and p purposes.
func New(n, p int) *World {
	w := &World{Lifting: Supervisor}
	for i := range p {
		w.Purposes = append(w.Purposes, Purpose(i))
	}
	wanted := make([][]string, p) // groups, by purpose
	for t := range n / Width {
		r := Record{Name: fmt.Sprintf("Record%d", t)}
		for half := range 2 {
			i := 2*t + half
			group := fmt.Sprintf("c%d", i)
			w.Groups = append(w.Groups, group)
			for j := range Width / 2 {
				r.Fields = append(r.Fields, fmt.Sprintf("F%02d", len(r.Fields)))
				r.Categories = append(r.Categories, fmt.Sprintf("%s.f%d", group, j))
			}
			a := Activity{Key: fmt.Sprintf("a%d", i), Group: group, Actions: []string{"read", "use"}}
			if i%3 == 2 {
				a.Actions = []string{"read"}
			}
			for _, step := range []int{0, 1, 3} {
				k := (t + step) % p
				a.Purposes = append(a.Purposes, Purpose(k))
				if k%5 != 3 || half == 0 { // some know less than the register allows
					wanted[k] = append(wanted[k], group)
				}
			}
			w.Activities = append(w.Activities, a)
			if i%4 == 3 {
				w.Banned = append(w.Banned, group+".f9")
			}
		}
		w.Records = append(w.Records, r)
	}
	w.Needs = append(w.Needs, Need{Key: "auditor-reads", Roles: []string{Auditor}, Actions: []string{"read"}})
	for k, groups := range wanted {
		if len(groups) == 0 {
			continue
		}
		need := Need{Key: fmt.Sprintf("need-%d", k), Roles: []string{Desk(k), Supervisor}, Actions: []string{"read"},
			Purposes: []string{Purpose(k)}, Groups: groups}
		if k%2 == 0 {
			need.Actions = []string{"read", "use"}
		}
		w.Needs = append(w.Needs, need)
	}
	return w
}

// Group is the node above a category.
func Group(category string) string {
	group, _, _ := strings.Cut(category, ".")
	return group
}

// Reaches reports whether a need speaks of a purpose and a category.
func (n *Need) Reaches(purpose, category string) bool {
	return (len(n.Purposes) == 0 || slices.Contains(n.Purposes, purpose)) &&
		(len(n.Groups) == 0 || slices.Contains(n.Groups, Group(category)))
}
