// Package axdr is the A-XDR encoding (IEC 61334-6) of the COSEM data types:
// Value, a bounded decoder, an encoder, and DateTime.
//
// The decoder never panics, and makes at most MaxElements values, however many
// elements the octets claim to hold. It does not decode compact-array.
package axdr
