package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// farewell is how long requests under way may take when the service is to end.
const farewell = 5 * time.Second

// serve runs the service on two addresses until ctx ends: one for clients, one for those who run it.
func serve(ctx context.Context, out io.Writer, address, operations string, set settings) (err error) {
	clients, err := listen(address)
	if err != nil {
		return err
	}
	defer clients.Close()
	operators, err := listen(operations)
	if err != nil {
		return err
	}
	defer operators.Close()
	s, err := newService(ctx, set)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(ctx)) }()
	if err := s.seed(ctx, applications(), history(s.clock())); err != nil {
		return err
	}
	fmt.Fprintf(out, "serving http://%s\noperations http://%s\n", clients.Addr(), operators.Addr())
	return s.run(ctx, clients, operators)
}

// listen takes an address of this machine alone: the service speaks no TLS, and its tokens are in its source.
func listen(address string) (net.Listener, error) {
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%q is no address: HOST:PORT", address)
	}
	if !at.IP.IsLoopback() {
		return nil, fmt.Errorf("%q is not an address of this machine alone, such as 127.0.0.1:8080", address)
	}
	return net.ListenTCP("tcp", at)
}

// run answers until ctx ends, and lets what is under way end by itself.
func (s *service) run(ctx context.Context, clients, operators net.Listener) error {
	handler, err := s.clients()
	if err != nil {
		return err
	}
	front, back := bounded(handler), bounded(s.operations())
	watch, stop := context.WithCancel(ctx)
	defer stop()
	jobs := []func() error{
		func() error { return front.Serve(clients) },
		func() error { return back.Serve(operators) },
		func() error { return s.policies.Run(watch) },
		func() error { return s.seals.keeper.Run(watch) },
	}
	ended := make(chan error, len(jobs))
	for _, job := range jobs {
		go func() { ended <- job() }()
	}
	running := len(jobs)
	select {
	case <-ctx.Done():
	case err = <-ended: // none ends by itself, but when something is wrong
		running--
	}
	stop()
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	err = errors.Join(err, front.Shutdown(patient), back.Shutdown(patient))
	for range running {
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) && !errors.Is(e, context.Canceled) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// bounded is a server on which no client can sit.
func bounded(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 15 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
}
