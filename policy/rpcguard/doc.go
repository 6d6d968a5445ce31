// Package rpcguard carries requests for personal data over remote procedure calls: gRPC, Connect, or whatever has methods with
// names and handlers that take a context. It imports none of them.
//
// The decision to make is the purpose of each method. It is declared on the server, checked against the register when the server
// starts, and never taken from metadata. A method that is not declared is refused; one that has nothing to do with personal
// data is declared as such.
//
//	server, err := rpcguard.New(rpcguard.Config{Guard: guard, Authenticate: staff, Methods: []rpcguard.Method{
//		{Name: "/lending.v1.Lessees/Debit", Purpose: "invoicing"},
//		{Name: "/grpc.health.v1.Health/Check", NotPersonal: true},
//	}})
//
// With gRPC:
//
//	grpc.UnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
//		resp, err := rpcguard.Call(ctx, server, req, info.FullMethod, next)
//		if r, ok := errors.AsType[*rpcguard.Refusal](err); ok {
//			return nil, status.Error(codes.Code(r.Status), r.Code)
//		}
//		return resp, err
//	})
//
// A stream's interceptor calls [Server.Admit] and hands the context on.
package rpcguard
