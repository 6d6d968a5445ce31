// Package bundle reads policies from signed OPA bundles, for policy/live. The files in them may be Rego, or rules
// for celpolicy: what is signed does not matter to the signature.
//
// The reader's decision is which keys to believe. There is no reading without one, and a key says its algorithm: what a
// token claims about itself is never followed. Public keys are for everybody; a [SharedSecret] can also sign, so every
// service that verifies with it could have written the policy.
//
//	key, err := bundle.PublicKey("release-2026", "ES256", pem)
//	...
//	source, err := bundle.File("/var/lib/service/policy.tar.gz", key) // a tarball
//	...
//	verifier, err := bundle.Verifier(key) // a folder that holds .signatures.json
//	source, err = live.Directory("/etc/policies", verifier)
//
// # What is signed
//
// .signatures.json holds one token, which lists every file with its hash. A file that it does not list, and one that it
// lists and that is missing, is an error: rules that deny cannot be taken away. Structured documents (data.json, data.yaml,
// .manifest) are hashed by OPA without their layout, so it is their canonical JSON form that comes out of here; every
// other file comes out as it is. What comes out hashes to what was signed, byte for byte.
//
// # Revisions
//
// The manifest has a revision, without which policy/live takes nothing. It is either a decimal number from 1, or an instant
// in the form of RFC 3339, which counts as nanoseconds since 1970 in UTC and so is higher than any number that
// people count up. Stay with one form.
//
// # Making one
//
// Write .manifest with {"revision": "17"} beside the rules, and either call [Write] or [Sign], or use the OPA command.
// Run it inside the folder: it puts the folders that it is told of before the names that it signs. It signs hidden files
// too, which no source reads here, so keep them out.
//
//	opa sign --bundle --signing-alg ES256 --signing-key ../key.pem .
//	opa build --bundle --signing-alg ES256 --signing-key ../key.pem --verification-key-id release-2026 \
//		--revision 17 --output ../policy.tar.gz .
//
// The first signs the folder as it is, without naming the key; tar the folder where one file is wanted. The second keeps Rego and data alone; without the id it calls the key "default".
package bundle
