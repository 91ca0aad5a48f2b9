// Package dlms reads meters that speak DLMS/COSEM (IEC 62056) over the TCP
// wrapper: one association without security or with a password, kept open
// between polls, GET with lists and blocks, and the load profile by range.
//
// The parts under it are sans-IO: axdr and apdu are codecs, wrapper frames
// them, cosem says what the objects mean, obis names them. Only this package
// touches a connection. It has no SET and no ACTION: the first byte of all that
// it sends is AARQ, GET or RLRQ.
package dlms
