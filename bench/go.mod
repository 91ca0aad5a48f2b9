module phutai/bench

go 1.26.0

require (
	github.com/goburrow/modbus v0.1.0
	phutai v0.0.0
)

require github.com/goburrow/serial v0.1.0 // indirect

replace phutai => ../
