package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/purposebound/purposebound/policy/httpguard"
	"github.com/purposebound/purposebound/policy/jsonview"
)

// client is somebody who works with the service, over HTTP and nothing else.
type client struct {
	base string
	http *http.Client
}

// reply is what came back.
type reply struct {
	Status  int
	Code    string // of a problem
	Trace   string // W3C trace id of the request, as the trail has it
	Retry   string // Retry-After
	Body    []byte
	Problem httpguard.Problem
}

// ask makes a request, with a trace id of its own.
func (c *client) ask(ctx context.Context, token, method, path, body string) (reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	var id [24]byte
	rand.Read(id[:])
	text := hex.EncodeToString(id[:])
	out := reply{Trace: text[:32]}
	r.Header.Set("Traceparent", fmt.Sprintf("00-%s-%s-01", out.Trace, text[32:]))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return out, err
	}
	defer answer.Body.Close()
	if out.Body, err = io.ReadAll(answer.Body); err != nil {
		return out, err
	}
	out.Status, out.Retry = answer.StatusCode, answer.Header.Get("Retry-After")
	if answer.Header.Get("Content-Type") == httpguard.ContentType {
		if err := json.Unmarshal(out.Body, &out.Problem); err != nil {
			return out, fmt.Errorf("a problem that is none: %w", err)
		}
		out.Code = out.Problem.Code
	}
	return out, nil
}

// says is what was released, by name and without the values, and what was withheld.
func (r *reply) says() (string, error) {
	var doc jsonview.Document
	if err := json.Unmarshal(r.Body, &doc); err != nil || doc.Decision == "" {
		names, err := keys(r.Body)
		return strings.Join(names, ", "), err
	}
	names, err := keys(doc.Released)
	for _, w := range doc.Withheld {
		names = append(names, fmt.Sprintf("not %s: %s", w.Field, w.Codes[0]))
	}
	return strings.Join(names, ", "), err
}

// keys are those of a JSON object, in their order.
func keys(object []byte) (names []string, err error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		names = append(names, fmt.Sprint(name))
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
	}
	return names, nil
}
