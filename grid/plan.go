package grid

// Plan is what one collector polls: the lines and the meters on each. It
// travels as a retained message; a collector keeps the last good one. Of each
// meter's load profile, nothing from before its Since is filed under its point.
type Plan struct {
	Collector CollectorID `json:"collector"`
	Version   int64       `json:"version"` // grows with each change
	Meters    []Meter     `json:"meters"`  // meters with the same Line share it
}
