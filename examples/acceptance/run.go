package acceptance

import (
	"fmt"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// Run asks the library what a case asks.
func Run(notices []*Notice, c *Case) (r Result) {
	n := noticeOf(notices, c)
	switch {
	case c.Bad != nil:
		return Result{Err: c.Bad}
	case n == nil:
		return Result{Err: fmt.Errorf("no notice has cases %s-", prefix(c.ID))}
	case n.Err != nil:
		first, rest, _ := strings.Cut(n.Err.Error(), "\n")
		if rest != "" {
			first += " (and more)"
		}
		return Result{Err: fmt.Errorf("examples/%s: %s", n.Service, first)}
	}
	defer func() {
		if p := recover(); p != nil {
			r = Result{Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	w := newWorld(n, c)
	if len(w.stop) > 0 {
		return Result{Err: fmt.Errorf("%s", strings.Join(w.stop, "; "))}
	}
	w.answer(&r)
	r.Unmapped = w.unmapped
	return r
}

func noticeOf(notices []*Notice, c *Case) *Notice {
	for _, n := range notices {
		if n.Prefix == prefix(c.ID) {
			return n
		}
	}
	return nil
}

func (w *World) answer(r *Result) {
	switch action := w.Case.Request.Text("action"); action {
	case "load_policy", "register_activity":
		w.load(r)
		return
	case "collect", "read", "use", "store", "share", "forward", "transfer", "export", "update", "decide", "explain", "erase", "request_right":
	default:
		r.Err = fmt.Errorf("unknown action %q", action)
		return
	}
	w.build()
	h, err := w.open()
	if err != nil {
		r.Err = err
		return
	}
	switch w.Case.Request.Text("action") {
	case "explain":
		w.explain(h, r)
	case "erase":
		w.erase(h, r)
	case "request_right":
		w.requestRight(h, r)
	default:
		a := w.ask(h, w.Request, w.fields())
		r.Err = a.err
		r.decided(&a)
	}
}

// fields are those that the case asks for; of a decision that names none, all that an activity decides by.
func (w *World) fields() []string {
	if list := w.Case.Request.Texts("fields"); len(list) > 0 {
		return list
	}
	var list []string
	if w.Case.Request.Text("action") == "decide" {
		for _, a := range w.Spec.Activities {
			for _, x := range a.Actions {
				if x == purpose.Decide && contains(a.Purposes, w.Request.Purpose) {
					list = append(list, w.leaves(a.Categories)...)
				}
			}
		}
	}
	list = sorted(list)
	for _, c := range list {
		w.Data[c] = Object{}
	}
	return list
}

func contains(nodes []string, key string) bool {
	for _, n := range nodes {
		if key == n || strings.HasPrefix(key, n+".") {
			return true
		}
	}
	return false
}
