package aliastable_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/aliastable"
	"github.com/purposebound/purposebound/audit/audittest"
)

// The test binary runs itself as other processes, which read their part from these variables.
const (
	kindVar = "ALIASTABLE_TEST_KIND"
	dsnVar  = "ALIASTABLE_TEST_DSN"
)

func TestMain(m *testing.M) {
	if kind := os.Getenv(kindVar); kind != "" {
		if err := play(place{kind: kind, driver: map[string]string{"sqlite": "sqlite", "postgres": "pgx"}[kind], dsn: os.Getenv(dsnVar)}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// play is a process of its own: it answers each line, an id, with its alias.
func play(p place) error {
	db, err := sql.Open(p.driver, p.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	secret, err := audit.NewKey("2026", []byte(strings.Repeat("k", audit.MinKey)))
	if err != nil {
		return err
	}
	source, err := audit.NewKeys(secret)
	if err != nil {
		return err
	}
	table, err := p.open(context.Background(), db, source, audittest.NewRecorder(nil), aliastable.Options{})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		a, err := table.Alias(context.Background(), audit.DataSubject, in.Text())
		if err != nil {
			return err
		}
		fmt.Println(a)
	}
	return nil
}

// process is a running copy of the test binary.
type process struct {
	cmd *exec.Cmd
	out *bufio.Scanner
	say func(string)
	end func() error
}

func start(t testing.TB, p place) *process {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), kindVar+"="+p.kind, dsnVar+"="+p.dsn)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	proc := &process{cmd, bufio.NewScanner(out), func(s string) { _, _ = in.Write([]byte(s + "\n")) }, in.Close}
	require.True(t, proc.out.Scan())
	require.Equal(t, "ready", proc.out.Text())
	return proc
}

func (p *process) answer() string {
	p.out.Scan()
	return p.out.Text()
}

func (p *process) close(t *testing.T) {
	t.Helper()
	require.NoError(t, p.end())
	require.NoError(t, p.cmd.Wait())
}

func TestProcessesAgreeOnEveryAlias(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		p.table(t, keys(t), nil)
		var procs []*process
		for range 4 {
			procs = append(procs, start(t, p))
		}
		people := nightly(50, 2000)
		for i := range people {
			for _, proc := range procs { // all at once, before anybody is heard
				proc.say(fmt.Sprint("n", i))
			}
			first := procs[0].answer()
			require.Len(t, first, 29)
			for _, proc := range procs[1:] {
				require.Equal(t, first, proc.answer())
			}
		}
		for _, proc := range procs {
			proc.close(t)
		}
		assert.Equal(t, people, p.rows(t, "SELECT count(*) FROM audit_aliases"))
	})
}

func TestAnErasureIsSeenByTheNextCallOfAnotherProcess(t *testing.T) {
	t.Parallel() // it waits for leases
	onEach(t, func(t *testing.T, p place) {
		eraser, err := p.open(t.Context(), p.pool(t), keys(t), audittest.NewRecorder(nil), aliastable.Options{}) // waits in earnest
		require.NoError(t, err)
		other := start(t, p)
		ask := func(who string) string {
			other.say(who)
			return other.answer()
		}
		for i := range nightly(1, 50) {
			who := fmt.Sprint("n", i)
			old := ask(who)
			require.Equal(t, old, ask(who))
			n, err := eraser.Erase(t.Context(), audit.DataSubject, who)
			require.NoError(t, err)
			require.Equal(t, 1, n)
			require.NotEqual(t, old, ask(who))
		}
		other.close(t)
	})
}

// What a process said before it was killed is stored.
func TestAKilledProcessGaveOnlyStoredAliases(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		table := p.table(t, keys(t), nil)
		heard := 0
		for round := range nightly(4, 100) {
			proc := start(t, p)
			timer := time.AfterFunc(rand.N(50*time.Millisecond), func() { _ = proc.cmd.Process.Kill() })
			for i := range 10_000 {
				who := fmt.Sprint(round, "-", i)
				proc.say(who)
				got := proc.answer()
				if len(got) != 29 {
					break
				}
				heard++
				require.Equal(t, got, alias(t, table, who))
			}
			timer.Stop()
			_ = proc.cmd.Wait()
		}
		t.Logf("%d aliases heard", heard)
		assert.Positive(t, heard)
	})
}
