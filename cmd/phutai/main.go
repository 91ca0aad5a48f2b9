// Command phutai reads the meters of distribution substations, keeps every
// reading, and tells people which transformer is nearing its limit.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes: the thing asked for was done, it failed, or it was asked wrongly.
const (
	exitDone = iota
	exitFailed
	exitUsage
)

// cli is the list of verbs, in the order in which a newcomer meets them.
type cli struct {
	Demo    demoVerb    `cmd:"" help:"Everything against a simulated province, in a browser. (Chạy thử với một tỉnh mô phỏng.)"`
	Init    initVerb    `cmd:"" help:"Write an example configuration and register into a folder. (Tạo cấu hình mẫu.)"`
	Check   checkVerb   `cmd:"" help:"Check a configuration and its register; list every problem. (Kiểm tra cấu hình.)"`
	Run     runVerb     `cmd:"" help:"Poll meters, keep readings, raise alarms, serve pages. (Vận hành.)"`
	Read    readVerb    `cmd:"" help:"Ask one meter now. (Đọc ngay một công tơ.)"`
	Fleet   fleetVerb   `cmd:"" help:"The register: check, import, export, compare, list. (Hồ sơ lưới: kiểm tra, nhập, xuất, đối chiếu, liệt kê.)"`
	Store   storeVerb   `cmd:"" help:"The files of readings: backup, restore, dead letters. (Tệp số liệu: sao lưu, khôi phục, số liệu bị từ chối.)"`
	Export  exportVerb  `cmd:"" help:"One transformer's load curve as CSV. (Xuất biểu đồ phụ tải.)"`
	Report  reportVerb  `cmd:"" help:"Reports: what was collected. (Báo cáo: tỷ lệ thu thập.)"`
	Thermal thermalVerb `cmd:"" help:"Top-oil and hot-spot temperature of a load curve, after IEC 60076-7. (Nhiệt độ dầu và điểm nóng.)"`
	Sim     simVerb     `cmd:"" help:"Serve a simulated province of meters and write the truth. (Mô phỏng công tơ.)"`
	Health  healthVerb  `cmd:"" help:"Ask a running phutai whether it is well; exit 1 if not. (Kiểm tra tình trạng.)"`
}

// streams are where a verb reads nothing from and writes to.
type streams struct {
	out, err io.Writer
}

func main() {
	ctx, stop := untilAsked()
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// untilAsked gives a context that ends when somebody asks the program to stop.
// Asked again, the program dies at once, whatever it still does.
func untilAsked() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var verbs cli
	helped := false
	parser, err := kong.New(&verbs,
		kong.Name("phutai"),
		kong.Description("Loads of distribution transformers: every reading kept, every overload told in time.\n"+
			"Giám sát mang tải máy biến áp phân phối. It never writes to a meter.\n\n"+
			"Start with:  phutai demo"),
		kong.UsageOnError(),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(streams{stdout, stderr}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "phutai:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if helped {
		return exitDone
	}
	if err != nil {
		fmt.Fprintln(stderr, "phutai:", err)
		fmt.Fprintln(stderr, "phutai --help lists the verbs, phutai <verb> --help their flags")
		return exitUsage
	}
	if err := kctx.Run(); err != nil {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			return exitDone
		}
		fmt.Fprintln(stderr, err)
		return exitFailed
	}
	return exitDone
}
