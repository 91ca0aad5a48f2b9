package app

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"
	_ "time/tzdata" // the configured zone must load on a machine without tz files

	"phutai/alerting"
	"phutai/collector"
	"phutai/grid"
	"phutai/loading"
	"phutai/mqtt"
	"phutai/store"
	"phutai/store/influx"
	"phutai/store/victoria"
	"phutai/weather"
	"phutai/web"
)

// Role is a part of the program that can run in a process of its own.
type Role string

// The roles. They meet only at MQTT.
const (
	Collect Role = "collect" // lines and spool
	Center  Role = "center"  // ingester, journal, writers, alarms, pages
	Broker  Role = "broker"  // the embedded MQTT broker
)

// Config is one installation: the sum of what its stages want to know.
type Config struct {
	Timezone string `yaml:"timezone"` // in which days and months are cut
	Data     string `yaml:"data"`     // folder of spool.db, journal.db, state.db and broker
	Copies   string `yaml:"copies"`   // folder for copies of files whose tables a new version changes; empty: beside each file
	Secrets  string `yaml:"secrets"`  // folder with one file a secret, named as meters refer to it
	Meters   string `yaml:"meters"`   // folder with further meter profiles; empty: the built-in ones only
	Roles    []Role `yaml:"roles"`
	// Collectors may connect to the embedded broker from other processes; the
	// password of each is the secret mqtt-<id>.
	Collectors []grid.CollectorID `yaml:"collectors"`

	Collector collector.Config  `yaml:"collector"`
	Broker    mqtt.BrokerConfig `yaml:"broker"`
	MQTT      mqtt.Config       `yaml:"mqtt"`
	Store     StoreConfig       `yaml:"store"`
	Loading   loading.Config    `yaml:"loading"`
	Weather   weather.Config    `yaml:"weather"`
	Alerting  alerting.Config   `yaml:"alerting"`
	Web       web.Config        `yaml:"web"`
	Log       LogConfig         `yaml:"log"`
}

// StoreConfig says how readings are taken in and where they go besides SQLite.
type StoreConfig struct {
	Ingest   store.Config      `yaml:"ingest"`
	Keep     store.Keep        `yaml:"keep"`
	Audit    store.AuditConfig `yaml:"audit"`
	Influx   influx.Config     `yaml:"influx"`   // without a url: none
	Victoria victoria.Config   `yaml:"victoria"` // without a url: none
}

// LogConfig says how much is logged, and how.
type LogConfig struct {
	Level string `yaml:"level"` // debug, info, warn or error
	JSON  bool   `yaml:"json"`
}

// DefaultConfig runs everything in one process on this machine.
func DefaultConfig() Config {
	return Config{
		Timezone:  "Asia/Ho_Chi_Minh",
		Data:      "data",
		Secrets:   "secrets",
		Roles:     []Role{Collect, Center, Broker},
		Collector: collector.DefaultConfig(),
		Broker:    mqtt.DefaultBrokerConfig(),
		MQTT:      mqtt.DefaultConfig(),
		Store: StoreConfig{Ingest: store.DefaultConfig(), Keep: store.DefaultKeep(), Audit: store.DefaultAuditConfig(),
			Influx: influx.DefaultConfig(), Victoria: victoria.DefaultConfig()},
		Loading:  loading.DefaultConfig(),
		Weather:  weather.DefaultConfig(),
		Alerting: alerting.DefaultConfig(),
		Web:      web.DefaultConfig(),
		Log:      LogConfig{Level: "info"},
	}
}

// has tells whether the role runs in this process.
func (c *Config) has(r Role) bool { return slices.Contains(c.Roles, r) }

