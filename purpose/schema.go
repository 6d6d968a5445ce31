package purpose

import "fmt"

// SchemaField is one field of a Schema.
type SchemaField struct {
	Name string
	Tags Tags
}

// Schema says of maps, rows, documents and messages what struct tags say of structs.
type Schema struct {
	Name   string
	Fields []SchemaField
}

// BindSchema makes the Plan of a schema.
func (r *Register) BindSchema(s Schema) (*Plan, error) {
	if r == nil || s.Name == "" {
		return nil, fmt.Errorf("%w: no register, or a schema without a name", ErrInvalid)
	}
	b := &binder{r: r, plan: &Plan{Register: r, Name: s.Name, People: []Person{{}}}}
	seen := make(map[string]bool, len(s.Fields))
	for i := range s.Fields {
		f := &s.Fields[i]
		switch {
		case b.full():
			return b.finish()
		case f.Name == "":
			b.fail(fmt.Sprintf("[%d]", i), 0, "a field needs a name")
		case seen[f.Name]:
			b.fail(f.Name, 0, "declared twice")
		default:
			seen[f.Name] = true
			if err := f.Tags.check(); err != nil {
				b.refuse(f.Name, err)
			} else {
				b.field(f.Name, f.Tags, 0, nil)
			}
		}
	}
	return b.finish()
}
