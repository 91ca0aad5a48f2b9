package fault

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// Mosquitto is Debian's broker with the settings that we ship.
type Mosquitto struct {
	*listening
	path, signer string
}

// findMosquitto gives the installed broker. Without one the row is skipped by
// name, or fails under PHUTAI_REAL=1.
func findMosquitto(t *testing.T) *Mosquitto {
	t.Helper()
	return &Mosquitto{path: findProgram(t, "mosquitto", "/usr/sbin/mosquitto"), signer: findProgram(t, "mosquitto_passwd")}
}

// findProgram looks for an installed program by its names.
func findProgram(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	cannot(t, "%s is not installed", names[0])
	return ""
}

// cannot says that this machine cannot run a row: that is a failure under
// PHUTAI_REAL=1.
func cannot(t *testing.T, why string, args ...any) {
	t.Helper()
	if os.Getenv("PHUTAI_REAL") == "1" {
		t.Fatalf(why+"; PHUTAI_REAL=1 demands it", args...)
	}
	t.Skipf("this machine cannot run %s: "+why, append([]any{t.Name()}, args...)...)
}

func (m *Mosquitto) prepare(in *Installation, addr string) error {
	dir := filepath.Join(in.Dir, "middle")
	m.listening = &listening{addr: addr, kept: filepath.Join(dir, "kept")}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	write := func(name, text string) (string, error) {
		file := filepath.Join(dir, name)
		return file, os.WriteFile(file, []byte(text), 0o600)
	}
	passwords, err := write("passwords", "")
	if err != nil {
		return err
	}
	for _, user := range []string{"center", "south"} {
		if out, err := exec.Command(m.signer, "-b", passwords, user, "mqtt-"+user+"-fault").CombinedOutput(); err != nil {
			return fmt.Errorf("mosquitto_passwd: %w\n%s", err, out)
		}
	}
	acl, err := write("acl", shipped(in, "acl"))
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	conf := shipped(in, "mosquitto.conf")
	for was, is := range map[string]string{
		`(?m)^password_file .*`: "password_file " + passwords, `(?m)^acl_file .*`: "acl_file " + acl,
		`(?m)^persistence_location .*`:    "persistence_location " + m.kept + "/",
		`(?ms)^listener 8883$.*tlsv1.2$`:  "", // its certificates are not there
		`(?m)^listener 1883 127\.0\.0\.1`: "listener " + port + " 127.0.0.1",
	} {
		if !regexp.MustCompile(was).MatchString(conf) {
			return fmt.Errorf("mosquitto.conf has nothing like %s", was)
		}
		conf = regexp.MustCompile(was).ReplaceAllLiteralString(conf, is)
	}
	if os.Getuid() == 0 {
		conf += "\nuser root\n" // the test's folder is root's
	}
	file, err := write("mosquitto.conf", conf)
	if err != nil {
		return err
	}
	m.proc = &process{name: "broker", log: filepath.Join(in.Dir, "broker.log"), orders: func() *exec.Cmd { return exec.Command(m.path, "-c", file) }}
	return nil
}

// shipped is a file that we ship for Mosquitto.
func shipped(in *Installation, name string) string {
	in.t.Helper()
	text, err := os.ReadFile(filepath.Join("../configs/compose/mosquitto", name))
	if err != nil {
		in.t.Fatal(err)
	}
	return string(text)
}
