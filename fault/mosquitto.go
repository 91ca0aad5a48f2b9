package fault

import (
	"os"
	"path/filepath"

	"phutai/internal/servertest"
)

// Mosquitto is Debian's broker with the settings that we ship.
type Mosquitto struct{ *listening }

func (m *Mosquitto) prepare(in *Installation, addr string) error {
	dir := filepath.Join(in.Dir, "middle")
	m.listening = &listening{addr: addr, kept: filepath.Join(dir, "kept")}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	users := map[string]string{}
	for _, user := range []string{"center", "south"} {
		users[user] = "mqtt-" + user + "-fault"
	}
	orders := servertest.Mosquitto{Shipped: "../configs/compose/mosquitto", Dir: dir, Kept: m.kept, Address: addr, Users: users}.Command(in.t)
	m.proc = &process{name: "broker", log: filepath.Join(in.Dir, "broker.log"), orders: orders}
	return nil
}
