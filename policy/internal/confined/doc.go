// Package confined is for tests that show what code does not do. It runs a test of the same binary again, in a process
// of its own: under strace, to list the files and sockets that it opens, or alone, to see what it prints. Within such a
// process it measures how much memory a function needs at most.
package confined
