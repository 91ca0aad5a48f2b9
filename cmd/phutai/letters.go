package main

import (
	"context"

	"phutai/app"
)

type lettersVerb struct {
	List  lettersListVerb  `cmd:"" help:"List them, also while phutai runs. (Liệt kê.)"`
	Show  lettersShowVerb  `cmd:"" help:"Show one with all that was received. (Xem một mục.)"`
	Retry lettersRetryVerb `cmd:"" help:"Have them taken in again, once the cause is mended. (Nhập lại sau khi sửa nguyên nhân.)"`
	Drop  lettersDropVerb  `cmd:"" help:"Have them dropped. (Bỏ đi.)"`
}

type lettersListVerb struct {
	configFlag
	Lang string `help:"vi or en." default:"vi" enum:"vi,en"`
	JSON bool   `name:"json" help:"Print JSON, with all that was received."`
}

func (v lettersListVerb) Run(ctx context.Context, s streams) error {
	return app.ListLetters(ctx, app.LetterOptions{Config: v.Config, Lang: v.Lang, JSON: v.JSON}, s.out)
}

type lettersShowVerb struct {
	configFlag
	Letter int64 `arg:"" help:"Its number in the list."`
}

func (v lettersShowVerb) Run(ctx context.Context, s streams) error {
	return app.ShowLetter(ctx, app.LetterOptions{Config: v.Config, Letter: []int64{v.Letter}}, s.out)
}

// meantFlags say which letters an order is about.
type meantFlags struct {
	configFlag
	Letter []int64 `arg:"" optional:"" help:"Numbers in the list."`
	Reason string  `help:"All with this reason, such as no-ratio." placeholder:"REASON"`
	All    bool    `help:"All there are."`
	Lang   string  `help:"vi or en." default:"vi" enum:"vi,en"`
}

func (v meantFlags) options(retry bool) app.LetterOptions {
	return app.LetterOptions{Config: v.Config, Letter: v.Letter, Reason: v.Reason, All: v.All, Retry: retry, Lang: v.Lang}
}

// Validate makes an order about nothing a wrong usage.
func (v meantFlags) Validate() error { return v.options(false).Validate() }

type lettersRetryVerb struct{ meantFlags }

// Help says who does it.
func (lettersRetryVerb) Help() string {
	return `An order to the process that writes the journal: the running phutai carries it out within seconds, or the next one at its start. A letter
goes the way of a message and disappears when it is stored; otherwise its count and its reason are renewed. With --reason or --all those
that cannot be retried are left out.
Đây là lệnh cho tiến trình đang giữ nhật ký số liệu; mục nào vẫn không lưu được thì ở lại với lý do mới.`
}

func (v lettersRetryVerb) Run(ctx context.Context, s streams) error {
	return app.OrderLetters(ctx, v.options(true), s.out)
}

type lettersDropVerb struct{ meantFlags }

// Help says who does it.
func (lettersDropVerb) Help() string {
	return `An order to the process that writes the journal: the running phutai carries it out within seconds, or the next one at its start. What is
dropped is gone; phutai store deadletters list --json keeps a copy.
Đây là lệnh cho tiến trình đang giữ nhật ký số liệu; mục đã bỏ thì không lấy lại được.`
}

func (v lettersDropVerb) Run(ctx context.Context, s streams) error {
	return app.OrderLetters(ctx, v.options(false), s.out)
}
