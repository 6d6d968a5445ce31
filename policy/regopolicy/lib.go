package regopolicy

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed lib/field.rego lib/hours.rego lib/incident.rego lib/need.rego lib/recipient.rego lib/review.rego
var library embed.FS

// libraryPackage is the package of the shipped library. No other module may be in it.
const libraryPackage = "purposebound.lib"

// libraryRoot is where problems place the modules of the library.
const libraryRoot = "purposebound.lib/"

// Library is the shipped Rego library, package purposebound.lib: write it beside your policies for the tools of OPA.
// Load knows it without, and takes no copy that differs.
func Library() fs.FS {
	lib, err := fs.Sub(library, "lib")
	if err != nil {
		return embed.FS{} // cannot be: "lib" is a valid path
	}
	return lib
}

// libraryModules are the modules of the library.
func libraryModules() (list []source) {
	var problems Problems
	all := readAll(Library(), &problems)
	for _, m := range all.modules {
		list = append(list, source{libraryRoot + m.name, m.text})
	}
	return list
}

// shipped reports whether text is a module of the library, byte by byte.
func shipped(lib []source, text []byte) bool {
	for _, m := range lib {
		if string(m.text) == string(text) {
			return true
		}
	}
	return false
}

// inLibrary reports whether a file is one of the library.
func inLibrary(file string) bool { return strings.HasPrefix(file, libraryRoot) }
