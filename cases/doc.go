// Package cases keeps the doubts about the numbers of metering points: what the
// checks of plausibility have found, since when, by which evidence, and how it
// ended. There is at most one open case of a point and a check. A case ends when
// the data contradict it for long enough, when the register changes, or by a
// person who gives a reason. It corrects nothing; it tells others what is in doubt.
package cases
