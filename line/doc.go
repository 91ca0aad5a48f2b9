// Package line knows how to reach meters: one Line is one address, with at
// most one connection that all meters behind it share. It dials when a
// connection is first needed and again after Drop, never in the background,
// and speaks no protocol.
//
// Addresses are URLs. Today only tcp://host:port exists; serial ports, RTU
// over TCP and modems that dial in get their own schemes in Open.
package line
