// Package lineproto carries readings and derived rows from the journal into
// databases that speak InfluxDB's line protocol: how a row becomes a line, and
// the Writer that follows the journal. Packages beside it know one database
// each, by the interface Database.
//
// The place of the journal's cursor is the one state that says what is done, so
// that a line may come twice and none is left out. A database that is down or
// slow delays its own copy and nothing else; a single line that it refuses goes
// to the dead letters; where it refuses the writer itself, the writer says so,
// keeps everything, and goes on by itself once that is mended.
package lineproto
