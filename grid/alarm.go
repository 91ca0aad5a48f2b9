package grid

import "time"

// AlarmKind tells what an alarm is about.
type AlarmKind string

// The kinds of alarm.
const (
	Overload  AlarmKind = "overload"   // worst phase over a limit of loading
	HotSpot   AlarmKind = "hot-spot"   // winding temperature over its limit
	CommsLoss AlarmKind = "comms-loss" // the meter is silent; says nothing about the load
)

// Severity orders alarms; a higher one re-raises.
type Severity uint8

// The severities; the zero value is none.
const (
	NoSeverity Severity = iota
	Advice
	Warning  // nearing the limit
	Critical // over the limit
)

// String gives "advice", "warning", "critical" or "".
func (s Severity) String() string {
	switch s {
	case Advice:
		return "advice"
	case Warning:
		return "warning"
	case Critical:
		return "critical"
	case NoSeverity:
	}
	return ""
}

// AlarmState is the state of an alarm after ISA-18.2. The main job uses the
// first four; shelving and suppression come with the alarm issue.
type AlarmState string

// The states.
const (
	Normal        AlarmState = "normal"
	Unacked       AlarmState = "unacked"        // active, nobody has acknowledged it
	Acked         AlarmState = "acked"          // active and acknowledged
	ReturnUnacked AlarmState = "return-unacked" // back to normal, not yet acknowledged
)

// Alarm is one episode of one alarm as it stands.
type Alarm struct {
	ID          AlarmID
	Kind        AlarmKind
	Severity    Severity
	State       AlarmState
	Point       PointID
	Transformer TransformerID // empty for a comms loss
	Substation  SubstationID
	Feeder      FeederID
	Unit        UnitID
	Phase       Phase
	Value       Float // the figure that raised it: %, °C, or minutes of silence
	Limit       float64
	Governor    Governor
	Missing     Reason    // of a comms loss
	RaisedAt    time.Time // the episode's start
	ChangedAt   time.Time // of the last transition
	ValueAt     time.Time // the age of Value
	StaleSince  time.Time // non-zero: no fresh data since then; the state is held, not known
	ClearedAt   time.Time
	AckedAt     time.Time
	AckedBy     string
	// HeldSince is non-zero while a page about this episode is held, because the
	// numbers of the point are in doubt.
	HeldSince time.Time
	Pages     int       // pages put in the outbox for this episode
	ToldAt    time.Time // of a comms loss: when a page told of it, its own or that of its feeder; zero: none yet
}

// Active tells whether the alarm stands or waits for an acknowledgement.
func (a *Alarm) Active() bool { return a.State != Normal && a.State != "" }
