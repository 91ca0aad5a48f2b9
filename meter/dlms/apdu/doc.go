// Package apdu is the codec of the messages that a reading client and a meter
// exchange: association (AARQ, AARE, RLRQ, RLRE; BER as in IEC 62056-5-3,
// clause 7 and annex D), GET with its lists and blocks, exception-response and
// confirmedServiceError. Both directions are here, because the simulated meter
// decodes what the client encodes.
//
// There is no type for SET and none for ACTION, so nothing here can change a
// meter.
package apdu
