// Package influx carries readings and derived rows from the journal into
// InfluxDB 2, or into another database that speaks its write API.
//
// It uses blocking writes only: the place of the journal's cursor is the one
// state that says what is done, and writing a point twice changes nothing. A
// database that is down delays charts and loses nothing; a single line that it
// refuses goes to the dead letters; a wrong token, bucket or address stops the
// writer and says so, because no waiting would help.
package influx
