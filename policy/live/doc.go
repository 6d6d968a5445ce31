// Package live keeps a policy up to date while a service runs.
//
// The reader's decision is where the rules come from, and whom to believe. Rules that are compiled into the program
// ([Embedded]) change with the program and need no key. Rules that come from anywhere else can be put there by
// somebody else, so they need a signature and a revision: a [Directory] takes a [Verifier], a signed tarball comes from
// policy/regopolicy/bundle, which also makes verifiers. A snapshot without a signer is refused, whatever its source.
//
//	source, err := live.Directory("/etc/policies", verifier)
//	...
//	rules, err := live.Open(ctx, "need-to-know", source,
//		func(files fs.FS) (policy.Decider, error) { return celpolicy.Load(register, "need-to-know", files) },
//		trail, live.WithSelfTest(tables), live.WithRevisionStore(live.RevisionFile("/var/lib/service/policy.revision")))
//	...
//	go rules.Run(ctx)
//	guard, err := policy.NewGuard(register, ledger, trail, rules)
//
// # What a change has to pass
//
// Everything is read into memory once, and those bytes are verified, numbered, compiled and tested: nothing is read
// again in between. Then the revision is stored, policy.changed is recorded durably, and only then one pointer is
// swapped. A decision uses the generation that it met, to its end, and its verdict names that generation's digest.
//
// Whatever goes wrong before the swap leaves the old generation in force: a reader that fails or hangs, a bad signature,
// an old revision, rules that do not compile, a panic, a failed self-test, a trail that does not record. It is recorded
// as policy.changed with the outcome failed and a [Reason], once for each content and reason, and [Policy.Health] says so
// until it is over. The digest of a failed change is that of the content that was refused, or [NoDigest] where there
// was none; the digest of a change that is done is the policy's, as decisions name it.
//
// # Revisions
//
// Signatures do not expire, so an old policy that was signed once can be put back by whoever can write to the source. A
// revision lower than the highest that was ever in force is refused, and so is the same revision with other content. A
// [RevisionStore] keeps the highest across restarts; without one, a restart forgets it. To go back, sign the old
// rules under a new revision.
package live
