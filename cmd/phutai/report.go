package main

import (
	"context"

	"phutai/app"
)

type reportVerb struct {
	Collection reportCollectionVerb `cmd:"" help:"How much of what was due on a day has come, and what lacks why. (Tỷ lệ thu thập và lý do thiếu số liệu.)"`
}

type reportCollectionVerb struct {
	configFlag
	Day    string `required:"" help:"Day (YYYY-MM-DD)."`
	Output string `short:"o" help:"FILE.xlsx for all sheets, FILE.csv for what is missing; - is standard output, as CSV." default:"-" placeholder:"FILE"`
	Lang   string `help:"Language: vi or en." default:"vi" enum:"vi,en"`
}

// Help says what is counted.
func (reportCollectionVerb) Help() string {
	return `Rate = received / due, counted in single readings: polls, and rows of load profiles; figures that were made count as missing. A run of missing
readings for one reason is one row. Also while phutai runs on the same files:
  phutai report collection -c phutai.yml --day 2026-06-22 -o thu-thap.xlsx
Tỷ lệ = đã thu / phải thu theo từng đơn vị và điểm đo; mỗi khoảng thiếu có lý do.`
}

func (v reportCollectionVerb) Run(ctx context.Context, s streams) error {
	return app.ReportCollection(ctx, app.CollectionOptions{Config: v.Config, Day: v.Day, Output: v.Output, Lang: v.Lang}, s.out, s.err)
}
