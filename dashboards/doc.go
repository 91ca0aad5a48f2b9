// Package dashboards makes the Grafana boards from one source in Vietnamese and
// in English: the same panels, queries and limits, only the words differ. The
// JSON in vi/ and en/ is what Grafana's file provider reads; it is made by
// Render and committed, and a test holds the two together.
//
// Boards are classic JSON of schema version 42, ask InfluxQL only, and follow
// the control-room rule that what is normal is grey: amber means nearing a
// limit, red means over it, and there is no green.
//
//go:generate go test . -run TestCommittedBoardsAreWhatTheSourceMakes -update
package dashboards
