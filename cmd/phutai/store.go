package main

import (
	"context"

	"phutai/app"
)

type storeVerb struct {
	Backup  storeBackupVerb  `cmd:"" help:"Copy journal, state and spool into a new folder, also while phutai runs. (Sao lưu, kể cả khi đang chạy.)"`
	Restore storeRestoreVerb `cmd:"" help:"Put files of a backup in place, while phutai is stopped. (Khôi phục từ bản sao lưu, khi đã dừng.)"`

	Migrate   storeMigrateVerb   `cmd:"" help:"Bring the files up to this version, while phutai is stopped. (Nâng cấp tệp số liệu, khi đã dừng.)"`
	Recompute storeRecomputeVerb `cmd:"" help:"Work derived figures out again. (Tính lại số liệu suy ra.)"`

	Deadletters lettersVerb `cmd:"" help:"What could not be taken in: list, show, retry, drop. (Số liệu bị từ chối.)"`
}

type storeBackupVerb struct {
	configFlag
	Output string `short:"o" required:"" help:"Folder to make; must be empty or not there." type:"path" placeholder:"DIR"`
}

// Help says what a backup is.
func (storeBackupVerb) Help() string {
	return `What was committed before the verb was started is in the backup, and of no commit the half. The folder appears when all copies are read
through, sound and safe on the disk; manifest.json in it says what is there. The secrets and the configuration are not in it: keep them apart.
Thư mục sao lưu chỉ xuất hiện khi mọi bản sao đã được kiểm tra; mật khẩu và cấu hình không nằm trong đó.`
}

func (v storeBackupVerb) Run(ctx context.Context, s streams) error {
	return app.Backup(ctx, v.Config, v.Output, s.out, s.err)
}

type storeRestoreVerb struct {
	configFlag
	From string   `required:"" help:"Folder that phutai store backup wrote." type:"path" placeholder:"DIR"`
	Only []string `help:"Only these files, such as journal.db; all by default." placeholder:"NAME"`
}

// Help says what happens to the present files.
func (storeRestoreVerb) Help() string {
	return `Stop phutai first. The whole backup is verified before anything is changed, and the present files are kept beside the restored ones as
NAME.before-restore-DATE; delete them when you are sure. Readings that came after the backup are sent again by collectors that still have them.
Hãy dừng phutai trước. Tệp hiện có được giữ lại bên cạnh với tên có ngày giờ; xoá khi đã chắc chắn.`
}

func (v storeRestoreVerb) Run(ctx context.Context, s streams) error {
	return app.Restore(ctx, app.RestoreOptions{Config: v.Config, From: v.From, Only: v.Only}, s.out, s.err)
}

type storeRecomputeVerb struct {
	configFlag
	Rollups     bool   `xor:"what" help:"Only the peaks and sums by day, from the loadings that are kept. (Chỉ đỉnh tải và tổng theo ngày.)"`
	Transformer string `xor:"what" help:"Of one transformer; of all by default. (Một máy biến áp.)" placeholder:"ID"`
	Unit        string `xor:"what" help:"Of a unit and those below it. (Một đơn vị và các đơn vị trực thuộc.)" placeholder:"ID"`
	From        string `help:"First day, or moment (YYYY-MM-DD or RFC 3339)." placeholder:"T"`
	To          string `help:"Day or moment before which to end." placeholder:"T"`
}

// Help says when it happens.
func (storeRecomputeVerb) Help() string {
	return `Primary values, loadings, temperatures and days are worked out again by the register as it is known now, from the readings that are kept. After
phutai fleet import that happens by itself for all that it changes about the past; order it by hand where an earlier version imported. The
running program does it beside its other work, or at its next start, and its log says when it is done. No alarm is raised by it. What is no
longer kept (store.keep) stays as it is.
Sau khi nhập hồ sơ, chương trình tự tính lại phần bị ảnh hưởng; dùng lệnh này khi cần tính lại bằng tay. Chương trình đang chạy sẽ tính lại ở
nền, hoặc ở lần khởi động sau. Số liệu không còn lưu thì giữ nguyên.`
}

func (v storeRecomputeVerb) Run(ctx context.Context, s streams) error {
	if v.Rollups {
		return app.RecomputeDays(ctx, v.Config, s.out)
	}
	return app.Recompute(ctx, app.RecomputeOptions{Config: v.Config, Transformer: v.Transformer, Unit: v.Unit, From: v.From, To: v.To}, s.out)
}

type storeMigrateVerb struct {
	configFlag
	WithoutCopy bool `help:"Keep no copy from before: there is no way back to the older program. (Không giữ bản sao: không quay lại phiên bản cũ được.)"`
}

// Help says when a person needs it.
func (storeMigrateVerb) Help() string {
	return `The start of a new version does the same. Before tables of a file are changed, a copy of it is kept, which needs as much room as the
file. Where there is none: make room, name a folder on another disk (copies in the configuration), or use --without-copy.
Mỗi tệp được sao một bản trước khi đổi bảng, cần chỗ trống bằng chính tệp đó. Nếu đĩa đầy: giải phóng chỗ, đặt copies sang đĩa khác,
hoặc dùng --without-copy.`
}

func (v storeMigrateVerb) Run(ctx context.Context, s streams) error {
	return app.Migrate(ctx, app.MigrateOptions{Config: v.Config, WithoutCopy: v.WithoutCopy}, s.out, s.err)
}
