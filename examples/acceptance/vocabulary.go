package acceptance

// Meaning says what a stated key means in the words of the library, by what it does to the world. An error says that
// the value makes no sense, and is reported with the case.
type Meaning func(w *World, key string, v any) error

// Vocabulary translates the words of one notice's cases into those of its register. What it leaves out has the
// meaning that World.mean describes; an empty Vocabulary is a good start.
type Vocabulary struct {
	// Fields gives the categories of a case field, leaves of the register. A compound field has several and is permitted
	// where all are. "field:class" is the field with a stated class, "field@about" the field about somebody else. Default:
	// the one category whose last word is the field, '_' and '-' being alike.
	Fields map[string][]string
	// Arrives gives the events that bring a person into a capacity that nothing else given explains, in order. Default:
	// the first event of the register that gives the capacity.
	Arrives map[string][]string
	// Events gives the register's events for an event of a case. Default: the one of the same key.
	Events map[string][]string
	// Scopes gives the register's consent scope. Default: the same key, ':' being '.'.
	Scopes map[string]string
	// Restrictions gives the reason of a restriction. Default: the same, '_' being '-'.
	Restrictions map[string]string
	// Sources, Recipients, Statutes, Datasets and Parties translate keys; default: the same key, for datasets what
	// follows "dataset:". Parties are organisations that stand for a recipient of the register.
	Sources    map[string]string
	Recipients map[string]string
	Statutes   map[string]string
	Datasets   map[string]string
	Parties    map[string]string
	// Controllers gives a meaning to an organisation that a request names as controller.
	Controllers map[string]Meaning
	// Person is the source "the person", Party the recipient that an organisation is which nothing names, Dataset the
	// one of requests that name none.
	Person  string
	Party   string
	Dataset string
	// FieldSources gives the source of fields of which a case says no other, where they are collected.
	FieldSources map[string]string
	// FieldDatasets gives the dataset of fields of which a case says no other.
	FieldDatasets map[string]string
	// Claims are the purposes for which restricted data may be used when a legal claim is pending (GDPR Art. 18(2)).
	Claims []string
	// Dated gives the event that a dated field records.
	Dated map[string]string
	// ProveIdentity: a request of which nothing says that the person was identified comes from somebody unknown.
	ProveIdentity bool
	// Judged are criterion rules that stand answered where a case says nothing.
	Judged map[string]bool
	// Collected are the events that say when the data was collected, for rules that count from that.
	Collected []string
	// Finish may say what a case leaves out, after its facts and its request were read.
	Finish func(w *World)
	// Facts gives a meaning to a fact, to a key of the request or to a key of a datum.
	Facts map[string]Meaning
	// Defaults are facts that a case leaves out and that are stated all the same, where the register declares them.
	Defaults map[string]any
	// Loads gives a meaning to a fact of a case that loads a policy or registers an activity.
	Loads map[string]Meaning
	// Reasons gives the code, or "code parameter", of a reason.
	Reasons map[string]string
}

// Default facts of section 7.1 of the inventory: stated where the register declares them and a case does not.
var defaults = map[string]any{
	"actor_assigned_to_case":    true,
	"actor_instructed":          true,
	"actor_function_authorised": true,
	"compelling_grounds":        false,
	"statutory_conditions_met":  false,
	"in_default":                false,
	"payment_late":              false,
	"entry_needed":              false,
	"legal_claim_pending":       false,
	"legal_form":                "natural_person",
}
