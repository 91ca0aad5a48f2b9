package main

import (
	"context"
	"time"

	"phutai/app"
)

type fleetVerb struct {
	Check  fleetCheckVerb  `cmd:"" help:"Read a register from a workbook or a folder of CSV files; list every problem, import nothing. (Kiểm tra, không nhập.)"`
	Import fleetImportVerb `cmd:"" help:"Import it: all of it, or nothing. (Nhập toàn bộ hoặc không gì cả.)"`
	Export fleetExportVerb `cmd:"" help:"Write the register as a workbook (.xlsx) or a folder of CSV files. (Xuất ra.)"`
	Diff   fleetDiffVerb   `cmd:"" help:"Hold a source against the register: new, gone, changed. (Đối chiếu: mới, không còn, khác.)"`

	Commission fleetCommissionVerb `cmd:"" help:"Ask each new meter once: reached, read, plausible, or why not. (Nghiệm thu công tơ mới.)"`

	List fleetListVerb `cmd:"" help:"Print what stands where. (Liệt kê.)"`
}

// configFlag is shared by the verbs that work on an installation.
type configFlag struct {
	Config string `short:"c" required:"" help:"Configuration file." type:"path" placeholder:"FILE"`
}

// sourceFlags name a register in files, or a list of another system.
type sourceFlags struct {
	configFlag
	Path      string `arg:"" help:"An .xlsx workbook, a folder of CSV files, or a CSV file." type:"path"`
	Mapping   string `help:"YAML file that says which column of a list is which of the register. (Khai báo cột của danh sách.)" type:"path" placeholder:"FILE"`
	Encoding  string `help:"Of text from before Unicode: tcvn3 or vni. (Bảng mã cũ: tcvn3 hoặc vni.)" placeholder:"NAME"`
	Effective string `help:"Date from which changed rows are valid, where the file gives none (YYYY-MM-DD). (Ngày hiệu lực.)" placeholder:"DATE"`
}

func (f sourceFlags) source() app.FleetSource {
	return app.FleetSource{Config: f.Config, Path: f.Path, Mapping: f.Mapping, Encoding: f.Encoding, Effective: f.Effective}
}

type fleetCheckVerb struct{ sourceFlags }

func (v fleetCheckVerb) Run(ctx context.Context, s streams) error {
	return app.FleetCheck(ctx, v.source(), s.out, s.err)
}

type fleetDiffVerb struct {
	sourceFlags
	JSON bool   `name:"json" help:"Print it as JSON."`
	Lang string `help:"vi or en." default:"vi" enum:"vi,en"`
}

func (v fleetDiffVerb) Run(ctx context.Context, s streams) error {
	return app.FleetDiff(ctx, app.FleetDiffOptions{FleetSource: v.source(), JSON: v.JSON, Lang: v.Lang}, s.out, s.err)
}

// Help says what is compared.
func (fleetDiffVerb) Help() string {
	return `What is told as gone is in the register and not in the list, among the units of which the list has anything. Rows that name nothing of
the register are listed with file and line, as is what keeps the list from being imported. Nothing is changed.
(Mục "không còn" có trong hồ sơ nhưng không có trong danh sách, chỉ xét các đơn vị có trong danh sách. Không thay đổi gì.)`
}

type fleetImportVerb struct {
	sourceFlags
	DryRun bool `help:"Say what would change and change nothing. (Chạy thử.)"`

	AllowRemoval bool `help:"Let it end what holds, as an exchange of meters does: the lines that end in gone. (Cho phép kết thúc hiệu lực.)"`
}

func (v fleetImportVerb) Run(ctx context.Context, s streams) error {
	return app.FleetImport(ctx, app.FleetImportOptions{FleetSource: v.source(), DryRun: v.DryRun, AllowRemoval: v.AllowRemoval}, s.out, s.err)
}

// Help says what an import changes.
func (fleetImportVerb) Help() string {
	return `Ids that the files do not name stay as they are, and what was valid before a row's valid_from stays known. A row with valid_from and
valid_to corrects that time alone: what was known goes on after it. To end something, such as a meter that was taken away, repeat its row
with valid_to; that needs --allow-removal. One wrong cell, and nothing is imported: every problem is told as file:line: column: problem.
Every change is printed. Importing the same again changes nothing.
Lists of other systems (CMIS, PMIS, plain lists) are read by the headers that staff use, such as MA_DVIQLY, MA_TRAM, TEN_TRAM, LOAI_TRAM,
MA_DDO, HSN, or by --mapping. What a list does not say stays as it is; codes that Excel has broken are repaired where one alone can be
meant, and each is told. Look first: phutai fleet diff, then --dry-run.
(Dòng có valid_from và valid_to chỉ sửa khoảng thời gian đó. Muốn kết thúc hiệu lực, ví dụ công tơ đã tháo, hãy ghi lại dòng đó với
valid_to và thêm --allow-removal. Danh sách CMIS, PMIS được đọc theo tên cột quen dùng hoặc theo --mapping; những gì danh sách không
nói đến thì giữ nguyên; mã bị Excel làm hỏng được sửa nếu chỉ có một khả năng, và luôn được báo.)`
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

type fleetCommissionVerb struct {
	configFlag
	Since   string        `required:"" help:"Meters that stand where they stand since that day, or became known then (YYYY-MM-DD). (Từ ngày.)" placeholder:"DATE"`
	Timeout time.Duration `help:"How long to wait for one meter. (Thời gian chờ một công tơ.)" default:"20s"`
	Lang    string        `help:"vi or en." default:"vi" enum:"vi,en"`
}

func (v fleetCommissionVerb) Run(ctx context.Context, s streams) error {
	return app.Commission(ctx, app.CommissionOptions{Config: v.Config, Since: v.Since, Timeout: v.Timeout, Lang: v.Lang}, s.out)
}

// Help says what is asked and what keeps a meter from answering.
func (fleetCommissionVerb) Help() string {
	return `A modem holds one connection: one that a running collector is asking may refuse this. It only reads. Exit code 1 while one is not plausible.
(Chỉ đọc. Modem đang được bộ thu thập hỏi có thể từ chối. Mã thoát 1 nếu còn công tơ chưa đạt.)`
}
