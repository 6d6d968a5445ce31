// Package notice is what a lender's services share: its privacy notice as a register, and the rules of its security team.
package notice

import (
	"embed"
	"io/fs"

	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

//go:embed register.yaml policies
var files embed.FS

// Register loads the register.
func Register() (*purpose.Register, error) {
	return registerfile.Load(files, "register.yaml")
}

// Policies loads the rules, bound to the register.
func Policies(register *purpose.Register) (*celpolicy.Policy, error) {
	dir, err := fs.Sub(files, "policies")
	if err != nil {
		return nil, err
	}
	return celpolicy.Load(register, "lending", dir)
}
