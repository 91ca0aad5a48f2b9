// Package thermal computes the top-oil and hot-spot temperature of an
// oil-immersed transformer and how fast its insulation ages, by the difference
// equations of IEC 60076-7:2018, 8.2.3. It knows nothing of meters or clocks:
// the caller says what load and air prevailed for how long.
//
// Each of the three first-order lags is advanced by its exact solution for a
// load that is constant over the step. The Euler step that the standard prints
// needs steps below half the winding's time constant; on the 30-minute rows of
// a load profile it diverges, while the exact one is stable at any length and
// one step of 30 minutes equals thirty of one minute.
//
// It does not model tap changers, pumps that fail, or moisture, and the ageing
// rate is relative to dry paper at its design temperature: it is no forecast of
// remaining life.
package thermal
