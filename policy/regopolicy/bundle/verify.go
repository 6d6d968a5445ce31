package bundle

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"path"
	"slices"

	opabundle "github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/purposebound/purposebound/policy/live"
)

// Verifier checks files against the .signatures.json among them. It needs a key; several stand for a change of keys.
func Verifier(keys ...Key) (live.Verifier, error) {
	if len(keys) == 0 {
		return nil, errors.New("bundle: verifying needs a key")
	}
	seen := map[string]bool{}
	for _, k := range keys {
		if k.id == "" {
			return nil, errors.New("bundle: a key is empty: PublicKey and SharedSecret make them")
		}
		if seen[k.id] {
			return nil, fmt.Errorf("bundle: two keys are called %q", k.id)
		}
		seen[k.id] = true
	}
	return &verifier{slices.Clone(keys)}, nil
}

type verifier struct{ keys []Key }

// hashes that are good enough: OPA knows MD5 and SHA-1 too.
var hashes = map[string]func() hash.Hash{
	"SHA-256": sha256.New, "SHA-384": sha512.New384, "SHA-512": sha512.New, "SHA-512-256": sha512.New512_256,
}

// Verify implements [live.Verifier].
func (v *verifier) Verify(files *live.Files) (s live.Snapshot, err error) {
	defer func() {
		if recover() != nil { // in what reads tokens and YAML
			s, err = live.Snapshot{}, &live.Error{Reason: live.ReasonPanic}
		}
	}()
	contents := files.Contents()
	text, has := contents[live.SignatureFile]
	if !has {
		return live.Snapshot{}, &live.Error{Reason: live.ReasonUnsigned}
	}
	delete(contents, live.SignatureFile)
	token, err := readToken(text)
	if err != nil {
		return live.Snapshot{}, bad(live.SignatureFile, err)
	}
	listed, key, err := v.listed(token)
	if err != nil {
		return live.Snapshot{}, bad(live.SignatureFile, err)
	}
	for name, data := range contents {
		if contents[name], err = check(name, data, listed); err != nil {
			return live.Snapshot{}, err
		}
	}
	for name := range listed {
		if _, there := contents[name]; !there {
			return live.Snapshot{}, bad(name, errors.New("this file is signed, and missing"))
		}
	}
	revision, err := revisionOf(contents[live.ManifestFile])
	if err != nil {
		return live.Snapshot{}, err
	}
	verified, err := live.NewFiles(contents)
	return live.Snapshot{Files: verified, Revision: revision, Signer: key.id}, err
}

func bad(place string, err error) error {
	return &live.Error{Reason: live.ReasonSignature, Place: place, Err: err}
}

// check returns what the hash of a file stands for.
func check(name string, data []byte, listed map[string]opabundle.FileInfo) ([]byte, error) {
	if err := kind(name); err != nil {
		return nil, &live.Error{Reason: live.ReasonFiles, Place: name, Err: err}
	}
	info, has := listed[name]
	if !has {
		return nil, bad(name, errors.New("this file is not signed"))
	}
	newHash := hashes[info.Algorithm]
	if newHash == nil {
		return nil, bad(name, errors.New("the hash of this file is of no kind that is accepted"))
	}
	data, err := canonical(name, data)
	if err != nil {
		return nil, bad(name, err)
	}
	sum := newHash()
	sum.Write(data)
	if want, err := hex.DecodeString(info.Hash); err != nil || !bytes.Equal(want, sum.Sum(nil)) {
		return nil, bad(name, errors.New("this file is not the one that was signed"))
	}
	return data, nil
}

// kind refuses what OPA would read as policy, manifest or signature and nothing here does.
func kind(name string) error {
	switch base := path.Base(name); {
	case base == opabundle.ManifestProtoExt, base == opabundle.WasmFile, base == opabundle.PlanFile, base == opabundle.PlanProtoFile:
		return errors.New("compiled bundles and those with a binary manifest are not supported")
	case base == "patch.json":
		return errors.New("delta bundles are not supported")
	case (base == live.ManifestFile || base == live.SignatureFile) && base != name:
		return errors.New("this file belongs at the top")
	}
	return nil
}

// maxYAML is the longest document that is parsed for its hash though it is not JSON, in bytes.
const maxYAML = 1 << 20

// canonical is what OPA hashes: a structured document as JSON with its keys in order and without spaces, other files
// as they are.
func canonical(name string, data []byte) ([]byte, error) {
	if !opabundle.IsStructuredDoc(name) {
		return data, nil
	}
	if opabundle.IsYAMLDataFile(name) {
		if len(data) > maxYAML {
			return nil, fmt.Errorf("the document is longer than %d bytes", maxYAML)
		}
	} else if !json.Valid(data) {
		return nil, errors.New("this is no JSON document")
	}
	var value any
	if err := util.Unmarshal(data, &value); err != nil {
		return nil, errors.New("the document cannot be read")
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, errors.New("the document has no JSON form")
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
