// Package notice is what a lender's services share: its privacy notice as a register, and the rules of its security team.
package notice

import (
	"embed"
	"io/fs"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/live"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

//go:embed register.yaml policies
var files embed.FS

const folder = "policies"

// Register loads the register.
func Register() (*purpose.Register, error) {
	return registerfile.Load(files, "register.yaml")
}

// Policies loads the rules, bound to the register.
func Policies(register *purpose.Register) (*celpolicy.Policy, error) {
	dir, err := fs.Sub(files, folder)
	if err != nil {
		return nil, err
	}
	return celpolicy.Load(register, "lending", dir)
}

// Source is where a service finds the rules that looks for newer ones.
func Source() live.Source { return live.Embedded(files, folder) }

// Loader binds rules to the register.
func Loader(register *purpose.Register) live.Loader {
	return func(dir fs.FS) (policy.Decider, error) { return celpolicy.Load(register, "lending", dir) }
}
