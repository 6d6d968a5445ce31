package ropa_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
	"github.com/purposebound/purposebound/purpose/ropa"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// services are the examples whose registers make a record.
var services = []string{"leasing", "housing", "lending", "businesscredit", "creditbureau"}

// each runs a test on every register of the examples.
func each(t *testing.T, do func(t *testing.T, service string, r *purpose.Register)) {
	for _, service := range services {
		t.Run(service, func(t *testing.T) {
			dir := "../../examples/" + service
			if service == "lending" { // two services share its register
				dir += "/notice"
			}
			r, err := registerfile.Load(os.DirFS(dir), "register.yaml")
			require.NoError(t, err)
			do(t, service, r)
		})
	}
}

// write makes the record as of no time.
func write(t testing.TB, r *purpose.Register, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, ropa.Write(&b, r, time.Time{}, format))
	return b.Bytes()
}

// digestless replaces what follows from the register's digest: the golden files are about the record.
func digestless(r *purpose.Register, text []byte) []byte {
	h := strings.TrimPrefix(r.Digest(), "sha256:")
	id := h[:8] + "-" + h[8:12] + "-8" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
	return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte(r.Digest()), []byte("DIGEST")), []byte("urn:uuid:"+id), []byte("urn:uuid:ID"))
}

// differ is the first line in which texts differ; 0 for none.
func differ(want, got []byte) int {
	if bytes.Equal(want, got) {
		return 0
	}
	w, g := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range min(len(w), len(g)) {
		if !bytes.Equal(w[i], g[i]) {
			return i + 1
		}
	}
	return min(len(w), len(g)) + 1
}

func TestTheRecordsOfTheExamples(t *testing.T) {
	each(t, func(t *testing.T, service string, r *purpose.Register) {
		for _, format := range ropa.Formats() {
			file := filepath.Join("testdata", service+"."+format)
			got := digestless(r, write(t, r, format))
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o777))
				require.NoError(t, os.WriteFile(file, got, 0o666))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			if n := differ(want, got); n > 0 {
				t.Errorf("%s differs in line %d; -update rewrites it", file, n)
			}
		}
	})
}

// Every leaf that an activity handles, everybody who may have it and every rule of the register is somewhere in the record.
func TestTheRecordLeavesNothingOut(t *testing.T) {
	each(t, func(t *testing.T, _ string, r *purpose.Register) {
		rec, err := ropa.Of(r, time.Time{})
		require.NoError(t, err)
		all := rec.Activities
		for _, m := range rec.Mandates {
			all = append(all, m.Processing...)
		}
		said := map[string]bool{}
		for _, a := range all {
			said["activity "+a.Key] = true
			for _, x := range a.Purposes {
				said["purpose "+x.Key] = true
			}
			for _, x := range a.Further {
				said["further "+x.From.Key+" "+x.Assessment] = true
			}
			for _, x := range a.Categories {
				said["category "+x.Key] = true
			}
			for _, x := range a.DataSubjects {
				said["capacity "+x.Key] = true
			}
			for _, x := range a.Recipients {
				said["recipient "+x.Key] = true
			}
			for _, x := range a.Limits {
				said["rule "+x.Rule] = true
			}
			for _, x := range a.Transfers {
				for _, c := range x.Countries {
					said["transfer "+x.Recipient.Key+" "+c] = true
				}
			}
		}
		spec := r.Spec()
		for _, e := range spec.Compatible {
			i := slices.IndexFunc(spec.Assessments, func(x purpose.Assessment) bool { return x.Key == e.Assessment })
			assert.True(t, said["further "+e.From+" "+spec.Assessments[i].Reference], "%s to %s", e.From, e.To)
		}
		for _, a := range spec.Activities {
			assert.True(t, said["activity "+a.Key], a.Key)
			for id := range r.Purposes().Below(a.Purposes...).All {
				assert.True(t, !r.Purposes().Leaf(id) || said["purpose "+r.Purposes().Key(id)], r.Purposes().Key(id))
			}
			for id := range r.Categories().Below(a.Categories...).All {
				assert.True(t, !r.Categories().Leaf(id) || said["category "+r.Categories().Key(id)], r.Categories().Key(id))
			}
			for _, k := range a.Capacities {
				assert.True(t, said["capacity "+k], k)
			}
			for _, k := range a.Retention {
				assert.True(t, said["rule "+k], k)
			}
			for _, g := range a.Recipients {
				assert.True(t, said["recipient "+g.Recipient], g.Recipient)
				for _, x := range spec.Recipients {
					for _, c := range x.Countries {
						if x.Key == g.Recipient && !spec.Transfers.Area.Contains(c) {
							assert.True(t, said["transfer "+x.Key+" "+c], "%s %s", x.Key, c)
						}
					}
				}
			}
		}
	})
}

// Everything that the register marks as assumed and that the record shows is among the assumptions: those that checking advises of,
// less what belongs to no processing.
func TestAssumptionsAreShownAsSuch(t *testing.T) {
	each(t, func(t *testing.T, _ string, r *purpose.Register) {
		rec, err := ropa.Of(r, time.Time{})
		require.NoError(t, err)
		listed := map[string]bool{}
		for _, a := range rec.Remarks {
			assert.NotEmpty(t, a.Note, a.Path)
			listed[a.Path] = a.Assumed
		}
		unused := map[string]bool{}
		for _, p := range r.Advice() {
			unused[p.Path] = unused[p.Path] || p.Code == "unused"
		}
		found := 0
		for _, p := range r.Advice() {
			if p.Code != "assumed" || unused[p.Path] || strings.HasPrefix(p.Path, "rights[") {
				continue
			}
			found++
			assert.True(t, listed[p.Path], p.String())
		}
		assert.NotZero(t, found)
		for _, format := range []string{"html", "csv"} {
			assert.True(t, bytes.Contains(write(t, r, format), []byte("(assumed)")), format)
		}
		assert.True(t, bytes.Contains(write(t, r, "md"), []byte(`\(assumed\)`)))
		assert.True(t, bytes.Contains(write(t, r, "jsonld"), []byte(`"skos:editorialNote":"Assumed: `)))
	})
}

func TestEqualRegistersGiveEqualBytes(t *testing.T) {
	each(t, func(t *testing.T, _ string, r *purpose.Register) {
		again, err := purpose.Compile(r.Spec())
		require.NoError(t, err)
		for _, format := range ropa.Formats() {
			assert.Zero(t, differ(write(t, r, format), write(t, again, format)), format)
		}
	})
}
