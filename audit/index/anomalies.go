package index

import (
	"context"
	"database/sql"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Thresholds say what is unusual. 0 means the default.
type Thresholds struct {
	Denials int `json:"denials"` // of a principal in an hour, from which on they are reported; 20
	Breadth int `json:"breadth"` // data subjects that a principal saw in an hour; 100
}

// Hour is what a principal did in one hour (UTC, by the events' own time). An empty principal stands for those that are not
// named, such as denials that were only counted.
type Hour struct {
	Principal string    `json:"principal"`
	Hour      time.Time `json:"hour"`
	Count     int       `json:"count"`
}

// Pair is a principal who was given data for a purpose for the first time.
type Pair struct {
	Principal string    `json:"principal"`
	Purpose   string    `json:"purpose"`
	Seq       uint64    `json:"seq"`
	Time      time.Time `json:"time"`
}

// AnomalyReport has what is unusual in a period. New pairs are first as far as the trail goes back.
type AnomalyReport struct {
	Known      Known      `json:"known"`
	Period     Period     `json:"period"`
	Thresholds Thresholds `json:"thresholds"`
	Denials    []Hour     `json:"denials"`
	Breadth    []Hour     `json:"breadth"`
	NewPairs   []Pair     `json:"new_pairs"`
}

const hour = int64(time.Hour / time.Microsecond)

// Anomalies looks for what is unusual in a period.
func (x *Index) Anomalies(ctx context.Context, who Asker, in Period, th Thresholds) (out AnomalyReport, err error) {
	if th.Denials < 0 || th.Breadth < 0 {
		return out, ErrQuestion
	}
	if th.Denials == 0 {
		th.Denials = 20
	}
	if th.Breadth == 0 {
		th.Breadth = 100
	}
	err = x.ask(ctx, who, "report.anomalies", audit.Event{}, func(conn *sql.Conn, known Known) (err error) {
		from, to := in.bounds()
		out = AnomalyReport{Known: known, Period: in, Thresholds: th}
		// A denial is one decision; those beyond the budget were only counted.
		if out.Denials, err = hours(ctx, conn, `
SELECT principal, at / ? AS h, count(DISTINCT CASE WHEN name = 'access.denied' THEN decision END) + sum(CASE WHEN name = 'trail.suppressed' THEN n ELSE 0 END) AS c
FROM index_event WHERE at BETWEEN ? AND ? AND name IN ('access.denied', 'trail.suppressed')
GROUP BY principal, h HAVING c >= ? ORDER BY h, principal`, hour, from, to, th.Denials); err != nil {
			return err
		}
		if out.Breadth, err = hours(ctx, conn, `
SELECT principal, at / ? AS h, count(DISTINCT ref) AS c
FROM index_event JOIN index_person USING (seq) WHERE at BETWEEN ? AND ? AND released = 1
GROUP BY principal, h HAVING c >= ? ORDER BY h, principal`, hour, from, to, th.Breadth); err != nil {
			return err
		}
		out.NewPairs, err = pairs(ctx, conn, from, to)
		return err
	})
	if err != nil {
		return AnomalyReport{}, err
	}
	return out, nil
}

func hours(ctx context.Context, conn *sql.Conn, query string, args ...any) ([]Hour, error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Hour{}
	for rows.Next() {
		var h Hour
		var at int64
		if err := rows.Scan(&h.Principal, &at, &h.Count); err != nil {
			return nil, err
		}
		h.Hour = time.UnixMicro(at * hour).UTC()
		out = append(out, h)
	}
	return out, rows.Err()
}

func pairs(ctx context.Context, conn *sql.Conn, from, to int64) ([]Pair, error) {
	rows, err := conn.QueryContext(ctx, `
SELECT principal, purpose, seq, at FROM index_event WHERE at BETWEEN ? AND ? AND seq IN
  (SELECT min(seq) FROM index_event WHERE released = 1 AND principal <> '' AND purpose <> '' GROUP BY principal, purpose)
ORDER BY seq`, from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Pair{}
	for rows.Next() {
		var p Pair
		var seq, at int64
		if err := rows.Scan(&p.Principal, &p.Purpose, &seq, &at); err != nil {
			return nil, err
		}
		p.Seq, p.Time = uint64(seq), time.UnixMicro(at).UTC()
		out = append(out, p)
	}
	return out, rows.Err()
}
