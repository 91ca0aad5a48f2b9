package app

import "testing"

func TestRegisterIsToldTheAddressesOfProfiles(t *testing.T) {
	cfg := DefaultConfig()
	r, err := rules(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	for name, highest := range map[string]int{"generic-dlms": 0, "eastron-sdm630": modbusUnits} {
		if p := r.Profiles[name]; p.Address != 1 || p.MaxAddress != highest {
			t.Errorf("%s: %+v, want address 1 and at most %d", name, p, highest)
		}
	}
}
