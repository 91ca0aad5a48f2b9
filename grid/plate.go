package grid

// Plate is what a meter says about itself: its serial number, and the ratios of
// the instrument transformers that were set in it. Empty and zero are what the
// meter has no object for.
type Plate struct {
	Serial string
	CTNum  float64 // A, or the whole ratio where CTDen is zero
	CTDen  float64 // A
	VTNum  float64 // V, or the whole ratio where VTDen is zero
	VTDen  float64 // V
}
