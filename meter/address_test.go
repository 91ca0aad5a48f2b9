package meter_test

import (
	"testing"

	"phutai/configs"
	"phutai/meter"
)

func TestMeterWithoutAnAddressIsTheFirstOne(t *testing.T) {
	profiles, err := meter.LoadProfiles(configs.Meters)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range profiles.Names() {
		p, _ := profiles.Get(name)
		if got := p.DefaultAddress(); got != 1 {
			t.Errorf("%s: address %d, want 1", name, got)
		}
	}
}
