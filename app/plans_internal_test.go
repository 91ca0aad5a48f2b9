package app

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/mqtt"
	"phutai/web"
)

// post is a broker as plans see it.
type post struct {
	mu   sync.Mutex // guards the fields below
	why  error      // it takes nothing
	went int        // plans that it took
}

func (p *post) publish(context.Context, grid.Plan) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why == nil {
		p.went++
	}
	return p.why
}

func (p *post) set(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.why = why
}

func (p *post) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.went
}

// tells waits until the troubles are as many as wanted, and checks that both languages
// name the collector and what to do.
func tells(t *testing.T, p *plans, want int, vi, en string) {
	t.Helper()
	var found []web.Problem
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if found = p.troubles(); len(found) == want {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("troubles are %+v, want %d", found, want)
		}
	}
	for _, f := range found {
		if f.Part != "plan" || !strings.Contains(f.TextVi, "main") || !strings.Contains(f.TextVi, vi) || !strings.Contains(f.TextEn, "main") || !strings.Contains(f.TextEn, en) {
			t.Errorf("it is told %+v", f)
		}
	}
}

func TestPlanThatTheBrokerDoesNotTakeIsToldUntilItGoesOut(t *testing.T) {
	clock := &handClock{noon}
	r, _ := exampleAt(t, clock)
	broker := &post{}
	broker.set(errors.New("no answer from the broker in 30s"))
	p := newPlans(r, clock, "main", broker.publish, func(grid.CollectorID) error { return nil }, zap.NewNop())
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	tells(t, p, 1, "người dùng center", "user center may write")
	broker.set(&mqtt.TooLargeError{Topic: "phutai/v1/lines/main", Bytes: 700 << 10})
	p.heard("main", 0)
	for deadline := time.Now().Add(time.Minute); !strings.Contains(p.troubles()[0].TextEn, "700 KB"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the other reason is not told: %+v", p.troubles())
		}
	}
	tells(t, p, 1, "max_packet_size", "max_packet_size")
	broker.set(nil)
	tells(t, p, 0, "", "") // it is offered again by itself
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRefusalThatTheLinkFindsLaterIsTold(t *testing.T) {
	clock := &handClock{noon}
	r, _ := exampleAt(t, clock)
	refused := func(grid.CollectorID) error { return &mqtt.TooLargeError{Bytes: 9 << 20} }
	p := newPlans(r, clock, "main", (&post{}).publish, refused, zap.NewNop())
	tells(t, p, 1, "9216 KB", "9216 KB")
}

// A broker that throws a plan away without a word is found out by what the
// collector says.
func TestCollectorThatKeepsAnEarlierPlanIsNamed(t *testing.T) {
	clock := &handClock{noon}
	r, _ := exampleAt(t, clock)
	broker := &post{}
	p := newPlans(r, clock, "main", broker.publish, func(grid.CollectorID) error { return nil }, zap.NewNop())
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	newest := r.View(noon).Plan("main", true).Version
	p.heard("main", newest-1)
	for deadline := time.Now().Add(time.Minute); broker.count() < 2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the plan is not sent again")
		}
	}
	tells(t, p, 0, "", "") // it may be on its way
	p.mu.Lock()
	p.another["main"] = time.Now().Add(-planWithin - time.Second)
	p.mu.Unlock()
	p.heard("main", newest-1)
	tells(t, p, 1, "vẫn đọc theo kế hoạch cũ", "earlier plan since")
	p.left("main")
	tells(t, p, 0, "", "")
	p.heard("main", newest-1)
	p.heard("main", newest)
	if len(p.another) != 0 {
		t.Error("a collector that has the newest plan is thought to have another")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
