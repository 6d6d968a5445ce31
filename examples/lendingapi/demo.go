package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
)

// step is a request of the story, with the answer that it must get.
type step struct {
	who, token         string
	method, path, body string
	status             int
	says               string // the code of a problem, else what was released
	do                 func() // before it, if anything
}

// demonstrate starts the service twice, tells what its clients see, and verifies the trail.
func demonstrate(ctx context.Context, out io.Writer, set settings) (err error) {
	if list, err := os.ReadDir(set.dir); len(list) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the demonstration begins with a new directory: %w", cmp.Or(err, fs.ErrExist))
	}
	if set.postgres != "" {
		address, drop, err := apart(ctx, set.postgres)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, drop()) }()
		set.postgres = address
	}
	bureau, err := newBureau()
	if err != nil {
		return err
	}
	defer bureau.Close()
	set.bureau = bureau.url
	t := &tale{out: out}
	first, second := story(bureau)
	fmt.Fprintf(out, "A lender's service, with %s\n\n", map[bool]string{true: "PostgreSQL", false: "SQLite"}[set.postgres != ""])
	if err := t.day(ctx, set, first); err != nil {
		return err
	}
	fmt.Fprintf(out, "The service restarts\n\n")
	if err := t.day(ctx, set, second); err != nil {
		return err
	}
	return t.end(ctx, &set)
}

// story is what is asked before and after the restart.
func story(bureau *bureau) (first, second []step) {
	at := func(id, what string) string { return "/applications/" + id + "/" + what }
	released := "name, income, credit"
	first = []step{
		{who: "a credit officer assesses Karl", token: officerToken, path: at(karl, "assessment"), status: 200, says: released},
		{who: "one who is not on the case", token: otherToken, path: at(karl, "assessment"), status: 403, says: "policy.not-permitted"},
		{who: "nobody", path: at(karl, "assessment"), status: 401, says: "http.unauthenticated"},
		{who: "an advisor opens the file", token: advisorToken, path: at(karl, "file"), status: 200, says: "account, email, income, name, not cpr: basis.law-unnamed"},
		{who: "a path without a purpose", token: officerToken, path: at(karl, "everything"), status: 403, says: "http.route-undeclared"},
		{who: "an officer looks at Lone, refused two months ago", token: officerToken, path: at(lone, "assessment"), status: 403, says: "purpose.capacity"},
		{who: "the credit bureau is asked about Karl", token: officerToken, method: "POST", path: at(karl, "credit-enquiry"), status: 200, says: "delivered"},
		{who: "and again, when it turns enquiries away", token: officerToken, method: "POST", path: at(karl, "credit-enquiry"), status: 502, says: "release.delivery-failed",
			do: func() { bureau.busy.Store(true) }},
		{who: "marketing quotes Maja, who agreed", token: marketingToken, path: at(maja, "testimonial"), status: 200, says: "name"},
		{who: "Maja withdraws", token: majaToken, method: "POST", path: "/withdrawals", body: `{"scope":"` + testimonial + `"}`, status: 200, says: "withdrawn"},
		{who: "marketing quotes her again", token: marketingToken, path: at(maja, "testimonial"), status: 403, says: "basis.consent-withdrawn"},
	}
	second = []step{
		{who: "marketing tries once more", token: marketingToken, path: at(maja, "testimonial"), status: 403, says: "basis.consent-withdrawn"},
		{who: "the credit officer goes on", token: officerToken, path: at(karl, "assessment"), status: 200, says: released},
	}
	return first, second
}

// tale is the story as it is told, and what has to be in the trail of it.
type tale struct {
	out       io.Writer
	granted   []string // trace ids of what was released
	surprises int
}

