// Package store takes in what collectors send and keeps it.
//
// The Ingester groups messages, gives readings their primary values by the
// register's ratios, and commits them to the Journal; only then it
// acknowledges the messages and announces the collectors' watermarks. A crash
// at any point therefore costs a repetition and never a reading.
//
// The Journal is SQLite: readings and absences by key, dead letters, what has
// been committed of each collector, the derived loadings, and a feed of changed
// keys that consumers follow, each at its own pace by a cursor of its own.
//
// The Audit looks through the Journal for readings that were due and are not
// there. It has load profiles read once more, states the reason of what cannot
// be had, and keeps account of both. It makes figures for rows that stay missing
// only where a rule says so, marked, and they yield to what comes.
//
// The key of a reading is point, source and time. Under one key a value
// replaces an absence, a better grade replaces a worse one and never the
// reverse, so that taking the same readings in again changes nothing.
package store
