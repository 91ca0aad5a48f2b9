// Package modbusmeter is a Modbus TCP gateway on a real socket with simulated
// Eastron SDM630 meters behind it, each a unit id. It answers reads, refuses
// and counts writes, and misbehaves where a test or a demo asks it to.
//
// It shares no code with package meter/modbus: a mistake there would else
// answer itself.
package modbusmeter