// day runs the service for as long as the steps take.
func (t *tale) day(ctx context.Context, set settings, steps []step) (err error) {
	s, err := newService(ctx, set)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(ctx)) }()
	if err := s.seed(ctx, applications(), history(s.clock())); err != nil {
		return err
	}
	front, err := listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	back, err := listen("127.0.0.1:0")
	if err != nil {
		return errors.Join(err, front.Close())
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.run(running, front, back) }()
	defer func() { stop(); err = errors.Join(err, <-ended) }()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c := &client{"http://" + front.Addr().String(), &http.Client{Transport: transport, Timeout: 10 * time.Second}}
	for _, st := range steps {
		if err := t.take(ctx, c, &st); err != nil {
			return fmt.Errorf("%s: %w", st.who, err)
		}
	}
	c.base = "http://" + back.Addr().String()
	return t.take(ctx, c, &step{who: "who runs the service asks how it does", path: "/health", status: 200, says: "status, trail, ledger, pseudonyms, policies"})
}

// take makes one request and tells the answer: what was released by name, never a value.
func (t *tale) take(ctx context.Context, c *client, st *step) error {
	if st.do != nil {
		st.do()
	}
	if st.method == "" {
		st.method = http.MethodGet
	}
	got, err := c.ask(ctx, st.token, st.method, st.path, st.body)
	if err != nil {
		return err
	}
	says := got.Code
	if got.Status == http.StatusOK {
		if says, err = got.says(); err != nil {
			return err
		}
		if strings.HasPrefix(st.path, "/applications/") {
			t.granted = append(t.granted, got.Trace)
		}
	}
	fmt.Fprintf(t.out, "  %s\n    %s %s\n    %d %s\n", st.who, st.method, st.path, got.Status, says)
	if got.Problem.Title != "" {
		fmt.Fprintf(t.out, "        %s\n", got.Problem.Title)
	}
	if got.Status != st.status || says != st.says {
		t.surprises++
		fmt.Fprintf(t.out, "    SURPRISE: expected %d %s\n", st.status, st.says)
	}
	fmt.Fprintln(t.out)
	return nil
}

// end verifies the trail and looks for what clients saw.
func (t *tale) end(ctx context.Context, set *settings) error {
	report, err := verify(ctx, set)
	if err != nil {
		return err
	}
	names, traces, err := told(filepath.Join(set.dir, "trail"))
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "The trail: %d events, held against checkpoints kept elsewhere: %s\n", report.Count, report.Verdict)
	for _, name := range names {
		fmt.Fprintln(t.out, "  "+name)
	}
	missing := slices.DeleteFunc(slices.Clone(t.granted), func(trace string) bool { return traces[trace] })
	fmt.Fprintf(t.out, "%d releases that clients saw, %d of them not in the trail\n%d surprises\n", len(t.granted), len(missing), t.surprises)
	if report.Verdict != audit.Pass || len(missing) > 0 || t.surprises > 0 {
		return errors.New("not as it should be")
	}
	return nil
}

// told counts the events of a trail, and tells of which requests it says that something was released.
func told(dir string) (names []string, released map[string]bool, err error) {
	counts, released := map[string]int{}, map[string]bool{}
	for line, err := range filetrail.Lines(context.Background(), dir) {
		if err != nil {
			return nil, nil, err
		}
		e, err := audit.ParseLine(line)
		if err != nil {
			return nil, nil, err
		}
		counts[fmt.Sprintf("%-18s %s", e.Name, e.Outcome)]++
		if e.Outcome == audit.Permitted || e.Outcome == audit.Partial {
			released[e.TraceID] = true
		}
	}
	for name, n := range counts {
		names = append(names, fmt.Sprintf("%3d  %s", n, strings.TrimSpace(name)))
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(a[5:], b[5:]) })
	return names, released, nil
}

// bureau is the credit bureau of the story: it takes enquiries, or turns them away.
type bureau struct {
	*http.Server
	url  string
	busy atomic.Bool
}

func newBureau() (*bureau, error) {
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &bureau{url: "http://" + at.Addr().String() + "/enquiries"}
	b.Server = bounded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		if err != nil || b.busy.Load() {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	go func() { _ = b.Serve(at) }() // which ends with Close
	return b, nil
}
