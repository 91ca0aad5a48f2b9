package main

import (
	"context"
	"time"

	"phutai/app"
)

type demoVerb struct {
	Data   string        `help:"Folder for its files; kept, so that it can be killed and started again. Without it a temporary one is used and removed." type:"path" placeholder:"DIR"`
	Listen string        `help:"Address of the pages; loopback only." default:"127.0.0.1:8080"`
	Speed  float64       `help:"How many times faster than real time the clock runs." default:"60"`
	For    time.Duration `help:"Stop by itself after this much real time, with a summary. Without it: until interrupted." placeholder:"2m"`
	Lang   string        `help:"Language of the pages: vi or en." default:"vi" enum:"vi,en"`
	Log    string        `help:"How much to log to stderr: debug, info, warn, error." default:"warn" enum:"debug,info,warn,error"`
}

// Help teaches what the demo shows.
func (demoVerb) Help() string {
	return `A made-up province on real sockets: DLMS and Modbus meters, a broker, the store, the alarms and the pages, from 17:00 of the
third hot day. One meter is dead, one answers late, one shows a CT ratio that differs from the
register's (values follow the register). Its last lines count what was polled and stored.`
}

func (v demoVerb) Run(ctx context.Context, s streams) error {
	return app.Demo(ctx, app.DemoOptions{Data: v.Data, Listen: v.Listen, Speed: v.Speed, For: v.For, Lang: v.Lang, LogLevel: v.Log}, s.out, s.err)
}
