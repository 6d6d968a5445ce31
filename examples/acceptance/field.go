package acceptance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// leaves are the leaf categories at or below nodes.
func (w *World) leaves(nodes []string) (list []string) {
	for _, c := range w.Spec.Categories {
		leaf := !slices.ContainsFunc(w.Spec.Categories, func(d purpose.Category) bool { return strings.HasPrefix(d.Key, c.Key+".") })
		if leaf && slices.ContainsFunc(nodes, func(n string) bool { return c.Key == n || strings.HasPrefix(c.Key, n+".") }) {
			list = append(list, c.Key)
		}
	}
	return list
}

// categories are those of a field of the case.
func (w *World) categories(field string) ([]string, error) {
	voc := &w.Notice.Vocabulary
	d := w.Data[field]
	if a := d.Text("about"); a != "" {
		if list, ok := voc.Fields[field+"@"+a]; ok {
			return list, nil
		}
	}
	class := d.Text("class")
	if class != "" {
		if list, ok := voc.Fields[field+":"+class]; ok {
			return list, nil
		}
	}
	list, ok := voc.Fields[field]
	if !ok {
		if slices.Contains(w.leaves([]string{field}), field) {
			return []string{field}, nil // asked for by the register's key
		}
		for _, c := range w.Spec.Categories {
			if last := c.Key[strings.LastIndexByte(c.Key, '.')+1:]; strings.ReplaceAll(last, "-", "_") == strings.ReplaceAll(field, "-", "_") {
				list = append(list, c.Key)
			}
		}
		if same := slices.DeleteFunc(slices.Clone(list), func(c string) bool { return w.class(c) != classOf(class) }); len(list) > 1 && len(same) > 0 {
			list = same
		}
		if len(list) > 1 {
			return nil, fmt.Errorf("several categories: %s", strings.Join(list, ", "))
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no category")
	}
	if c := classOf(class); c == purpose.Special || c == purpose.Criminal || c == purpose.Confidential { // it has to be filed as what it is
		for _, key := range list {
			if w.class(key) != c {
				return nil, fmt.Errorf("no category of class %s", c)
			}
		}
	}
	return list, nil
}

// class is the class of a category of the case's register.
func (w *World) class(key string) purpose.Class {
	for ; key != ""; key = purpose.Parent(key) {
		i := slices.IndexFunc(w.Spec.Categories, func(c purpose.Category) bool { return c.Key == key })
		if i >= 0 && w.Spec.Categories[i].Class != 0 {
			return w.Spec.Categories[i].Class
		}
	}
	return purpose.Ordinary
}

// classOf is a class by the word of the cases; zero for none.
func classOf(s string) (c purpose.Class) {
	switch s {
	case "special_category":
		return purpose.Special
	case "national_id":
		return purpose.NationalID
	case "third_party":
		return purpose.ThirdParty
	}
	if c.UnmarshalText([]byte(s)) != nil {
		return 0
	}
	return c
}
