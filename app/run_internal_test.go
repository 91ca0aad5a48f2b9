package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
)

// Roles are named by how they misbehave.

// staying ends so long after it was told to stop, and notes the moment.
func staying(name string, d time.Duration, order *[]string) role {
	return role{name, func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(d)
		*order = append(*order, name)
		return ctx.Err()
	}, 10 * time.Second}
}

func TestRolesStopOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, stop)
		began := time.Now()
		err := runRoles(ctx, []role{staying("a", 5*time.Second, &order), staying("b", 0, &order), staying("c", time.Second, &order)}, zap.NewNop())
		if took := time.Since(began); err != nil || strings.Join(order, "") != "abc" || took != time.Hour+6*time.Second {
			t.Errorf("%v in order %v after %s", err, order, took)
		}
	})
}

func TestStuckRoleDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		stuck := role{"stuck", func(context.Context) error { <-free; return nil }, 30 * time.Second}
		var order []string
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, stop)
		began := time.Now()
		err := runRoles(ctx, []role{staying("a", 0, &order), stuck, staying("c", time.Second, &order)}, zap.NewNop())
		if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "stuck: has not stopped within 30s") ||
			strings.Join(order, "") != "ac" || took != time.Hour+31*time.Second {
			t.Errorf("%v in order %v after %s", err, order, took)
		}
		close(free)
	})
}

func TestRoleThatEndsEndsAll(t *testing.T) {
	broken := errors.New("broken")
	for want, end := range map[string]error{"bad: broken": broken, "bad: ended by itself": nil, "bad: context canceled": context.Canceled} {
		synctest.Test(t, func(t *testing.T) {
			var order []string
			bad := role{"bad", func(context.Context) error { time.Sleep(time.Minute); return end }, time.Second}
			err := runRoles(t.Context(), []role{staying("a", 0, &order), bad, staying("c", 0, &order)}, zap.NewNop())
			if err == nil || err.Error() != want || strings.Join(order, "") != "ac" {
				t.Errorf("got %v in order %v, want %q", err, order, want)
			}
		})
	}
}

func TestFileThatDoesNotCloseDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		var closed []string
		a := &App{log: zap.NewNop()}
		a.keep("lock", func() error { closed = append(closed, "lock"); return nil })
		a.keep("journal", func() error { <-free; return nil })
		a.keep("spool", func() error { closed = append(closed, "spool"); return errors.New("dirty") })
		err := a.Close()
		if err == nil || !strings.Contains(err.Error(), "close journal: not done within") || !strings.Contains(err.Error(), "close spool: dirty") ||
			strings.Join(closed, " ") != "spool lock" {
			t.Errorf("%v, closed %q", err, closed)
		}
		close(free)
	})
}
