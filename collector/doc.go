// Package collector asks meters on a schedule and hands on what they say,
// without loss: a reading is committed to the spool (spool.db, synchronous=FULL)
// before anything else happens to it, and the spool forgets it only when the
// center's watermark covers it.
//
// A plan says which meters stand on which lines. Each line has one goroutine,
// its owner, which polls the meters in turn and reads their load profiles when
// no poll is due. A meter or a line that does not answer is asked less often,
// and each slot of the schedule that yields no value yields an absence with its
// reason, so that a gap is never silent.
//
// What the center finds lacking it asks for once more: the owner reads that
// after all else, and each interval is answered by its row or by an absence.
//
// The schedule runs on a grid.Clock, which may be scaled; deadlines of sockets
// and of the uplink are real time. The package only reads: it has no way to
// write to a meter.
package collector
