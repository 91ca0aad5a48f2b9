// Package axdr is the A-XDR encoding (IEC 61334-6) of the COSEM data types:
// Value, a bounded decoder, an encoder, and DateTime.
//
// The decoder never panics and never allocates more than a fixed multiple of
// the octets that it is given. It does not decode compact-array.
package axdr
