package cases

// schema is the sequence of migrations of the component "cases" in state.db.
var schema = []string{`
CREATE TABLE data_case (
	id    INTEGER PRIMARY KEY AUTOINCREMENT,
	point TEXT NOT NULL,
	check_name TEXT NOT NULL,
	open  INTEGER NOT NULL,
	muted INTEGER NOT NULL,   -- 1: a person closed it, and its evidence still stands
	body  TEXT NOT NULL       -- grid.Case as JSON
);
CREATE UNIQUE INDEX data_case_open ON data_case (point, check_name) WHERE open = 1;
CREATE INDEX data_case_muted ON data_case (muted) WHERE muted = 1;
CREATE TABLE point_evidence (
	point TEXT PRIMARY KEY,
	body  TEXT NOT NULL       -- plausibility.Point as JSON
) WITHOUT ROWID;
`}
