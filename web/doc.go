// Package web shows people the fleet: a ranking of transformers by their worst
// phase, one page per transformer with its curve against its limits, and the
// list of alarms with one-tap acknowledging; and it gives the same figures to
// programs as JSON under /api/v1/.
//
// It computes no loading and keeps no state of its own. What it shows comes
// through the small interfaces of Deps, on the words of package grid, and the
// one thing that it changes (an alarm's acknowledgement) goes through the
// owner of alarms.
//
// Two rules hold on every page: a value is shown with its age, and a value
// that is too old stands in a group of its own, never among the normal ones. A
// page that has lost its server says so across its full width.
package web
