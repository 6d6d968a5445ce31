package sealed_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/unseal"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// Every exported method is a way out until proven otherwise: a new one must be added here on purpose.
func TestTheFaceOfAValueIsExactly(t *testing.T) {
	typ := reflect.TypeFor[*sealed.Value[string]]()
	var names []string
	for i := range typ.NumMethod() {
		names = append(names, typ.Method(i).Name)
	}
	assert.Equal(t, []string{
		"Equal", "Format", "GoString", "GobEncode", "IsSet", "LogValue", "MarshalBinary", "MarshalJSON", "MarshalText",
		"MarshalYAML", "Scan", "String", "UnmarshalJSON", "UnmarshalText", "UnmarshalYAML", "Value",
	}, names)
}

func TestNoMethodButValueGivesPlaintextToReflection(t *testing.T) {
	gave := map[string]bool{}
	for _, k := range kinds() {
		p := reflect.ValueOf(k.sealed.pointer)
		for i := range p.NumMethod() {
			m, name := p.Method(i), p.Type().Method(i).Name
			v := reflect.New(p.Type().Elem()) // a copy, for the methods that replace
			v.Elem().Set(p.Elem())
			m = v.Method(i)
			args := make([]reflect.Value, m.Type().NumIn())
			for j := range args {
				args[j] = reflect.Zero(m.Type().In(j))
			}
			out := guarded(func() string {
				var s string
				for _, r := range m.Call(args) {
					s += fmt.Sprintf("%v %#v\n", r, r)
				}
				return s
			})
			if len(spelled(out, k.needles)) > 0 && name != "IsSet" { // IsSet says true of every set Value
				gave[name] = true
			}
		}
	}
	assert.Equal(t, map[string]bool{"Value": true}, gave)
}

func TestReflectionCannotReachTheClosure(t *testing.T) {
	v := sealed.Of(canaryText)
	open := reflect.ValueOf(&v).Elem().Field(0).Field(0)
	require.Equal(t, reflect.Func, open.Kind())
	assert.PanicsWithValue(t, "reflect: reflect.Value.Call using value obtained using unexported field", func() { open.Call(nil) })
	assert.Panics(t, func() { open.Interface() })
	assert.Panics(t, func() { open.Set(reflect.Zero(open.Type())) })
	assert.Panics(t, func() { reflect.ValueOf(&v).Elem().Field(0).Interface() })
	assert.Panics(t, func() { reflect.ValueOf(new(func() string)).Elem().Set(open) })

	// The same shape under other names converts to nothing.
	type cell struct{ open func() string }
	type lookalike struct{ cell }
	assert.False(t, reflect.TypeOf(v).ConvertibleTo(reflect.TypeFor[lookalike]()))
	assert.False(t, reflect.TypeOf(v).ConvertibleTo(reflect.TypeFor[struct{ Open func() string }]()))

	// A new type over the same struct loses the exported methods; what is left is closed to all but the guard.
	type renamed sealed.Value[string]
	assert.Zero(t, reflect.TypeFor[*renamed]().NumMethod())
	assert.Panics(t, func() { reflect.ValueOf(renamed(v)).Field(0).Field(0).Call(nil) })
	assert.NotContains(t, fmt.Sprintf("%+v %#v", renamed(v), renamed(v)), canaryText)
	var got string
	assert.True(t, unseal.OpenInto(renamed(v), &got))
	assert.Equal(t, canaryText, got)
}

// stolen collects what thief gets hold of.
type thief struct {
	sealed.Value[string]
	stolen *[]any
}

func (t thief) openInto(dst any) bool { *t.stolen = append(*t.stolen, dst); return true }
func (t thief) elemType() reflect.Type {
	*t.stolen = append(*t.stolen, "type")
	return reflect.TypeFor[int]()
}

func TestAnEmbeddingTypeCannotShadowTheBridge(t *testing.T) {
	var stolen []any
	th := thief{sealed.Of("inner"), &stolen}
	_, own := any(th).(interface{ openInto(any) bool })
	require.True(t, own, "the methods of the same name belong to this package alone")
	_, foreign := any(th.Value).(interface{ openInto(any) bool })
	assert.False(t, foreign, "an interface of another package does not reach the method")

	var got string
	assert.True(t, unseal.OpenInto(&th, &got))
	assert.Equal(t, "inner", got)
	assert.Equal(t, reflect.TypeFor[string](), unseal.ElemType(th))
	assert.Empty(t, stolen)
}

// Code outside the module is built, from a folder outside it, against the real packages.
func TestWhatOutsidersMayNotWriteDoesNotCompile(t *testing.T) {
	const sealedImport, unsealImport = `import "github.com/purposebound/purposebound/purpose/sealed"`, `import "github.com/purposebound/purposebound/internal/unseal"`
	for name, tc := range map[string]struct{ code, want string }{
		"control":         {sealedImport + "\nfunc main() { _ = sealed.Of(1).Equal(sealed.Of(1)) }", ""},
		"compare":         {sealedImport + "\nfunc main() { _ = sealed.Of(1) == sealed.Of(1) }", "cannot be compared"},
		"compare structs": {sealedImport + "\nfunc main() { type r struct{ v sealed.Value[int] }; _ = r{} == r{} }", "cannot be compared"},
		"map key":         {sealedImport + "\nvar _ map[sealed.Value[int]]int\nfunc main() {}", "invalid map key"},
		"private method":  {sealedImport + "\nfunc main() { var n int; sealed.Of(1).openInto(&n) }", "openInto undefined"},
		"private field":   {sealedImport + "\nfunc main() { _ = sealed.Of(1).cell }", "cell undefined"},
		"deep field":      {sealedImport + "\nfunc main() { _ = sealed.Of(1).open }", "open undefined"},
		"embedded name":   {sealedImport + "\nfunc main() { _ = sealed.Of(1).Cell }", "Cell undefined"},
		"bridge":          {unsealImport + "\nfunc main() { unseal.OpenInto(nil, nil) }", "use of internal package"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "main.go")
			require.NoError(t, os.WriteFile(file, []byte("package main\n\n"+tc.code+"\n"), 0o600))
			out, err := exec.Command("go", "build", "-o", os.DevNull, file).CombinedOutput()
			if tc.want == "" {
				require.NoError(t, err, string(out))
				return
			}
			require.Error(t, err)
			assert.Contains(t, string(out), tc.want)
		})
	}
}
