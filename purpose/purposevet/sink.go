package purposevet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// sinks are the arguments that a call gives away, from an index on.
func (p *pass) sinks(call *ast.CallExpr) []Sink {
	switch fn := typeutil.Callee(p.TypesInfo, call).(type) {
	case *types.Builtin:
		if fn.Name() == "panic" { // whoever recovers prints it: net/http does
			return []Sink{{0, Prints, "panic"}}
		}
	case *types.Func:
		if from, kind := knownSink(fn); kind != 0 {
			return []Sink{{from, kind, funcName(fn)}}
		}
		return p.summaryOf(fn).Sinks
	}
	return nil
}

// knownSink says from which argument on a function gives away what it is given; the kind is zero if it does not.
func knownSink(fn *types.Func) (from int, kind Kind) {
	if fn.Pkg() == nil {
		return 0, 0
	}
	name, method := fn.Name(), fn.Signature().Recv() != nil
	starts := func(prefixes ...string) bool {
		for _, x := range prefixes {
			if strings.HasPrefix(name, x) {
				return true
			}
		}
		return false
	}
	is := func(k Kind, at int, yes bool) (int, Kind) {
		if yes {
			return at, k
		}
		return 0, 0
	}
	switch path := strip(fn.Pkg().Path()); path {
	case "fmt":
		if starts("Fprint", "Append") {
			return 1, Prints
		}
		return is(Prints, 0, starts("Print", "Sprint", "Errorf"))
	case "log":
		return is(Prints, 0, starts("Print", "Fatal", "Panic"))
	case "testing":
		return is(Prints, 0, method && starts("Log", "Error", "Fatal", "Skip") && !starts("Skipped"))
	case "log/slog":
		if strings.HasSuffix(name, "Context") || starts("Log") && name != "LogValue" {
			return 1, Logs
		}
		return is(Logs, 0, name == "Debug" || name == "Info" || name == "Warn" || name == "Error" || name == "With" || name == "Any" ||
			name == "AnyValue" || name == "Group" || name == "Add")
	case "encoding/json", "encoding/json/v2":
		if starts("MarshalWrite", "MarshalEncode") {
			return 1, JSON
		}
		return is(JSON, 0, name == "Marshal" || name == "MarshalIndent" || name == "Encode")
	case "encoding/xml":
		return is(XML, 0, name == "Marshal" || name == "MarshalIndent" || name == "Encode" || name == "EncodeElement")
	case "encoding/gob":
		return is(Gob, 0, name == "Encode")
	case "text/template", "html/template":
		return is(Fills, 1, name == "Execute" || name == "ExecuteTemplate")
	case "go.yaml.in/yaml/v2", "go.yaml.in/yaml/v3", "go.yaml.in/yaml/v4", "gopkg.in/yaml.v2", "gopkg.in/yaml.v3":
		return is(YAML, 0, name == "Marshal" || name == "Encode")
	case "github.com/stretchr/testify/assert", "github.com/stretchr/testify/require":
		if method {
			return is(Prints, 0, fn.Exported() && !starts("Implements", "IsType", "IsNotType"))
		}
		return is(Prints, 1, fn.Exported() && takesT(fn) && !starts("Implements", "IsType", "IsNotType"))
	case "github.com/davecgh/go-spew/spew":
		return is(Dumps, 0, starts("Dump", "Print", "Sdump", "Sprint", "Errorf", "Fdump", "Fprint"))
	case "github.com/sirupsen/logrus":
		return is(Logs, 0, starts("WithField"))
	case "go.uber.org/zap":
		return is(Logs, 0, name == "Any" || name == "Reflect" || method && recvName(fn) == "SugaredLogger")
	case "github.com/rs/zerolog":
		return is(Logs, 0, method && (name == "Interface" || name == "Any" || name == "Fields"))
	case "github.com/jinzhu/copier", "github.com/mitchellh/mapstructure", "github.com/go-viper/mapstructure/v2":
		return is(Copies, 0, name == "Copy" || name == "CopyWithOption" || starts("Decode", "WeakDecode"))
	}
	return 0, 0
}

