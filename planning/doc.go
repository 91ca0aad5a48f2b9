// Package planning gives planners what they carry into their own programs: the
// load curve of a transformer in regular steps, with units in its header and a
// reason in every empty row. It reads the store and changes nothing.
package planning
