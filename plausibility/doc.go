// Package plausibility finds metering points whose numbers cannot be right, from
// evidence that their own readings give: wrong ratios, wrong wiring, another
// meter, a clock that is off, counters that do not fit.
//
// A Point is what is remembered of one metering point: counts and sums of fixed
// size, no readings. It is pure: time comes with the readings. A check rests on
// figures graded good alone, needs its evidence for a while before it speaks, and
// is silent where what it needs is missing. It corrects nothing.
package plausibility