// resolve makes relative paths count from dir, and fills in what follows from
// other settings.
func (c *Config) resolve(dir string) {
	at := func(p string, base string) string {
		if p == "" || filepath.IsAbs(p) {
			return p
		}
		return filepath.Join(base, p)
	}
	for _, p := range []*string{&c.Data, &c.Copies, &c.Secrets, &c.Meters} {
		*p = at(*p, dir)
	}
	for _, p := range []*string{&c.MQTT.PasswordFile, &c.MQTT.CAFile, &c.MQTT.CertFile, &c.MQTT.KeyFile, &c.Broker.CertFile, &c.Broker.KeyFile} {
		*p = at(*p, dir)
	}
	c.Weather.File = at(c.Weather.File, dir)
	c.Store.Influx.TokenFile = at(c.Store.Influx.TokenFile, dir)
	c.Store.Victoria.TokenFile = at(c.Store.Victoria.TokenFile, dir)
	c.Broker.Dir = at(c.Broker.Dir, c.Data)
	c.Collector.Spool = at(c.Collector.Spool, c.Data)
	notify := &c.Alerting.Notify
	notify.File.Path = at(notify.File.Path, c.Data)
	notify.Webhook.SecretFile, notify.Webhook.URLFile = at(notify.Webhook.SecretFile, dir), at(notify.Webhook.URLFile, dir)
	c.agree()
}

// agree hands what one stage is told to the others that must know it too.
func (c *Config) agree() {
	every, profile := c.Collector.Every, c.Collector.HistoryEvery
	c.Loading.Every, c.Loading.ProfileEvery = every, profile
	c.Alerting.Every, c.Alerting.ProfileEvery = every, profile
	c.Weather.Timezone = c.Timezone

	c.Web.TimeZone = c.Timezone
	c.Web.StaleInstant, c.Web.StaleProfile = 2*every, 2*profile+c.Collector.HistoryOffset
	c.Web.ClockOff, c.Web.CollectedOver = c.Store.Audit.ClockOff, c.Store.Audit.Depth
	c.Web.WarnPct, c.Web.CriticalPct = c.Alerting.Overload.Warn, c.Alerting.Overload.Critical
	c.Web.HotSpotWarnC, c.Web.HotSpotCriticalC = c.Alerting.HotSpot.Warn, c.Alerting.HotSpot.Critical
}

// Validate gives everything that is wrong with the settings themselves.
func (c *Config) Validate() []grid.Problem {
	var found []grid.Problem
	if _, err := time.LoadLocation(c.Timezone); err != nil || c.Timezone == "" {
		found = append(found, grid.Problem{Field: "timezone", Text: fmt.Sprintf("%q is no time zone; use a name such as Asia/Ho_Chi_Minh", c.Timezone)})
	}
	if c.Data == "" {
		found = append(found, grid.Problem{Field: "data", Text: "name the folder in which readings are kept"})
	}
	if len(c.Roles) == 0 {
		found = append(found, grid.Problem{Field: "roles", Text: "name at least one of collect, center, broker"})
	}
	for _, r := range c.Roles {
		if r != Collect && r != Center && r != Broker {
			found = append(found, grid.Problem{Field: "roles", Text: fmt.Sprintf("%q is no role; use collect, center, broker", r)})
		}
	}
	if _, err := newLogger(c.Log, nil); err != nil {
		found = append(found, grid.Problem{Field: "log.level", Text: err.Error()})
	}
	found = append(found, under("collector", c.Collector.Validate())...)
	found = append(found, under("broker", c.Broker.Validate())...)
	found = append(found, under("mqtt", c.MQTT.Validate())...)
	found = append(found, under("store.ingest", c.Store.Ingest.Validate())...)
	found = append(found, under("store.keep", c.Store.Keep.Validate())...)
	found = append(found, under("store.audit", c.Store.Audit.Validate())...)
	// The audit would ask for what is removed, over and over.
	if kept := time.Duration(28*c.Store.Keep.Readings-1) * 24 * time.Hour; c.Store.Keep.Readings > 0 && c.Store.Audit.Depth > kept {
		found = append(found, grid.Problem{Field: "store.audit.depth",
			Text: fmt.Sprintf("%s reaches further back than readings are kept (store.keep.readings is %d months): give %s at most, or keep them longer", c.Store.Audit.Depth, c.Store.Keep.Readings, kept)})
	}
	found = append(found, under("store.influx", c.Store.Influx.Validate())...)
	found = append(found, under("store.victoria", c.Store.Victoria.Validate())...)
	found = append(found, under("loading", c.Loading.Validate())...)
	air := c.Weather
	air.Timezone = "" // ours, judged above
	found = append(found, under("weather", air.Validate())...)
	found = append(found, under("alerting", c.Alerting.Validate())...)
	return append(found, under("web", c.Web.Validate())...)
}
