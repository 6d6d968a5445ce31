package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	opabundle "github.com/open-policy-agent/opa/v1/bundle"

	"github.com/purposebound/purposebound/policy/live"
)

// SigningKey makes signatures that the [Key] of the same id and algorithm accepts. Secrets and scopes are left to the
// OPA command.
type SigningKey struct {
	ID        string
	Algorithm string // as for [PublicKey]
	PEM       []byte // PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY
}

// Sign returns the .signatures.json for files, which need a manifest with a revision. It reads what a directory
// source reads: names that begin with a dot are left out, and so is an older signature.
func Sign(files fs.FS, key SigningKey) ([]byte, error) {
	contents, err := toSign(files)
	if err != nil {
		return nil, err
	}
	return sign(contents, key)
}

// Write signs files and writes them as a tarball, without an older signature.
func Write(w io.Writer, files fs.FS, key SigningKey) error {
	contents, err := toSign(files)
	if err != nil {
		return err
	}
	if contents[live.SignatureFile], err = sign(contents, key); err != nil {
		return err
	}
	return pack(w, contents)
}

func toSign(files fs.FS) (map[string][]byte, error) {
	all, err := live.ReadFiles(files)
	if err != nil {
		return nil, err
	}
	contents := all.Contents()
	delete(contents, live.SignatureFile)
	if _, err := revisionOf(contents[live.ManifestFile]); err != nil {
		return nil, err
	}
	return contents, nil
}

func sign(contents map[string][]byte, key SigningKey) ([]byte, error) {
	if err := checkID(key.ID); err != nil {
		return nil, err
	}
	if !slices.Contains(publicAlgorithms, key.Algorithm) {
		return nil, fmt.Errorf("bundle: the algorithm is not one of %s", strings.Join(publicAlgorithms, ", "))
	}
	block, _ := pem.Decode(key.PEM)
	if block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return nil, errors.New("bundle: the signing key is no private key in PEM form")
	}
	const algorithm = "SHA-256"
	var list []opabundle.FileInfo
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		if err := kind(name); err != nil {
			return nil, &live.Error{Reason: live.ReasonFiles, Place: name, Err: err}
		}
		data, err := canonical(name, contents[name])
		if err != nil {
			return nil, bad(name, err)
		}
		sum := hashes[algorithm]()
		sum.Write(data)
		list = append(list, opabundle.NewFile(name, hex.EncodeToString(sum.Sum(nil)), algorithm))
	}
	config := opabundle.NewSigningConfig(string(pem.EncodeToMemory(block)), key.Algorithm, "")
	token, err := opabundle.GenerateSignedToken(list, config, key.ID)
	if err != nil {
		return nil, errors.New("bundle: the key cannot sign with this algorithm")
	}
	return json.Marshal(opabundle.SignaturesConfig{Signatures: []string{token}})
}

// pack writes the same bytes for the same files.
func pack(w io.Writer, contents map[string][]byte) error {
	zip := gzip.NewWriter(w)
	archive := tar.NewWriter(zip)
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		data := contents[name]
		err := archive.WriteHeader(&tar.Header{Name: "/" + name, Typeflag: tar.TypeReg, Mode: 0o444, Size: int64(len(data))})
		if err != nil {
			return err
		}
		if _, err := io.Copy(archive, bytes.NewReader(data)); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), zip.Close())
}
