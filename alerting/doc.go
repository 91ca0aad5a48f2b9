// Package alerting tells people which transformer is over a limit, and which
// meter is silent, once each and without crying wolf.
//
// Step and StepContact are the pure state machines, a subset of ISA-18.2:
// normal, unacknowledged, acknowledged, and returned without acknowledgement,
// with on-delay, off-delay and deadband. Nothing is raised or cleared by data
// that are stale, suspect or late: the state is held, with the time since when.
// A silent meter has an alarm of its own, which says nothing about the load.
//
// Engine keeps the states in the state database. A change of state and the
// pages that it causes are committed together, so that a page is neither lost
// nor sent for a state that nobody finds after a restart. Episodes keep their
// id across restarts; delivery is at least once with a key for each step.
package alerting
