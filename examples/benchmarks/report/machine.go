package report

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// peers are the modules whose versions matter.
var peers = []string{"github.com/open-policy-agent/opa", "cel.dev/cel-go", "github.com/cedar-policy/cedar-go", "github.com/casbin/casbin/v2"}

// versions are those that this program was built with.
func versions() (all []string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return []string{"versions unknown"}
	}
	for _, d := range info.Deps {
		if slices.Contains(peers, d.Path) {
			all = append(all, d.Path+" "+d.Version)
		}
	}
	slices.Sort(all)
	return all
}

// machine is what the figures were taken on: no name, no address.
func machine() string {
	return fmt.Sprintf("%s, %d cores, GOMAXPROCS %d, %s/%s, %s", processor(), runtime.NumCPU(), runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// processor is the model of the processor, where the system says so.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "processor unknown"
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, model, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return "processor unknown"
}
