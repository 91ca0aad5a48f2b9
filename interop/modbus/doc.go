// Package modbus lets programs that are not ours talk Modbus with phutai: the
// simonvetter client reads our simulated meter, and our client reads the
// simonvetter server. It holds tests only.
package modbus
