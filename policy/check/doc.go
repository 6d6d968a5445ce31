// Package check holds policies against the register that they refine, before anybody asks for anything.
//
// The decision to make first is what shall stop a build. Findings come in three severities: an Error says that something
// is broken, a Warning that a rule, a purpose, a recipient or a category is dead under these policies, which is most often a
// misspelt selector or a forgotten rule, and a Note tells what a reader should know and is nobody's mistake: assumptions
// of the register, and single combinations that the register allows and no policy ever permits, for policies are meant to narrow.
//
//	assumed            note     the register assumes something, with its reason and clause
//	register.<code>    warning  other advice about the register: what nothing uses, what a lock keeps closed; a note where
//	                            a fact may be a policy's and where counsel has the last word
//	rule.never         warning  no activity of the register covers what the rule selects
//	activity.never     warning  no policy ever permits anything of the activity
//	purpose.never      warning  no policy ever permits anything of the activity for the purpose
//	recipient.never    warning  no policy ever lets the recipient have anything of the activity
//	category.never     warning  nobody can ever see the category for the activity
//	field.never        note     the register allows the combination, and no policy ever permits it
//	policy.unlisted    note     a policy does not list its rules: nothing is said of them
//	policy.unforeseen  note     a policy cannot say what it could do: nothing is said of what is never permitted
//	policy.failed      error    a policy could not answer, or there is none where one was given
//	check.stopped      error    the context ended, or there is no register
//
// Policies are asked through [policy.Foreseeing] with every combination of action, purpose, recipient, country and
// categories that the activities make. Locks, prohibitions without exception and instructions of agreements are
// accounted for: what they close needs no rule. Who asks, when, and with which facts is left open, so that a finding never
// depends on them. Findings hold keys of the register and ids of rules, and their order is always the same.
package check
