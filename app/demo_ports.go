package app

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"phutai/sim"
)

// The simulated meters of one folder keep their addresses, as real ones do: a
// collector that starts again polls by the plan it has kept until it is told
// another, and on new ports it would meet one meter under the address of
// another. The blocks lie below the ports that systems give to clients.
const (
	firstPort     = 20_000
	portBlock     = 100 // more than the demo has lines
	portBlocks    = 120
	portAttempts  = 20
	noPortsChosen = 0 // no port at all
)

// listenAsBefore makes the demo's province on the ports that the note at path
// names, or chooses a block of free ones and notes it.
func listenAsBefore(path string, now func() time.Time) (*sim.Province, error) {
	noted, err := notedPort(path)
	if err != nil {
		return nil, err
	}
	base := noted
	for attempt := 1; ; attempt++ {
		if base == noPortsChosen {
			base = firstPort + portBlock*rand.IntN(portBlocks)
		}
		province := sim.New(sim.Config{Now: now, BasePort: base})
		err := province.Listen()
		if err == nil && base != noted {
			if err := notePort(path, base); err != nil {
				return nil, errors.Join(err, province.Close())
			}
		}
		if err == nil {
			return province, nil
		}
		if attempt == portAttempts {
			return nil, err
		}
		base = noPortsChosen
	}
}

func notePort(path string, base int) error {
	err := os.MkdirAll(filepath.Dir(path), 0o750)
	if err == nil {
		err = os.WriteFile(path, []byte(strconv.Itoa(base)+"\n"), 0o600)
	}
	if err != nil {
		return fmt.Errorf("note the ports of the demo's meters: %w", err)
	}
	return nil
}

// notedPort gives the first port of an earlier run, noPortsChosen for a new
// folder and for a note that a kill left unfinished.
func notedPort(path string) (int, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return noPortsChosen, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the ports of the demo's meters: %w", err)
	}
	base, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || base < firstPort || base >= firstPort+portBlock*portBlocks {
		return noPortsChosen, nil
	}
	return base, nil
}
