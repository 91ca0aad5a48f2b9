package app

import (
	"context"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/store"
	"phutai/store/influx"
	"phutai/store/lineproto"
	"phutai/store/victoria"
)

// storeWriter copies the journal into another database.
type storeWriter interface {
	Run(ctx context.Context) error
	Health() []lineproto.Trouble
	Stats() lineproto.Stats
	Name() lineproto.Name
}

// newStoreWriters makes the writers that are configured. It gives up the places
// of those that are not, which would otherwise keep the journal's feed from being
// pruned. Configured again, one starts from the beginning and writes what is
// there already once more.
func newStoreWriters(ctx context.Context, cfg StoreConfig, j *store.Journal, places lineproto.Places, accounts lineproto.Accounts, clock grid.Clock, log *zap.Logger) (writers []storeWriter, err error) {
	parts := lineproto.Parts{Feed: j, Places: places, Accounts: accounts, Clock: clock, Log: log}
	var gone []string
	if cfg.Influx.Enabled() {
		writers = append(writers, influx.New(cfg.Influx, parts))
	} else {
		gone = append(gone, influx.Consumers()...)
	}
	if cfg.Victoria.Enabled() {
		writers = append(writers, victoria.New(cfg.Victoria, j, parts))
	} else {
		gone = append(gone, victoria.Consumers()...)
	}
	for _, name := range gone {
		if err := j.Forget(ctx, name); err != nil {
			return nil, err
		}
	}
	return writers, nil
}
