package world

// Call is one question put to one contender, ready to run. It is for one goroutine.
type Call interface {
	// Run decides. It is what is timed; all that can be prepared for a question was.
	Run() error
	// Answer is what the last Run decided.
	Answer() Answer
}

// Loaded is a contender that holds a world. It is safe for concurrent use.
type Loaded interface {
	Ask(q Question) (Call, error)
}

// Contender makes the decision in one way.
type Contender struct {
	Key    string // "opa.best"
	Family string // "OPA"
	Name   string
	// Bare: the answer has no reasons but permit and not.
	Bare bool
	// Floor: the least that an evaluation costs. It decides something else and is not compared.
	Floor bool
	// Outside: the engine hands the question on to Go, which decides.
	Outside bool
	// First: only questions about the first record are put to it.
	First bool
	// Most is the largest register that it is given; 0: any. Why says why.
	Most int
	Why  string
	Load func(w *World) (Loaded, error)
}
