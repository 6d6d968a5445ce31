package celpolicy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// digest is the hash of what the rules say, whatever their order and layout.
func digest(register *purpose.Register, rules []Rule) string {
	canonical := make([]map[string]any, len(rules))
	for i := range rules {
		r := &rules[i]
		m := map[string]any{"id": r.ID, "effect": r.Effect.String(), "when": strings.TrimSpace(r.When)}
		if r.Effect == policy.EffectRedact {
			m["mask"] = r.Mask.String()
		}
		actions := make([]string, len(r.Actions))
		for j, a := range r.Actions {
			actions[j] = a.String()
		}
		for key, list := range map[string][]string{"actions": actions, "roles": r.Roles, "except_roles": r.ExceptRoles, "tasks": r.Tasks,
			"purposes": r.Purposes, "categories": r.Categories, "recipients": r.Recipients, "obligations": r.Obligations} {
			if len(list) > 0 {
				m[key] = slices.Sorted(slices.Values(list))
			}
		}
		canonical[i] = m
	}
	slices.SortFunc(canonical, func(a, b map[string]any) int { return strings.Compare(a["id"].(string), b["id"].(string)) })
	text, err := json.Marshal(canonical)
	if err != nil {
		panic("celpolicy: checked rules have no canonical form: " + err.Error()) // texts and lists of texts always have
	}
	sum := sha256.Sum256(append([]byte("celpolicy 1\n"+register.Digest()+"\n"), text...))
	return "sha256:" + hex.EncodeToString(sum[:])
}
