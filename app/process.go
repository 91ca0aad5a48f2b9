package app

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"phutai/db"
)

// process is an installation at work until its process is to end. Where the
// center finds no room to keep a copy of a file that a new version changes, the
// collector polls alone meanwhile: its readings wait in the spool.
type process struct {
	cfg    Config
	parts  Parts
	now    atomic.Pointer[App] // nil: one is being opened
	herald *herald
	speak  func() // has the herald speak; a second call does nothing
}

func (p *process) run(ctx context.Context) error {
	p.herald = newHerald(p.alive, p.parts.Log)
	p.parts.Busy = p.herald.busy
	spoken, hush := context.WithCancel(ctx) // a role may end before ctx does
	var speaking sync.WaitGroup
	p.speak = sync.OnceFunc(func() { speaking.Go(func() { p.herald.run(spoken) }) })
	defer speaking.Wait()
	defer hush()
	for {
		err := p.once(ctx, p.cfg, atWork)
		room, lacks := errors.AsType[*db.NoRoomError](err)
		if !lacks || !p.cfg.has(Collect) || !p.cfg.has(Center) {
			return err
		}
		p.parts.Log.Error("the center waits for room on the disk; until then meters are polled, readings wait in the spool, and there are no pages", zap.Error(err))
		if err := p.pollAlone(ctx, room); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// alive is the herald's question.
func (p *process) alive(ctx context.Context) error {
	if a := p.now.Load(); a != nil {
		return a.alive(ctx)
	}
	return nil
}

// once runs an installation until ctx ends or a role fails.
func (p *process) once(ctx context.Context, cfg Config, doing string) (err error) {
	a, err := New(ctx, cfg, p.parts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if r := a.Register(); r != nil {
		if err := soundRegister(ctx, &cfg, r); err != nil {
			return err
		}
		for _, gap := range gapsOfView(&cfg, r.View(time.Now())) {
			p.parts.Log.Warn("a secret cannot be read, its meters are absent until it can", zap.Stringer("gap", gap))
		}
	}
	p.now.Store(a)
	defer p.now.Store(nil)
	p.herald.doing.Store(doing)
	p.speak()
	return a.Run(ctx)
}

// How long it is waited for room, in real time: between two looks, and where the
// system says that there is some although a write was refused, as under a quota.
const (
	roomLook = 5 * time.Second
	roomRest = 10 * time.Minute
)

// awaitRoom waits until it is worth trying again.
func awaitRoom(ctx context.Context, room *db.NoRoomError) {
	pause := roomLook
	if !room.Lasts() {
		pause = roomRest
	}
	for {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if !room.Lasts() {
			return
		}
		pause = roomLook
	}
}

// pollAlone runs the collector by itself until there is room.
func (p *process) pollAlone(ctx context.Context, room *db.NoRoomError) error {
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	go func() {
		awaitRoom(ctx, room)
		enough()
	}()
	cfg := p.cfg
	cfg.Roles = []Role{Collect}
	return p.once(ctx, cfg, "polling only, the center waits for room: "+room.Error())
}
