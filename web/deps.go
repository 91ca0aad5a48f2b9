package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"phutai/grid"
)

// Row is one transformer with what stands around it, as the register holds it
// now. Parts that the register does not know are zero values: a transformer
// without a metering point has an empty Point.ID.
type Row struct {
	Unit        grid.Unit
	Feeder      grid.Feeder
	Substation  grid.Substation
	Transformer grid.Transformer
	Point       grid.MeteringPoint
	Meter       grid.Meter
	// Fold is the text that a search looks into: names and codes without
	// accents, in lower case, as Deps.Fold makes it.
	Fold string
}

// Fleet tells what stands where.
type Fleet interface {
	// Rows gives all transformers. The slice may be shared between calls: it
	// is only read.
	Rows(ctx context.Context) ([]Row, error)
	// Row gives one transformer, and false where there is none of that id.
	Row(ctx context.Context, id grid.TransformerID) (Row, bool, error)
}

// Loadings gives what transformers carry.
type Loadings interface {
	// LatestLoading gives the newest loading of each transformer and source;
	// the page chooses the one that tells more.
	LatestLoading(ctx context.Context) ([]grid.Loading, error)
	// LoadingSeries walks over one transformer's loadings in [from, to).
	LoadingSeries(ctx context.Context, id grid.TransformerID, from, to time.Time, yield func(grid.Loading) error) error
}

// Days gives what transformers carried by local day.
type Days interface {
	// LoadDays gives one transformer's days that begin in [from, to), by time.
	LoadDays(ctx context.Context, id grid.TransformerID, from, to time.Time) ([]grid.LoadDay, error)
	// FleetDay gives the day of a moment of all transformers.
	FleetDay(ctx context.Context, at time.Time) ([]grid.LoadDay, error)
}

// Contacts tells how metering points stand with their collectors.
type Contacts interface {
	Contacts(ctx context.Context) ([]grid.Contact, error)
}

// Collected tells how much of what was due of a metering point has come.
type Collected interface {
	Collection(ctx context.Context, point grid.PointID, since time.Time) (grid.Collection, error)
}

// Units tells how much of what was due has come by unit.
type Units interface {
	// UnitsOn gives each unit that has metering points on the local day that
	// begins at day.
	UnitsOn(ctx context.Context, day time.Time) ([]UnitCollection, error)
}

// UnitCollection is the account of one unit on one day.
type UnitCollection struct {
	Unit   grid.Unit
	Points int // metering points
	Silent int // of them: nothing has come
	grid.Collection
}

// Made tells of figures that were made for rows of load profiles which stay missing.
type Made interface {
	// MadeBy gives how many rows of a metering point in [from, to) were made, by
	// the names of the rules.
	MadeBy(ctx context.Context, point grid.PointID, from, to time.Time) (map[string]int, error)
}

// Alarms is the owner of alarm states.
type Alarms interface {
	// List gives the alarms that stand, and may give some that have ended.
	List(ctx context.Context) ([]grid.Alarm, error)
	// Acknowledge records that who has seen the alarm. Acknowledging twice is
	// no error.
	Acknowledge(ctx context.Context, id grid.AlarmID, who string) error
}

// Cases is the owner of doubts about numbers.
type Cases interface {
	// Standing gives the open cases, the newest first.
	Standing(ctx context.Context) ([]grid.Case, error)
	// Closed gives those that were closed last, the newest first.
	Closed(ctx context.Context, limit int) ([]grid.Case, error)
	// Close closes a case by a person's name and reason.
	Close(ctx context.Context, id int64, who, why string) error
}

// CaseTable writes all cases for people, as CSV.
type CaseTable interface {
	WriteCases(ctx context.Context, w io.Writer, lang string) error
}

// Problem is one thing that is wrong with the running program, in words for the
// people who watch the page. Both texts say what to do.
type Problem struct {
	Part   string `json:"part"` // "broker", "store", "disk", …
	TextVi string `json:"text_vi"`
	TextEn string `json:"text_en"`
}

// Health lists what is wrong now; empty when all is well.
type Health interface {
	Health(ctx context.Context) []Problem
}

// Curves writes one transformer's load curve for people, as CSV.
type Curves interface {
	WriteCurve(ctx context.Context, w io.Writer, ask CurveAsk) error
}

// CurveAsk says which curve is wanted.
type CurveAsk struct {
	Transformer grid.TransformerID
	From, To    time.Time     // [From, To), UTC
	Every       time.Duration // regular step
	Lang        string        // "vi" or "en": the header's language
}

// Deps is what the server is joined to. Fleet, Loadings, Contacts and Alarms
// are needed; the rest may be nil.
type Deps struct {
	Fleet     Fleet
	Loadings  Loadings
	Contacts  Contacts
	Alarms    Alarms
	Days      Days                // nil: no sums by day
	Collected Collected           // nil: no account is kept of it
	Units     Units               // nil: no account by unit
	Made      Made                // nil: no figures are made
	Cases     Cases               // nil: nobody looks for doubts
	CaseTable CaseTable           // nil: no CSV export of them
	Health    Health              // nil: no health problems are known
	Curves    Curves              // nil: no CSV export
	Metrics   http.Handler        // nil: no /metrics
	Fold      func(string) string // folds a search text as Row.Fold is folded; nil: lower case only
	Clock     grid.Clock          // nil: the real clock. One with Speed() float64 is named on the pages
}
