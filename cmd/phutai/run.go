package main

import (
	"context"

	"phutai/app"
)

type runVerb struct {
	Config string   `short:"c" required:"" help:"Configuration file." type:"path" placeholder:"FILE"`
	Role   []string `help:"Only these roles: collect, center, broker. Without it, those of the configuration (all by default)." placeholder:"ROLE"`
}

// Help says how it starts and stops.
func (runVerb) Help() string {
	return `Runs until it is interrupted (SIGINT or SIGTERM), then stops in the order in which readings flow; nothing that was read is lost.
Its log, on stderr, says where the pages are. Before the first start: phutai check -c FILE.`
}

func (v runVerb) Run(ctx context.Context, s streams) error {
	return app.RunFile(ctx, v.Config, v.Role, s.err)
}

type checkVerb struct {
	Config string `short:"c" required:"" help:"Configuration file." type:"path" placeholder:"FILE"`
}

func (v checkVerb) Run(ctx context.Context, s streams) error {
	return app.Check(ctx, v.Config, s.out)
}

type initVerb struct {
	Dir string `arg:"" help:"Folder to make; must be empty or not there." type:"path"`
}

func (v initVerb) Run(_ context.Context, s streams) error { return app.Init(v.Dir, s.out) }

type healthVerb struct {
	Address string `help:"Where its pages listen." default:"http://127.0.0.1:8080"`
	Lang    string `help:"vi or en." default:"vi" enum:"vi,en"`
}

func (v healthVerb) Run(ctx context.Context, s streams) error {
	return app.Health(ctx, v.Address, v.Lang, s.out)
}
