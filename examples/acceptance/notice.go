package acceptance

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

// Notice is one privacy notice with the service that keeps to it.
type Notice struct {
	Prefix     string // of case ids: "FX"
	Service    string // folder under examples
	Folder     string // in it, where register.yaml and policies lie; empty: right there
	Files      fs.FS  // register.yaml and policies
	Vocabulary Vocabulary
	Register   *purpose.Register // nil where Err says why
	Err        error

	shared   map[string]Meaning
	once     sync.Once
	read     purpose.Spec
	policies sync.Map // key of the base documents and the register -> policy.Decider
}

// Notices opens the five services under a folder, the repository's examples. What is wrong with one is in its Err.
func Notices(examples string) []*Notice {
	list := []*Notice{
		{Prefix: "FX", Service: "leasing", Vocabulary: leasing()},
		{Prefix: "DF", Service: "housing", Vocabulary: housing()},
		{Prefix: "AR", Service: "lending", Folder: "notice", Vocabulary: lending()},
		{Prefix: "OP", Service: "businesscredit", Vocabulary: businesscredit()},
		{Prefix: "FO", Service: "creditbureau", Vocabulary: creditbureau()},
	}
	for _, n := range list {
		n.Files = os.DirFS(filepath.Join(examples, n.Service, n.Folder))
		n.shared = sharedMeanings()
		n.Register, n.Err = registerfile.Load(n.Files, "register.yaml")
	}
	return list
}

// spec is what the register says. It is shared by all cases and must not be changed.
func (n *Notice) spec() purpose.Spec {
	n.once.Do(func() { n.read = n.Register.Spec() })
	return n.read
}

// With is the notice under another register.
func (n *Notice) With(reg *purpose.Register) *Notice {
	return &Notice{Prefix: n.Prefix, Service: n.Service, Files: n.Files, Vocabulary: n.Vocabulary, Register: reg, shared: n.shared}
}

// policy loads the notice's policies under a register, with base documents replaced. Policies are of one language.
func (n *Notice) policy(reg *purpose.Register, documents map[string][]byte) (policy.Decider, error) {
	key := reg.Digest()
	for _, name := range keysOf(documents) {
		key += "\n" + name + "\n" + string(documents[name])
	}
	if d, ok := n.policies.Load(key); ok {
		return d.(policy.Decider), nil
	}
	files, err := fs.Sub(n.Files, "policies")
	if err != nil {
		return nil, err
	}
	rego := false
	err = fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, err error) error {
		rego = rego || strings.HasSuffix(name, ".rego")
		return err
	})
	if err != nil {
		return nil, err
	}
	var d policy.Decider
	if rego {
		d, err = regopolicy.Load(reg, n.Service, overlay{files, documents})
	} else if len(documents) > 0 {
		return nil, errors.New("policies in CEL have no base documents")
	} else {
		d, err = celpolicy.Load(reg, n.Service, files)
	}
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	n.policies.Store(key, d)
	return d, nil
}
