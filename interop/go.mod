module phutai/interop

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/simonvetter/modbus v1.6.3
	phutai v0.0.0
)

require (
	github.com/goburrow/modbus v0.1.0 // indirect
	github.com/goburrow/serial v0.1.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace phutai => ../
