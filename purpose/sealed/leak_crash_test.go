package sealed_test

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crashEnv tells a child process what to crash with: the index of a kind, a form, and whether it is the control.
const crashEnv = "SEALED_TEST_CRASH"

var crashForms = []string{"value", "pointer", "exported", "hidden", "error", "goroutine", "runtime error", "fatal"}

func TestMain(m *testing.M) {
	if spec := os.Getenv(crashEnv); spec != "" {
		crashAs(spec)
	}
	os.Exit(m.Run())
}

// crashAs makes the canaries on a stack of their own: a stack trace may show words that a frame's predecessor left
// behind, and the question is what a program tells that holds the sealed value alone.
func crashAs(spec string) {
	made := make(chan []kind)
	go func() { made <- kinds() }()
	kinds := <-made
	runtime.GC() // frees that stack
	var index int
	wrapper, form, _ := strings.Cut(spec, "/")
	if _, err := fmt.Sscanf(wrapper, "sealed%d", &index); err == nil {
		kinds[index].crash(form)
	}
	if _, err := fmt.Sscanf(wrapper, "plain%d", &index); err == nil {
		kinds[index].crashPlain(form)
	}
}

// crash ends the process with w in its hands: as the panic's value, and in the frames of the stack trace.
//
//go:noinline
func crash[W any](form string, w W) {
	switch form {
	case "value":
		panic(w)
	case "pointer":
		panic(&w)
	case "exported":
		panic(exported[W]{w})
	case "hidden":
		panic(hidden[W]{w})
	case "error":
		panic(fmt.Errorf("%v", w))
	case "goroutine":
		go crash("error", w)
		select {}
	case "runtime error":
		var m map[string]W
		m["name"] = w
	case "fatal":
		log.Fatalf("%+v", hidden[W]{w})
	}
}

// crashed returns what a child process prints as it crashes.
func crashed(t *testing.T, wrapper string, index int, form string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s%d/%s", crashEnv, wrapper, index, form), "GOTRACEBACK=system")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.NotZero(t, exit.ExitCode())
	if form != "fatal" {
		require.Contains(t, string(out), "goroutine ")
	}
	return string(out)
}

func TestNoCrashLeaksASealedValue(t *testing.T) {
	kinds := kinds()
	for i, k := range kinds {
		for _, form := range crashForms {
			out := crashed(t, "sealed", i, form)
			assert.Empty(t, spelled(out, k.needles), "%s in a %s crash:\n%s", k.name, form, out)
		}
	}
	t.Logf("%d crashes x %d types", len(crashForms), len(kinds))
}

func TestTheCrashesCatchAPrivateField(t *testing.T) {
	leaks := func(name string) (forms []string) {
		for i, k := range kinds() {
			if k.name != name {
				continue
			}
			for _, form := range crashForms {
				if len(spelled(crashed(t, "plain", i, form), k.needles)) > 0 {
					forms = append(forms, form)
				}
			}
		}
		return forms
	}
	assert.ElementsMatch(t, []string{"error", "goroutine", "fatal"}, leaks("string"))
	assert.Contains(t, leaks("int64"), "error")
}
