// Package loading turns readings of a metering point into what its
// transformers carry: worst-phase loading and the limit that governs it, S/Sn,
// unbalance, headroom, temperatures, trend and minutes to the limit.
//
// The formulas are pure. Writer is the one writer of the derived series: it is
// fed with changed readings, keeps the thermal path of each transformer in
// order of time even when history arrives late, and hands what is fresh to
// alerting. A percentage is given only where the rating is known.
//
// In is Sn/(√3·Un) with Un of the metered side: 640 A on a 400 kVA, 0.4 kV
// transformer is 110.85 %.
package loading
