// Package lossless judges an installation after it was killed, cut off or
// starved: whether all that its spool ever committed is in its journal, once,
// with the values that the simulated meters showed, and whether each gap has a
// reason. One checker stands behind each row of the fault suite and behind the
// test that kills the demo.
//
// It knows what was committed by the spool's ledger, which is written in the
// commit of the reading itself and never shortened, and the values by the
// province, which is a pure function of its seed and of time.
package lossless