// takesT reports whether the first parameter is what a test is.
func takesT(fn *types.Func) bool {
	params := fn.Signature().Params()
	if params.Len() == 0 {
		return false
	}
	_, name := named(params.At(0).Type())
	return name == "TestingT"
}

func recvName(fn *types.Func) string {
	if r := fn.Signature().Recv(); r != nil {
		_, name := named(deref(r.Type()))
		return name
	}
	return ""
}

// funcName is how a program calls a function: "json.Marshal", "json.Encoder.Encode".
func funcName(fn *types.Func) string {
	name := fn.Name()
	if r := recvName(fn); r != "" {
		name = r + "." + name
	}
	if fn.Pkg() != nil {
		name = fn.Pkg().Name() + "." + name
	}
	return name
}

// given are the arguments that a sink of a call takes, each with how it goes.
func (p *pass) given(call *ast.CallExpr, s Sink, visit func(ast.Expr, Kind)) {
	if s.Param == receiver || s.Param > len(call.Args) {
		return
	}
	rest := call.Args[s.Param:]
	var kinds []Kind
	if fn := p.callee(call); fn != nil {
		if _, known := knownSink(fn); known == 0 { // a helper: one parameter, unless variadic
			rest = args(call, fn, s.Param)
		} else if i := formatOf(fn); i >= 0 && i < len(call.Args) && !call.Ellipsis.IsValid() {
			if v := p.TypesInfo.Types[call.Args[i]].Value; v != nil && v.Kind() == constant.String {
				rest = call.Args[i+1:]
				kinds = verbs(constant.StringVal(v), len(rest))
			}
		}
	}
	for i, e := range rest {
		kind := s.Kind
		if kinds != nil {
			kind = kinds[i]
		}
		if kind != 0 {
			visit(e, kind)
		}
	}
}

// formatOf is the index of the format of a function of packages fmt, log and testing; -1 if it takes none.
func formatOf(fn *types.Func) int {
	switch fn.Pkg().Path() {
	case "fmt", "log", "testing":
	default:
		return -1
	}
	name := fn.Name()
	switch {
	case !strings.HasSuffix(name, "f"):
		return -1
	case strings.HasPrefix(name, "F") && fn.Pkg().Path() == "fmt", strings.HasPrefix(name, "Append"):
		return 1
	}
	return 0
}

// checkCalls reports tagged structs that go whole into a sink, calls that launder, and plaintext of sealed values.
func (p *pass) checkCalls() {
	nodes(p, p.checkValuerMethod)
	nodes(p, func(call *ast.CallExpr) {
		for _, s := range p.sinks(call) {
			p.given(call, s, func(e ast.Expr, kind Kind) { p.checkWhole(e, kind, s.Into) })
		}
		p.checkLaundered(call)
		p.checkValuer(call)
	})
}

// checkWhole reports the tagged structs that an argument holds, by its type or by what is put into it.
func (p *pass) checkWhole(arg ast.Expr, kind Kind, into string) {
	done := false
	p.trace(arg, func(e ast.Expr, result int) bool {
		t := p.typeOf(e, result)
		if done || t == nil {
			return false
		}
		if l := p.leakOf(t, kind); l != nil {
			done = true
			at := arg
			if arg.Pos() <= e.Pos() && e.End() <= arg.End() {
				at = e
			}
			if !kind.storing() || !p.declared(stores, at) {
				p.report(at, ruleWhole, "%s goes into %s with %s", ownerOr(t), into, l)
			}
		}
		return !done && holdsInterface(t)
	})
}

// ownerOr is the name of a type for a message.
func ownerOr(t types.Type) string {
	if _, anonymous := t.(*types.Struct); anonymous {
		return "a struct"
	}
	return typeName(t)
}

// typeOf is the type of an expression, or of one result of a call.
func (p *pass) typeOf(e ast.Expr, result int) types.Type {
	t := p.TypesInfo.TypeOf(e)
	if tuple, ok := t.(*types.Tuple); ok {
		if _, call := ast.Unparen(e).(*ast.CallExpr); call && result < tuple.Len() {
			if tuple.Len() == 1 {
				return tuple.At(0).Type()
			}
			return tuple.At(result).Type()
		}
	}
	return t
}
