module phutai/interop

go 1.26.0

require phutai v0.0.0

require (
	github.com/goburrow/serial v0.1.0 // indirect
	github.com/simonvetter/modbus v1.6.3 // indirect
)

replace phutai => ../
