package store

// The tables of the journal. Keys and bodies are made by package pack; points,
// transformers and shapes are named once and then referred to by number.
const schema1 = `
CREATE TABLE point (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE transformer (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE shape (id INTEGER PRIMARY KEY, mask INTEGER NOT NULL, ratio REAL NOT NULL, interval_ms INTEGER NOT NULL, UNIQUE (mask, ratio, interval_ms));

CREATE TABLE reading (key INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE absence (key INTEGER PRIMARY KEY, reason INTEGER NOT NULL, polled_at INTEGER NOT NULL, detail TEXT NOT NULL);
CREATE TABLE loading (key INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE dead_letter (
	id INTEGER PRIMARY KEY,
	digest BLOB NOT NULL UNIQUE,
	first_seen INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	times INTEGER NOT NULL,
	collector TEXT NOT NULL,
	reason TEXT NOT NULL,
	detail TEXT NOT NULL,
	payload BLOB NOT NULL
);
CREATE TABLE progress (
	born INTEGER PRIMARY KEY,
	collector TEXT NOT NULL,
	epoch TEXT NOT NULL,
	seq INTEGER NOT NULL,
	missing TEXT NOT NULL,
	UNIQUE (collector, epoch)
);

CREATE TABLE commit_log (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, keys BLOB NOT NULL);
CREATE TABLE cursor (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, scan INTEGER) WITHOUT ROWID;
CREATE TABLE state (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
`

// How much of what was due has come, by point, source and day (its first
// millisecond, Unix): the gap audit's account.
const schema2 = `
CREATE TABLE collection (
	point INTEGER NOT NULL,
	source INTEGER NOT NULL,
	day INTEGER NOT NULL,
	due INTEGER NOT NULL,
	received INTEGER NOT NULL,
	explained INTEGER NOT NULL,
	PRIMARY KEY (point, source, day)
) WITHOUT ROWID;
`
