package app

import (
	"context"
	"errors"
	"fmt"
)

// alive gives an error if a part is stuck so that only a restart can help, or is
// not at work yet. It asks each whether it still answers, not whether it is content:
// a full disk or a broker that is down is told by Health and by no restart mended.
func (a *App) alive(ctx context.Context) error {
	if a.center != nil {
		if a.center.web.URL() == "" {
			return errors.New("the pages do not listen yet")
		}
		// A commit, since that is what the center lives by. What it says if the disk
		// is full is an answer as well.
		if err := a.center.journal.SaveState(ctx, "alive", []byte{}); err != nil && ctx.Err() != nil {
			return fmt.Errorf("the journal gives no answer: %w", err)
		}
	}
	if a.collect != nil {
		return a.collect.Alive(ctx)
	}
	return nil
}
