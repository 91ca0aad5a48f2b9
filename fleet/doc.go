// Package fleet is the register: which units, feeders, substations,
// transformers, metering points and meters there are, since when, and since
// when we know it.
//
// The register is bitemporal. Each fact has the interval in which it is valid,
// [from, to), and the version of the register by which it became known; a fact
// that turns out wrong is never erased, only known no longer. A report as of
// some day therefore prints the same for ever, and a correction that comes
// late re-computes what it touches.
//
// CSV folders and XLSX workbooks are the way in and out, all or nothing, with
// every problem told by file, line and column. They are not the live copy:
// that is the database, read into memory once for each version. Looking up
// what held at a moment touches no disk.
package fleet
