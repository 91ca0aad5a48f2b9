package alerting

// schema leads the tables of the state database from version to version.
// Times are milliseconds since 1970.
var schema = []string{`
CREATE TABLE alarm (
	seq     INTEGER PRIMARY KEY, -- the episode's number
	id      TEXT NOT NULL UNIQUE,
	subject TEXT NOT NULL,       -- kind/transformer or kind/point
	open    INTEGER NOT NULL,    -- 0 once normal and acknowledged
	step    INTEGER NOT NULL,    -- transitions so far
	alarm   TEXT NOT NULL,       -- grid.Alarm as JSON
	state   TEXT NOT NULL        -- State as JSON
);
CREATE INDEX alarm_open ON alarm (open) WHERE open = 1;
CREATE TABLE alarm_event (
	seq    INTEGER PRIMARY KEY AUTOINCREMENT,
	id     TEXT NOT NULL,
	step   INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	change TEXT NOT NULL,
	who    TEXT NOT NULL,
	alarm  TEXT NOT NULL,
	UNIQUE (id, step)
);
CREATE TABLE page (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	key     TEXT NOT NULL,
	channel TEXT NOT NULL,
	body    TEXT NOT NULL,
	tries   INTEGER NOT NULL DEFAULT 0,
	next_at INTEGER,             -- null: sent or given up
	sent_at INTEGER,
	reason  TEXT NOT NULL DEFAULT '',
	UNIQUE (key, channel)
);
CREATE INDEX page_due ON page (next_at) WHERE next_at IS NOT NULL;
`}
