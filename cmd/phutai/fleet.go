package main

import (
	"context"

	"phutai/app"
)

type fleetVerb struct {
	Check  fleetCheckVerb  `cmd:"" help:"Read a register from a workbook or a folder of CSV files; list every problem, import nothing. (Kiểm tra, không nhập.)"`
	Import fleetImportVerb `cmd:"" help:"Import it: all of it, or nothing. (Nhập toàn bộ hoặc không gì cả.)"`
	Export fleetExportVerb `cmd:"" help:"Write the register as a workbook (.xlsx) or a folder of CSV files. (Xuất ra.)"`
	List   fleetListVerb   `cmd:"" help:"Print what stands where. (Liệt kê.)"`
}

// configFlag is shared by the verbs that work on an installation.
type configFlag struct {
	Config string `short:"c" required:"" help:"Configuration file." type:"path" placeholder:"FILE"`
}

type fleetCheckVerb struct {
	configFlag
	Path string `arg:"" help:"An .xlsx workbook or a folder of CSV files." type:"path"`
}

func (v fleetCheckVerb) Run(ctx context.Context, s streams) error {
	return app.FleetCheck(ctx, v.Config, v.Path, s.out)
}

type fleetImportVerb struct {
	configFlag
	Path      string `arg:"" help:"An .xlsx workbook or a folder of CSV files." type:"path"`
	Effective string `help:"Date from which changed rows are valid, where the file gives none (YYYY-MM-DD)." placeholder:"DATE"`
	DryRun    bool   `help:"Say what would change and change nothing."`

	AllowRemoval bool `help:"Let it end what holds, as an exchange of meters does: the lines that end in gone. (Cho phép kết thúc hiệu lực.)"`
}

func (v fleetImportVerb) Run(ctx context.Context, s streams) error {
	return app.FleetImport(ctx, app.FleetImportOptions{
		Config: v.Config, Path: v.Path, Effective: v.Effective, DryRun: v.DryRun, AllowRemoval: v.AllowRemoval,
	}, s.out)
}

// Help says what an import changes.
func (fleetImportVerb) Help() string {
	return `Ids that the files do not name stay as they are, and what was valid before a row's valid_from stays known. A row with valid_from and
valid_to corrects that time alone: what was known goes on after it. To end something, such as a meter that was taken away, repeat its row
with valid_to; that needs --allow-removal. One wrong cell, and nothing is imported: every problem is told as file:line: column: problem.
Every change is printed. Importing the same again changes nothing.
(Dòng có valid_from và valid_to chỉ sửa khoảng thời gian đó. Muốn kết thúc hiệu lực, ví dụ công tơ đã tháo, hãy ghi lại dòng đó với
valid_to và thêm --allow-removal.)`
}

type fleetExportVerb struct {
	configFlag
	Path string `arg:"" help:"An .xlsx file or a folder to write." type:"path"`
	AsOf string `name:"as-of" help:"What the register knew at the end of that day (YYYY-MM-DD)." placeholder:"DATE"`
}

func (v fleetExportVerb) Run(ctx context.Context, s streams) error {
	return app.FleetExport(ctx, v.Config, v.Path, v.AsOf, s.out)
}

type fleetListVerb struct {
	configFlag
	Lang string `help:"vi or en." default:"vi" enum:"vi,en"`
}

func (v fleetListVerb) Run(ctx context.Context, s streams) error {
	return app.FleetList(ctx, v.Config, v.Lang, s.out)
}
