// Package modbus reads meters by Modbus TCP: one Channel is one connection
// with any number of unit ids behind it, one Device is one of these meters.
//
// The client of goburrow/modbus builds and takes apart the requests; framing
// and transport are ours, after the MODBUS Messaging on TCP/IP Implementation
// Guide V1.0b. What they promise: one late answer, one closed connection or
// one answer of wrong length costs at most the exchange that it befell; no
// answer is ever taken for that of another request; and no function but the
// reads 1 to 4 leaves the socket.
package modbus
