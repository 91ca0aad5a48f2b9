// Package pack is the form in which readings and loadings lie in the journal:
// one 63-bit integer for the key and a short run of bytes for the rest. A
// reading of twelve values takes about 40 bytes, and its key orders rows by
// point, source and time.
//
// It does no input or output. Bytes that it did not write are refused with an
// error, never with a panic. The format is append-only: what was ever written
// stays readable, and a new form gets a new format number.
package pack
