// Package grid holds the words that the rest of phutai speaks: the things that
// stand in the field (Unit, Feeder, Substation, Transformer, MeteringPoint,
// Meter), what is measured there (Quantity, Values, Reading), how good it is
// (Quality) or why it is missing (Reason), what a transformer carries
// (Loading), what people are told (Alarm), and the Clock that loops run on.
//
// It knows no protocol, database or page, and imports only the standard
// library. Times are UTC; days, months and tariffs are cut elsewhere, in the
// configured time zone.
//
// Signs: active and reactive power are positive when they flow from the grid
// towards the customers. Rooftop solar at noon makes P negative, and that is
// no error. Currents are magnitudes and never negative.
package grid
