package main

import (
	"bytes"
	"io"
	"os"

	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
)

// register is a register and the file that it came from.
type register struct {
	*purpose.Register
	file   string
	places *places
}

// readFile reads a file of bounded size.
func readFile(file string, limit int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1)) // one more: the parser says that it is too large
}

// loadRegister reads a register. What is wrong with it comes as a brokenError.
func loadRegister(file string) (*register, error) {
	text, err := readFile(file, registerfile.MaxSize)
	if err != nil {
		return nil, err
	}
	reg, err := registerfile.Read(file, bytes.NewReader(text))
	if err != nil {
		return nil, broken(file, "", err)
	}
	return &register{reg, file, placesOf(text)}, nil
}

// place gives findings about the register their place in its file.
func (r *register) place(list []check.Finding) {
	for i := range list {
		if f := &list[i]; f.File == "" && f.Path != "" {
			f.File = r.file
			f.Line, f.Column = r.places.of(f.Path)
		}
	}
}
