// Package fault breaks an installation of phutai in every way that its promise
// covers, and judges what is left: each row of the suite is a test that starts
// collector, center and broker as processes of their own over real sockets,
// against simulated meters, does its harm, lets them come to rest, and hands
// their files to the one checker (internal/lossless): all that was committed to a
// spool is in the journal, once, with the values that the meters showed, and each
// gap has a reason. Each row prints what it did and what it found; one that this
// machine cannot run says so under its own name.
//
//	go -C fault test -v ./...                        the short form
//	make fault                                       the long one
//	go -C fault test -v -run Kills -kills 1000       so many kills
//
// It is a module of its own, so that the proxy that cuts links is no dependency of
// the program. It speaks to loopback only, and to network namespaces it has made.
package fault
