// Package victoria copies the journal into VictoriaMetrics, by the line protocol
// of package lineproto.
//
// VictoriaMetrics takes lines before they are on its disk, and says nothing of a
// line that it leaves out. So the place that the journal keeps for this writer
// follows at a distance: it moves over what was taken only when the same run of
// the server has lived for the settle time since, and after a restart of either
// side all from that place on is written again. Lines that the server would
// distort are refused here. See docs/adr/0014.
package victoria
