// Package meter turns one metering point into grid readings: a Profile (data in
// configs/meters) says which Modbus register or which attribute of which OBIS
// code is which quantity; Open gives a Device that speaks the profile's
// protocol over a line; Reason turns a protocol's error into the word that the
// register of absences uses.
//
// Figures stay as the meter gives them: secondary side, in V, A, kW, kvar,
// kVA, Hz, kWh and kvarh. Nothing here can write to a meter.
package meter
