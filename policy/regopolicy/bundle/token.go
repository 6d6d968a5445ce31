package bundle

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"

	opabundle "github.com/open-policy-agent/opa/v1/bundle"

	"github.com/purposebound/purposebound/policy/live"
)

// maxToken is the longest .signatures.json, in bytes.
const maxToken = 1 << 20

var (
	errForm      = errors.New("this is not one OPA bundle signature")
	errHeader    = errors.New("the token's header is not understood")
	errKey       = errors.New("the token names no key that is trusted")
	errAlgorithm = errors.New("the token is signed with another algorithm than the key is for")
	errHolds     = errors.New("the signature does not hold")
	errDates     = errors.New("the token has dates of validity, which are not supported: revisions take their place")
	errList      = errors.New("the list of signed files is not understood")
)

// readToken takes the token out of .signatures.json. Verifiers that the program registered with OPA under other
// names are not asked.
func readToken(text []byte) (string, error) {
	var config struct {
		Signatures []string `json:"signatures"`
		Plugin     string   `json:"plugin"`
	}
	if len(text) > maxToken {
		return "", errForm
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&config); err != nil {
		return "", errForm
	}
	if _, err := dec.Token(); err != io.EOF {
		return "", errForm
	}
	if len(config.Signatures) != 1 || config.Plugin != "" && config.Plugin != "_default" {
		return "", errForm
	}
	return config.Signatures[0], nil
}

// pick chooses the keys that a token is checked with, before anything in the token is believed: the one that it names, or
// all that are for its algorithm if it names none.
func (v *verifier) pick(token string) ([]Key, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errForm
	}
	header, err := object(parts[0])
	if err != nil {
		return nil, errHeader
	}
	for name := range header {
		switch name {
		case "alg", "kid", "typ", "cty":
		default:
			return nil, errHeader // crit, b64, jwk, x5u: nothing here follows them
		}
	}
	payload, err := object(parts[1])
	if err != nil {
		return nil, errForm
	}
	id, err := textOf(header, "kid")
	if err != nil {
		return nil, errHeader
	}
	old, err := textOf(payload, "keyid")
	if err != nil {
		return nil, errForm
	}
	switch {
	case id == "":
		id = old
	case old != "" && old != id:
		return nil, errKey
	}
	alg, err := textOf(header, "alg")
	if err != nil {
		return nil, errAlgorithm
	}
	var keys []Key
	for _, key := range v.keys {
		if id == "" && key.algorithm == alg || id == key.id {
			keys = append(keys, key)
		}
	}
	switch {
	case len(keys) == 0:
		return nil, errKey
	case keys[0].algorithm != alg:
		return nil, errAlgorithm
	}
	for _, date := range []string{"exp", "nbf"} {
		if _, has := payload[date]; has {
			return nil, errDates
		}
	}
	return keys, nil
}

// listed returns the files that a token lists, and the key that its signature was checked with.
func (v *verifier) listed(token string) (map[string]opabundle.FileInfo, Key, error) {
	keys, err := v.pick(token)
	if err != nil {
		return nil, Key{}, err
	}
	for _, key := range keys {
		files, e := signed(token, key)
		if e == nil {
			return files, key, nil
		}
		err = e
	}
	return nil, Key{}, err
}

// signed returns the files that a token lists, once its signature has been checked.
func signed(token string, key Key) (map[string]opabundle.FileInfo, error) {
	config := opabundle.NewVerificationConfig(map[string]*opabundle.KeyConfig{key.id: key.config()}, key.id, key.scope, nil)
	files, err := new(opabundle.DefaultVerifier).VerifyBundleSignature(opabundle.SignaturesConfig{Signatures: []string{token}}, config)
	if err != nil {
		return nil, errHolds
	}
	payload, err := object(strings.Split(token, ".")[1])
	if err != nil {
		return nil, errForm
	}
	var list []json.RawMessage
	if err := json.Unmarshal(payload["files"], &list); err != nil || len(list) != len(files) {
		return nil, errList // a name stands twice
	}
	for name := range files {
		if live.CheckName(name) != nil {
			return nil, errList
		}
	}
	return files, nil
}

// object decodes a part of a token. Names count as they are written; encoding/json is lenient about case in structs.
func object(part string) (map[string]json.RawMessage, error) {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errForm
	}
	return m, nil
}

func textOf(m map[string]json.RawMessage, name string) (s string, err error) {
	raw, has := m[name]
	if has {
		err = json.Unmarshal(raw, &s)
	}
	return s, err
}
