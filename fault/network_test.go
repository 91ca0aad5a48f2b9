package fault

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// inside tells a test binary that it runs in a network of its own.
const inside = "PHUTAI_FAULT_NETWORK"

// Nearly a third of all packets are lost, on every link: to meters, to the
// broker, and of their acknowledgements. The row makes a network namespace, which
// has a loopback of its own, and runs itself there.
func TestLossyNetwork(t *testing.T) {
	if os.Getenv(inside) != "" {
		in := Install(t, Setting{Meters: 20})
		in.Begun()
		time.Sleep(20 * time.Second)
		if out, err := exec.CommandContext(t.Context(), "iptables", "-F", "INPUT").CombinedOutput(); err != nil {
			t.Fatalf("end the loss: %v\n%s", err, out)
		}
		in.Judge("30 %% of all packets lost for 20 s, also to and from meters")
		return
	}
	t.Parallel()
	ip, iptables := findProgram(t, "ip", "/usr/sbin/ip", "/sbin/ip"), findProgram(t, "iptables", "/usr/sbin/iptables")
	name := fmt.Sprintf("phutai-fault-%d", os.Getpid())
	if out, err := exec.CommandContext(t.Context(), ip, "netns", "add", name).CombinedOutput(); err != nil {
		cannot(t, "no right to make a network namespace: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command(ip, "netns", "del", name).CombinedOutput(); err != nil {
			t.Errorf("remove the network namespace: %v\n%s", err, out)
		}
	})
	for _, args := range [][]string{
		{ip, "link", "set", "lo", "up"},
		{iptables, "-A", "INPUT", "-m", "statistic", "--mode", "random", "--probability", "0.3", "-j", "DROP"},
	} {
		if out, err := exec.CommandContext(t.Context(), ip, append([]string{"netns", "exec", name}, args...)...).CombinedOutput(); err != nil {
			cannot(t, "%v: %v %s", args, err, out)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), ip, "netns", "exec", name, self, "-test.run=^TestLossyNetwork$", "-test.v", "-test.timeout=5m", fmt.Sprintf("-seed=%d", *seed))
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("the row in the lossy network: %v", err)
	}
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
