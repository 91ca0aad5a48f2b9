package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What keeps the program from starting is a fault of the configuration; what it
// starts without is a warning; and what another process needs is neither.
func TestCheckLooksAtTheFilesThatSettingsName(t *testing.T) {
	const here = "broker: {listen: '127.0.0.1:0'}\nweb: {listen: '127.0.0.1:0'}\n"
	const away = "roles: [collect, center]\n"
	for _, tc := range []struct{ name, settings, fault, warning string }{
		{"nothing is named", here, "", ""},
		{"a webhook's secret", here + "alerting: {notify: {webhook: {url: 'https://127.0.0.1/', secret_file: absent}}}\n", "absent", ""},
		{"a broker's certificate", "broker: {cert_file: absent, key_file: absent}\n", "read certificate", ""},
		{"the password of another collector", here + "collectors: [east]\n", "secrets/mqtt-east", ""},
		{"a password that others can read", away, "mqtt-center; chmod 600", ""},
		{"the password of a broker", away + "mqtt: {user: x, password_file: absent}\n", "", "read password of the broker"},
		{"the authority of a broker", away + "mqtt: {address: 'tls://127.0.0.1:1', user: x, ca_file: absent}\n", "", "read authority of the broker"},
		{"a token", here + "store: {influx: {url: 'http://127.0.0.1:1', org: a, bucket: b, token_file: absent}}\n", "", "store.influx.token_file"},
		{"an empty token", here + "store: {victoria: {url: 'http://127.0.0.1:1', token_file: empty}}\n", "", "is empty; put a token"},
		{"a token of another process", "roles: [collect]\nstore: {victoria: {url: 'http://127.0.0.1:1', token_file: absent}}\n", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, mode := range map[string]os.FileMode{"phutai.yml": 0o600, "empty": 0o600, "secrets/mqtt-center": 0o644} {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
					t.Fatal(err)
				}
				if name == "secrets/mqtt-center" && !strings.Contains(tc.fault, "mqtt-center") {
					continue
				}
				text := map[string]string{"phutai.yml": tc.settings, "secrets/mqtt-center": "secret"}[name]
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
					t.Fatal(err)
				}
			}
			var out strings.Builder
			err := Check(t.Context(), filepath.Join(dir, "phutai.yml"), &out)
			if (err != nil) != (tc.fault != "") || err != nil && !strings.Contains(err.Error(), tc.fault) {
				t.Errorf("check gives %v, want one of %q", err, tc.fault)
			}
			if warned := strings.Count(out.String(), "warning: "); warned != min(1, len(tc.warning)) || !strings.Contains(out.String(), tc.warning) {
				t.Errorf("check prints %q, want one warning of %q", out.String(), tc.warning)
			}
		})
	}
}
