package main

import (
	"context"
	"time"

	"phutai/app"
)

type readVerb struct {
	Config       string        `short:"c" help:"Configuration file, with --point." type:"path" placeholder:"FILE" xor:"way"`
	Point        string        `help:"Metering point of the register." placeholder:"ID"`
	Address      string        `help:"Line of a meter that is in no register, such as tcp://10.1.2.3:4059." placeholder:"URL" xor:"way"`
	Profile      string        `help:"Meter profile, with --address." placeholder:"NAME"`
	Unit         int           `help:"Modbus unit id or DLMS server address, with --address."`
	PasswordFile string        `help:"File with the meter's password, with --address." type:"existingfile" placeholder:"FILE"`
	Timeout      time.Duration `help:"How long to wait for the whole answer." default:"30s"`
	JSON         bool          `name:"json" help:"Print JSON."`
}

// Help says what comes back.
func (readVerb) Help() string {
	return `Prints what the meter says now, on its secondary side, and the clock error; or, in plain words, why it says nothing.`
}

func (v readVerb) options() app.ReadOptions {
	return app.ReadOptions{
		Config: v.Config, Point: v.Point, Address: v.Address, Profile: v.Profile, Unit: v.Unit,
		PasswordFile: v.PasswordFile, Timeout: v.Timeout, JSON: v.JSON,
	}
}

// Validate makes flags that name no meter a wrong usage.
func (v readVerb) Validate() error { return v.options().Validate() }

func (v readVerb) Run(ctx context.Context, s streams) error {
	return app.Read(ctx, v.options(), s.out)
}

type simVerb struct {
	Out          string        `required:"" help:"Folder to write: the register as CSV, and the truth at the end." type:"path" placeholder:"DIR"`
	Transformers int           `help:"How many transformers." default:"44"`
	Speed        float64       `help:"How many times faster than real time the meters' clock runs." default:"1"`
	For          time.Duration `help:"Stop by itself after this much real time. Without it: until interrupted." placeholder:"10m"`
}

// Help says how an installation is tried against it.
func (simVerb) Help() string {
	return `Listens on loopback, on ports of its own choice. To poll it from an installation, set secrets: DIR/secrets in its configuration and
  phutai fleet import -c phutai.yml DIR/fleet
  phutai run -c phutai.yml
The meters' clocks start on a June evening, so pages mark them as wrong, and their load profiles are of that month.`
}

func (v simVerb) Run(ctx context.Context, s streams) error {
	return app.Simulate(ctx, app.SimOptions{Out: v.Out, Transformers: v.Transformers, Speed: v.Speed, For: v.For}, s.out)
}
