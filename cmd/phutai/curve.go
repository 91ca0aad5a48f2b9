package main

import (
	"context"
	"time"

	"phutai/app"
)

type exportVerb struct {
	configFlag
	Transformer string        `required:"" xor:"what" help:"Transformer id." placeholder:"ID"`
	Feeder      string        `required:"" xor:"what" help:"Feeder id: the sum of its transformers. (Tổng các máy biến áp của một lộ.)" placeholder:"ID"`
	Least       float64       `help:"How much of a feeder's kVA must report for a sum, %." default:"80" placeholder:"PCT"`
	From        string        `required:"" help:"First day, or moment (YYYY-MM-DD or RFC 3339)."`
	To          string        `required:"" help:"Day or moment before which to end."`
	Every       time.Duration `help:"Length of a row's interval." default:"30m"`
	Format      string        `help:"csv; xlsx and parquet come later." default:"csv" enum:"csv"`
	AsOf        string        `help:"Figures by the register as it was known at the end of this day, or at this moment. (Theo hồ sơ được biết đến thời điểm này.)" placeholder:"T"`
	Output      string        `short:"o" help:"File to write; - is standard output." default:"-" placeholder:"FILE"`
	Lang        string        `help:"Language of the header: vi or en." default:"vi" enum:"vi,en"`
}

// Help says what the rows are.
func (exportVerb) Help() string {
	return `One row an interval, primary values, with the reason where there is no reading. Also while phutai runs on the same files:
  phutai export -c phutai.yml --transformer TBA-0001-T1 --from 2026-06-01 --to 2026-07-01 -o june.csv
Sums of a feeder are over means of the same interval, and say how many transformers and how much kVA report; below --least they stay empty.
With --as-of T all figures are derived from the readings by ratios, ratings and places as the register had them at T, so that a report of
then can be printed again; readings that have come since are in it.
Với --as-of T, số liệu được tính từ số đo theo tỷ số biến, công suất và vị trí mà hồ sơ có tại thời điểm T.`
}

func (v exportVerb) Run(ctx context.Context, s streams) error {
	return app.Export(ctx, app.ExportOptions{
		Config: v.Config, Transformer: v.Transformer, Feeder: v.Feeder, Least: v.Least, From: v.From, To: v.To, Every: v.Every, AsOf: v.AsOf, Output: v.Output, Lang: v.Lang,
	}, s.out)
}

type thermalVerb struct {
	Params string `required:"" help:"Parameters, JSON." type:"existingfile" placeholder:"FILE.json"`
	Input  string `required:"" help:"CSV with time,load_a,ambient_c; a row holds for the interval that ends at it." type:"existingfile" placeholder:"IN.csv"`
	Output string `required:"" help:"CSV to write: time,top_oil_c,hot_spot_c,ageing_rate,loss_of_life_h." type:"path" placeholder:"OUT.csv"`
}

// Help shows the parameters.
func (thermalVerb) Help() string {
	return `The first row of the input gives the starting state. The parameters are of the nameplate, such as
{"rated_current_a": 577.4, "load_loss_w": 3818, "no_load_loss_w": 433, "top_oil_rise_k": 55, "hot_spot_rise_k": 23,
"enclosure_rise_k": 0, "cooling": "distribution", "paper": "normal", "start": "steady"}; all but the rated current may be left out.
Loss of life is in hours of life at the design temperature.`
}

func (v thermalVerb) Run(context.Context, streams) error {
	return app.Thermal(v.Params, v.Input, v.Output)
}
