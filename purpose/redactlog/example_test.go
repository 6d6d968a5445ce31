package redactlog_test

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/purposebound/purposebound/purpose/redactlog"
)

type Lessee struct {
	ID       string `subject:"id"`
	Name     string `personal:"contact.name"`
	Contract string `personal:"-"`
}

func Example() {
	var redact redactlog.Redactor
	logger := slog.New(redact.Handler(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: untimed})))

	ada := &Lessee{ID: "p-17", Name: "Ada Lovelace", Contract: "K-17"}
	logger.Info("reminded", "lessee", ada, "attempt", 2)
	logger.Error("bounced", "err", fmt.Errorf("reminding: %w", &undeliverable{ada}))
	// Output:
	// level=INFO msg=reminded lessee="map[Contract:K-17 ID:[personal] Name:[personal]]" attempt=2
	// level=ERROR msg=bounced err="[personal] *fmt.wrapError"
}

type undeliverable struct{ to *Lessee }

func (u *undeliverable) Error() string { return "undeliverable to " + u.to.Name }

func untimed(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
