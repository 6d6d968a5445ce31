package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/purpose"
)

// source is a policy that is yet to be loaded.
type source struct {
	name, dir, engine string
	files             fs.FS
}

// Engines.
const (
	engineCEL  = "cel"
	engineRego = "rego"
)

// loaded is a policy, with where it came from.
type loaded struct {
	source
	policy.Decider
}

// sources finds the policies in directories.
func sources(dirs []directory) (list []source, err error) {
	taken := map[string]bool{}
	for _, d := range dirs {
		name, dir := d.name, d.path
		cel, rego, err := engines(os.DirFS(dir))
		switch {
		case err != nil:
			return nil, err
		case !cel && !rego:
			return nil, fmt.Errorf("%s: no policy: neither *.yaml nor *.rego files", dir)
		case name == "":
			name = nameOf(dir)
		}
		add := func(name, engine string, files fs.FS) {
			unique := name
			for n := 2; taken[unique]; n++ {
				unique = name + "-" + strconv.Itoa(n)
			}
			taken[unique] = true
			list = append(list, source{unique, dir, engine, files})
		}
		if cel && rego {
			add(name+".cel", engineCEL, withoutData{os.DirFS(dir)})
			add(name+".rego", engineRego, os.DirFS(dir))
		} else if cel {
			add(name, engineCEL, os.DirFS(dir))
		} else {
			add(name, engineRego, os.DirFS(dir))
		}
	}
	return list, nil
}

// nameOf makes a policy's name of its directory.
func nameOf(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(filepath.Base(dir))), "-")
	if !purpose.ValidKey(name) {
		return "policy"
	}
	return name
}

// engines says which engines' files are below a directory, as the loaders look for them. The data documents of
// Rego are no rules beside Rego.
func engines(files fs.FS) (cel, rego bool, err error) {
	data := false
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case len(base) > 1 && base[0] == '.':
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir():
		case path.Ext(base) == ".rego":
			rego = true
		case isData(base):
			data = true
		case path.Ext(base) == ".yaml" || path.Ext(base) == ".yml":
			cel = true
		}
		return nil
	})
	return cel || data && !rego, rego, err
}

func isData(base string) bool { return base == "data.yaml" || base == "data.yml" }

// withoutData hides Rego's data documents from the loader of rules.
type withoutData struct{ fs.FS }

// ReadDir lists a directory.
func (w withoutData) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(w.FS, name)
	kept := list[:0]
	for _, d := range list {
		if !isData(d.Name()) {
			kept = append(kept, d)
		}
	}
	return kept, err
}

// load checks a policy against a register. What is wrong with it comes as a brokenError.
func (s source) load(reg *purpose.Register) (*loaded, error) {
	var d policy.Decider
	var err error
	if s.engine == engineCEL {
		d, err = celpolicy.Load(reg, s.name, s.files)
	} else {
		d, err = regopolicy.Load(reg, s.name, s.files)
	}
	if err != nil {
		return nil, broken(s.dir, s.dir, err)
	}
	return &loaded{s, d}, nil
}

// loadAll loads every policy; the error lists what is wrong with any.
func loadAll(reg *purpose.Register, list []source) (all []*loaded, err error) {
	wrong := &brokenError{what: "policies"}
	for _, s := range list {
		p, err := s.load(reg)
		if b, ok := err.(*brokenError); ok {
			wrong.findings = append(wrong.findings, b.findings...)
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if len(wrong.findings) > 0 {
		return nil, wrong
	}
	return all, nil
}

// deciders are the policies in the form that guards and checks take. The wrapped ones can do more.
func deciders(all []*loaded) []policy.Decider {
	list := make([]policy.Decider, len(all))
	for i, p := range all {
		list[i] = p.Decider
	}
	return list
}
