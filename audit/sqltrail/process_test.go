package sqltrail_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

// The test binary runs itself as other processes, which read their part from these variables.
const (
	roleVar = "SQLTRAIL_TEST_ROLE"
	kindVar = "SQLTRAIL_TEST_KIND"
	dsnVar  = "SQLTRAIL_TEST_DSN"

	roleWrites  = "writes"  // appends so many batches and ends
	roleNaive   = "naive"   // writes a table of its own behind a lock of its last row
	roleAppends = "appends" // acknowledges ids after Append, for ever
	roleLies    = "lies"    // acknowledges ids before Append, for ever
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		if err := play(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// play is a process of its own. It says when it is ready and waits for a number: of the process, and of batches.
func play(role string) error {
	p := place{kind: os.Getenv(kindVar), driver: "pgx", dsn: os.Getenv(dsnVar)}
	if p.kind == "sqlite" {
		p.driver = "sqlite"
	}
	db, err := sql.Open(p.driver, p.dsn)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(4)
	fmt.Println("ready")
	var number, batches int
	if _, err := fmt.Scan(&number, &batches); err != nil {
		return err
	}
	ctx := context.Background()
	if role == roleNaive {
		return naive(ctx, db, batches)
	}
	trail, err := p.open(ctx, db, sqltrail.Options{})
	if err != nil {
		return err
	}
	if role != roleWrites {
		return acknowledge(ctx, trail, role == roleLies)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 4)
	for w := range 4 {
		wg.Go(func() {
			for b := w; b < batches; b += 4 {
				if err := trail.Append(ctx, samples((number*batches+b)*3, 3)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	if err := <-errs; err != nil {
		return err
	}
	return trail.Close()
}

// acknowledge appends batches of several sizes and prints the ids.
func acknowledge(ctx context.Context, trail *sqltrail.Trail, early bool) error {
	ids := audit.NewIDs(nil)
	errs := make(chan error)
	for _, size := range []int{1, 3, 20} {
		go func() {
			for {
				batch := samples(0, size)
				var said strings.Builder
				for i := range batch {
					batch[i].ID, _ = ids.Next()
					fmt.Fprintln(&said, batch[i].ID)
				}
				if early {
					os.Stdout.WriteString(said.String())
				}
				if err := trail.Append(ctx, batch); err != nil {
					errs <- err
					return
				}
				if !early {
					os.Stdout.WriteString(said.String())
				}
			}
		}()
	}
	return <-errs
}

// naive appends behind a lock of the last row.
func naive(ctx context.Context, db *sql.DB, n int) error {
	for range n {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		var seq int
		if err := tx.QueryRow("SELECT seq FROM naive ORDER BY seq DESC LIMIT 1 FOR UPDATE").Scan(&seq); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO naive (seq) VALUES (" + strconv.Itoa(seq+1) + ")"); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// process is a running copy of the test binary.
type process struct {
	t   testing.TB
	cmd *exec.Cmd
	out *bufio.Scanner
	say func(string)
}

func start(t testing.TB, p place, role string) *process {
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
	proc := &process{t, cmd, bufio.NewScanner(out), func(s string) { _, _ = in.Write([]byte(s)) }}
	require.True(t, proc.out.Scan())
	require.Equal(t, "ready", proc.out.Text())
	return proc
}

// eight runs a role in eight processes that begin together.
func eight(t testing.TB, p place, role string, batches int) {
	t.Helper()
	var procs []*process
	for range 8 {
		procs = append(procs, start(t, p, role))
	}
	for i, proc := range procs {
		proc.say(fmt.Sprintln(i, batches))
	}
	for _, proc := range procs {
		require.NoError(t, proc.cmd.Wait())
	}
}

func TestEightProcessesLeaveNoGapAndNoFork(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		batches := nightly(20, 1000)
		eight(t, p, roleWrites, batches) // also the migration is a race
		events := p.whole(t)
		opened, got := 0, count(events)
		for i, e := range events {
			require.EqualValues(t, i+1, e.Seq)
			if e.Name == audit.TrailOpened {
				opened++
			}
			if n, _ := strconv.ParseInt(e.DecisionID, 16, 64); e.DecisionID != "" && n%3 > 0 {
				assert.Equal(t, decisionID(int(n)-1), events[i-1].DecisionID, "another batch came between")
			}
		}
		assert.Equal(t, 9, opened)
		for n := range 8 * batches * 3 {
			assert.Equal(t, 1, got[decisionID(n)])
		}
		t.Logf("%d events of 8 processes", len(events))
	})
}

// The control: behind a lock of the last row instead of a head row, eight processes fork in PostgreSQL.
func TestALockOfTheLastRowForks(t *testing.T) {
	p := newPostgres(t)
	p.exec(t, "CREATE TABLE naive (seq BIGINT NOT NULL)", "INSERT INTO naive VALUES (0)")
	eight(t, p, roleNaive, nightly(100, 1000))
	var rows, places int
	require.NoError(t, p.pool(t).QueryRow("SELECT count(*), count(DISTINCT seq) FROM naive").Scan(&rows, &places))
	t.Logf("%d forks in %d rows", rows-places, rows)
	assert.Positive(t, rows-places)
}

// killed kills the process a while after its first acknowledgement, and returns the ids that it acknowledged.
func (p *process) killed(after time.Duration) []string {
	p.say(fmt.Sprintln(0, 0))
	var timer *time.Timer
	var ids []string
	for p.out.Scan() {
		if timer == nil {
			timer = time.AfterFunc(after, func() { _ = p.cmd.Process.Kill() })
		}
		if id := p.out.Text(); len(id) == 26 { // the last one may be cut short
			ids = append(ids, id)
		}
	}
	require.NotNil(p.t, timer, "the process ended by itself")
	timer.Stop()
	_ = p.cmd.Wait()
	return ids
}

// lostAfter returns how many ids are not in the trail, which must be without fault.
func lostAfter(t testing.TB, p place, ids []string) int {
	missing := map[string]bool{}
	for _, id := range ids {
		missing[id] = true
	}
	for _, e := range p.whole(t) {
		delete(missing, e.ID)
	}
	return len(missing)
}

func TestAKilledProcessLosesNothingAcknowledged(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		n, acknowledged := nightly(8, 250), 0
		for i := range n {
			if i%25 == 0 {
				p = kinds[p.kind](t)
			}
			ids := start(t, p, roleAppends).killed(rand.N(40 * time.Millisecond))
			assert.Zero(t, lostAfter(t, p, ids))
			acknowledged += len(ids)
		}
		t.Logf("%d kills, %d events acknowledged", n, acknowledged)
		assert.Greater(t, acknowledged, n)
	})
}

// The control: the same check finds the losses of a process that acknowledges before it appends.
func TestTheKillTestFindsEarlyAcknowledgement(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		for range 20 {
			if lostAfter(t, p, start(t, p, roleLies).killed(2*time.Millisecond)) > 0 {
				return
			}
		}
		t.Error("20 kills of a process that acknowledges too early, and nothing lost")
	})
}

// Connections that PostgreSQL ends in mid-call lose nothing that was acknowledged, and double nothing.
func TestConnectionsEndedInMidCall(t *testing.T) {
	p := newPostgres(t)
	trail, killer := p.trail(t, sqltrail.Options{}), p.pool(t)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var ended atomic.Int64
	wg.Go(func() {
		for ctx.Err() == nil {
			var n int
			err := killer.QueryRowContext(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
AND pid IN (SELECT l.pid FROM pg_locks l WHERE l.relation = to_regclass('audit_head'))`).Scan(&n)
			if err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
			ended.Add(int64(n))
			time.Sleep(rand.N(30 * time.Millisecond)) // longer than a transaction, or none would end
		}
	})
	acknowledged := map[string]bool{}
	rounds := 0
	for least := nightly(50, 3000); rounds < least || rounds < 50_000 && ended.Load() < 3; rounds++ {
		i := rounds
		if err := trail.Append(t.Context(), samples(i, 1)); err == nil {
			acknowledged[decisionID(i)] = true
		} else {
			assert.NotErrorIs(t, err, audit.ErrPoisoned)
		}
	}
	cancel()
	wg.Wait()
	require.NoError(t, trail.Close())
	t.Logf("%d connections ended, %d of %d acknowledged", ended.Load(), len(acknowledged), rounds)
	assert.Positive(t, ended.Load())
	got := count(p.whole(t))
	for i := range rounds {
		n := got[decisionID(i)]
		assert.LessOrEqual(t, n, 1)
		if acknowledged[decisionID(i)] {
			assert.Equal(t, 1, n)
		}
	}
}
