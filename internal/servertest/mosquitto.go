package servertest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// Mosquitto is Debian's broker with the settings that we ship, their paths aside.
type Mosquitto struct {
	Shipped string            // folder of those settings
	Dir     string            // for the files that it needs
	Kept    string            // folder of what it keeps
	Address string            // to listen on
	Users   map[string]string // passwords
	ACL     string            // further lines for the file of permissions
	// Change is made to its configuration at last; nil: none.
	Change func(conf string) string
}

// Command writes the files and gives what starts the broker. Where it is not
// installed the test is skipped, or fails under PHUTAI_REAL=1.
func (m Mosquitto) Command(t testing.TB) func() *exec.Cmd {
	t.Helper()
	// Debian keeps it where only root looks for programs.
	program, signer := find(t, "Mosquitto", "mosquitto", "/usr/sbin/mosquitto"), find(t, "Mosquitto's tool for passwords", "mosquitto_passwd")
	shipped := func(name string) string {
		text, err := os.ReadFile(filepath.Join(m.Shipped, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	write := func(name, text string) string {
		file := filepath.Join(m.Dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	passwords := write("passwords", "")
	for user, password := range m.Users {
		if out, err := exec.CommandContext(t.Context(), signer, "-b", passwords, user, password).CombinedOutput(); err != nil {
			t.Fatalf("mosquitto_passwd: %v\n%s", err, out)
		}
	}
	acl := write("acl", shipped("acl")+m.ACL)
	_, port, err := net.SplitHostPort(m.Address)
	if err != nil {
		t.Fatal(err)
	}
	conf := shipped("mosquitto.conf")
	for was, is := range map[string]string{
		`(?m)^password_file .*`: "password_file " + passwords, `(?m)^acl_file .*`: "acl_file " + acl,
		`(?m)^persistence_location .*`:    "persistence_location " + m.Kept + "/",
		`(?ms)^listener 8883$.*tlsv1.2$`:  "", // its certificates are not there
		`(?m)^listener 1883 127\.0\.0\.1`: "listener " + port + " 127.0.0.1",
	} {
		if !regexp.MustCompile(was).MatchString(conf) {
			t.Fatalf("mosquitto.conf has nothing like %s", was)
		}
		conf = regexp.MustCompile(was).ReplaceAllLiteralString(conf, is)
	}
	if os.Getuid() == 0 {
		conf += "\nuser root\n" // the test's folder is root's
	}
	if m.Change != nil {
		conf = m.Change(conf)
	}
	file := write("mosquitto.conf", conf)
	return func() *exec.Cmd { return exec.CommandContext(t.Context(), program, "-c", file) }
}
