// Package sim is a made-up province in the Red River delta: its weather, the
// load of its transformers through a heat wave, and the meters that watch it.
//
// A province is a pure function of its seed and of time. Any meter can be
// asked about any instant, in any order and as often as one likes, and answers
// the same; so a demonstration that was killed goes on where the clock stands,
// and a test can ask afterwards what the truth was.
//
// Loads are defined at knots ten minutes apart. Between two knots active power,
// reactive power and voltage of each phase run along straight lines, so the
// energy counters are exact integrals of the power and not a sum of samples.
// Everything else (current, apparent power, power factor, neutral current)
// follows from these by the formulas of an undistorted three-phase system.
//
// Serving the meters over real sockets is the work of the subpackages dlmsmeter
// and modbusmeter. Nothing here belongs into a running control room: the
// package exists for the demonstration and for tests.
package sim
