package purposevet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sync"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

// config is what the flags say, and the registers read so far. Packages are analyzed side by side.
type config struct {
	register, digest string
	declared         bool

	mu        sync.Mutex
	registers map[string]loaded
}

type loaded struct {
	book *book
	err  error
}

// book is a register with what it names beside purposes and categories.
type book struct {
	*purpose.Register
	rules, recipients, facts map[string]bool
}

func newBook(reg *purpose.Register) *book {
	b, spec := &book{reg, map[string]bool{}, map[string]bool{}, map[string]bool{}}, reg.Spec()
	for i := range spec.Retention {
		b.rules[spec.Retention[i].Key] = true
	}
	for i := range spec.Recipients {
		b.recipients[spec.Recipients[i].Key] = true
	}
	for i := range spec.Facts {
		b.facts[spec.Facts[i].Key] = true
	}
	return b
}

// findRegister takes the register of the package's directive, or of the flag. One that cannot be read stops the analysis:
// nothing is held to a register that is not there.
func (p *pass) findRegister(c *config) (err error) {
	path, digest := p.registerPath(), ""
	if path == "" {
		path, digest = c.register, c.digest
	}
	if path != "" {
		p.reg, err = c.load(path, digest)
	}
	return err
}

func (c *config) load(path, digest string) (*book, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.registers[path]
	if !ok {
		l.book, l.err = read(path, digest)
		c.registers[path] = l
	}
	return l.book, l.err
}

func read(path, digest string) (*book, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("purposevet: register: %w", err)
	}
	if sum := sha256.Sum256(data); digest != "" && hex.EncodeToString(sum[:]) != digest {
		return nil, fmt.Errorf("purposevet: register: %s is not the file that -digest names", path)
	}
	reg, err := registerfile.Read(path, bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("purposevet: register: %w", err)
	}
	return newBook(reg), nil
}
