package modbus_test

import (
	"context"
	"fmt"
	"net"

	"phutai/grid"
	"phutai/line"
	"phutai/meter/modbus"
	"phutai/sim/modbusmeter"
)

// A gateway with one meter behind it is asked for its first voltage.
func Example() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() {
		served <- modbusmeter.Serve(ctx, ln, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{17: {Source: shows(17)}}})
	}()

	l, err := line.Open("tcp://"+ln.Addr().String(), line.Options{})
	if err != nil {
		fmt.Println(err)
		return // stop ends the gateway
	}
	meter := modbus.New(modbus.NewChannel(l), modbus.Config{
		Unit:      17,
		Registers: []modbus.Register{{Function: 4, Address: 0, Type: modbus.F32, Quantity: grid.Ua}},
	})
	sample, err := meter.Poll(ctx)
	ua, _ := sample.Values.Get(grid.Ua)
	fmt.Printf("%.2f V, %v\n", ua, err)

	fmt.Println(l.Close())
	stop()
	fmt.Println(<-served)
	// Output:
	// 200.17 V, <nil>
	// <nil>
	// <nil>
}
