package sqlledger_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
)

// The test binary runs itself as other processes, which read their part from these variables.
const (
	roleVar = "SQLLEDGER_TEST_ROLE"
	kindVar = "SQLLEDGER_TEST_KIND"
	dsnVar  = "SQLLEDGER_TEST_DSN"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		if err := play(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// play is a process of its own. It waits for a line before it opens the ledger, and answers every
// line with one.
func play(role string) error {
	p := place{kind: os.Getenv(kindVar), driver: "pgx", dsn: os.Getenv(dsnVar)}
	if p.kind == "sqlite" {
		p.driver = "sqlite"
	}
	in := bufio.NewScanner(os.Stdin)
	fmt.Println("ready")
	in.Scan()
	db, err := sql.Open(p.driver, p.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx := context.Background()
	l, err := p.open(ctx, db)
	if err != nil {
		return err
	}
	fmt.Println("open")
	for in.Scan() {
		body := withdrawal()
		if role == "migrate" {
			body = called()
		}
		if err := l.Record(ctx, event(in.Text(), "", body)); err != nil {
			return err
		}
		fmt.Println("recorded")
	}
	return nil
}

// process is a running copy of the test binary.
type process struct {
	in  io.WriteCloser
	out *bufio.Scanner
	cmd *exec.Cmd
}

func start(t *testing.T, p place, role string) *process {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), roleVar+"="+role, kindVar+"="+p.kind, dsnVar+"="+p.dsn)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	other := &process{in, bufio.NewScanner(out), cmd}
	require.Equal(t, "ready", other.answer())
	return other
}

func (p *process) say(line string) { _, _ = io.WriteString(p.in, line+"\n") }

func (p *process) answer() string {
	p.out.Scan()
	return p.out.Text()
}

func (p *process) end(t *testing.T) {
	t.Helper()
	require.NoError(t, p.in.Close())
	assert.NoError(t, p.cmd.Wait())
}

func TestEightProcessesMigrateAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		const n = 8
		for range nightly(1, 20) {
			var others []*process
			for range n {
				others = append(others, start(t, p, "migrate"))
			}
			for _, o := range others {
				o.say("go")
			}
			for _, o := range others {
				require.Equal(t, "open", o.answer())
				o.say("anna")
			}
			for _, o := range others {
				require.Equal(t, "recorded", o.answer())
				o.end(t)
			}
			db := p.pool(t)
			var versions, highest int
			require.NoError(t, db.QueryRow("SELECT count(*), max(version) FROM basis_migrations").Scan(&versions, &highest))
			assert.Equal(t, versions, highest, "every migration ran once")
			l, err := p.open(t.Context(), db)
			require.NoError(t, err)
			assert.Len(t, history(t, l, "anna"), n)
			p = kinds[p.kind](t)
		}
	})
}

func TestWithdrawalInAnotherProcessIsSeenByTheNextRead(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		l := p.ledger(t)
		other := start(t, p, "withdraw")
		other.say("go")
		require.Equal(t, "open", other.answer())
		for i := range nightly(100, 5_000) {
			who := number("p", i%7)
			require.NoError(t, l.Record(t.Context(), event(who, "", consent())))
			require.True(t, standing(t, l, who))
			other.say(who)
			require.Equal(t, "recorded", strings.TrimSpace(other.answer()))
			s, err := l.StateAt(t.Context(), who, time.Now().Add(time.Hour), time.Time{})
			require.NoError(t, err)
			require.Equal(t, basis.Withdrawn, s.Consent("service").Status)
		}
		other.end(t)
	})
}
