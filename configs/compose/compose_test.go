// Package compose_test holds docker-compose.yml to its rules without a Docker
// engine: what a container may do, that versions are pinned, that no password
// stands in the open, and that each file that is mounted is there.
package compose_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

const root = "../.."

// project loads docker-compose.yml with its secrets in the given folder.
func project(t *testing.T, secrets string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithWorkingDirectory(root), cli.WithEnv([]string{"PHUTAI_SECRETS=" + secrets}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheFourPartsAreThere(t *testing.T) {
	names := project(t, t.TempDir()).ServiceNames()
	slices.Sort(names)
	if diff := cmp.Diff([]string{"grafana", "influxdb", "mosquitto", "phutai"}, names); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}

func TestEveryContainerIsGuarded(t *testing.T) {
	pinned := regexp.MustCompile(`:\d+\.\d+\.\d+(-alpine)?$`)
	for name, s := range project(t, t.TempDir()).Services {
		rules := map[string]bool{
			"a read-only root":             s.ReadOnly,
			"a user that is not root":      s.User != "" && !strings.HasPrefix(s.User, "0") && !strings.HasPrefix(s.User, "root"),
			"no capabilities":              cmp.Equal(s.CapDrop, []string{"ALL"}) && len(s.CapAdd) == 0 && !s.Privileged,
			"no new privileges":            slices.Contains(s.SecurityOpt, "no-new-privileges:true"),
			"a health check":               s.HealthCheck != nil && len(s.HealthCheck.Test) > 1 && s.HealthCheck.Timeout != nil,
			"a limit of memory":            s.MemLimit > 0,
			"a limit of CPU":               s.CPUS > 0,
			"a limit of processes":         s.PidsLimit > 0,
			"a bounded log":                s.Logging != nil && s.Logging.Options["max-size"] != "",
			"a restart after a crash":      s.Restart == "unless-stopped",
			"its own namespace of network": s.NetworkMode == "" && s.Pid == "" && s.Ipc == "",
			"a pinned version":             s.Build != nil || pinned.MatchString(s.Image),
		}
		for rule, kept := range rules {
			if !kept {
				t.Errorf("%s lacks %s", name, rule)
			}
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes port %s on %q, want 127.0.0.1 only", name, port.Published, port.HostIP)
			}
		}
	}
}

func TestNoPasswordStandsInTheOpen(t *testing.T) {
	p := project(t, t.TempDir())
	for name, s := range p.Services {
		for key, value := range s.Environment {
			word := regexp.MustCompile(`PASSWORD|TOKEN|SECRET`).MatchString(key)
			if word && (value == nil || !strings.HasPrefix(*value, "/run/secrets/")) {
				t.Errorf("%s: %s does not name a secret file", name, key)
			}
		}
		for _, secret := range s.Secrets {
			if _, ok := p.Secrets[secret.Source]; !ok {
				t.Errorf("%s uses secret %s, which is not there", name, secret.Source)
			}
		}
	}
}

// What a service says of /run/secrets in its settings must be given to it.
func TestEachSecretThatIsNamedIsGiven(t *testing.T) {
	named := regexp.MustCompile(`/run/secrets/([a-z_]+)`)
	settings := map[string][]string{
		"phutai":    {"phutai.yml"},
		"mosquitto": {"mosquitto/mosquitto.conf"},
		"influxdb":  {"influxdb/tokens.sh"},
		"grafana":   {},
	}
	for name, s := range project(t, t.TempDir()).Services {
		text := strings.Join(s.Command, " ") + strings.Join(s.HealthCheck.Test, " ")
		for _, value := range s.Environment {
			text += " " + *value
		}
		for _, file := range settings[name] {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text += string(content)
		}
		given := map[string]bool{}
		for _, secret := range s.Secrets {
			given[secret.Source] = false
		}
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if _, ok := given[m[1]]; !ok {
				t.Errorf("%s reads /run/secrets/%s, which it is not given", name, m[1])
			}
			given[m[1]] = true
		}
		for secret, used := range given {
			if !used {
				t.Errorf("%s is given %s and does not read it", name, secret)
			}
		}
	}
}

// The database runs those scripts of its folder that may be executed, and passes
// over the others without a word.
func TestScriptOfTheDatabaseMayBeExecuted(t *testing.T) {
	info, err := os.Stat("influxdb/tokens.sh")
	if err != nil || info.Mode().Perm()&0o111 == 0 {
		t.Errorf("tokens.sh has mode %v, %v: chmod +x it", info.Mode(), err)
	}
}

func TestEachMountedFileIsThere(t *testing.T) {
	secrets := t.TempDir()
	for name, s := range project(t, secrets).Services {
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind || strings.HasPrefix(v.Source, secrets) {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s mounts what is not there: %v", name, err)
			}
			if !v.ReadOnly {
				t.Errorf("%s may write to %s", name, v.Source)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(root, "Dockerfile")); err != nil {
		t.Error(err)
	}
}

func TestTheScriptMakesEachSecretOnce(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("PHUTAI_REAL") == "1" {
			t.Fatal(err)
		}
		t.Skip("openssl is not installed: secrets.sh is not tried")
	}
	folder := filepath.Join(t.TempDir(), "secrets")
	script := func() {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), "sh", "secrets.sh", folder).CombinedOutput(); err != nil {
			t.Fatalf("secrets.sh: %v\n%s", err, out)
		}
	}
	script()
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: got %v and %v, want mode 700", info.Mode(), err)
	}
	p := project(t, folder)
	for name, secret := range p.Secrets {
		if text, err := os.ReadFile(secret.File); err != nil || len(text) == 0 {
			t.Errorf("secret %s: %v", name, err)
		}
	}
	for name, s := range p.Services {
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind {
				if _, err := os.Stat(v.Source); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	before := contents(t, folder)
	script()
	if diff := cmp.Diff(before, contents(t, folder)); diff != "" {
		t.Errorf("a second run changed what was there (-before +after):\n%s", diff)
	}
}

func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(folder, path))
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The data source, the writer and InfluxDB itself must mean the same bucket.
func TestGrafanaAndPhutaiMeanTheSameBucket(t *testing.T) {
	var source struct {
		Datasources []struct {
			URL      string
			JSONData struct{ DBName, Version string } `yaml:"jsonData"`
		}
	}
	decode(t, filepath.Join(root, "dashboards/provisioning/datasources/phutai.yaml"), &source)
	var config struct {
		Store struct {
			Influx struct{ URL, Org, Bucket string }
		}
	}
	decode(t, "phutai.yml", &config)
	environment := project(t, t.TempDir()).Services["influxdb"].Environment
	bucket, org := *environment["DOCKER_INFLUXDB_INIT_BUCKET"], *environment["DOCKER_INFLUXDB_INIT_ORG"]
	to := config.Store.Influx
	if len(source.Datasources) != 1 || to.Bucket != bucket || to.Org != org {
		t.Fatalf("InfluxDB has %s/%s; phutai writes to %s/%s; data sources: %d", org, bucket, to.Org, to.Bucket, len(source.Datasources))
	}
	if d := source.Datasources[0]; d.URL != to.URL || d.JSONData.Version != "InfluxQL" {
		t.Errorf("Grafana asks %s by %s, phutai writes to %s", d.URL, d.JSONData.Version, to.URL)
	}
}

func decode(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
