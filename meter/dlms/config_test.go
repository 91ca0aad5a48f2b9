package dlms_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/meter/dlms"
	"phutai/meter/dlms/obis"
)

func TestConfigurationTellsAllThatIsWrong(t *testing.T) {
	fields := func(c dlms.Config) []string {
		var f []string
		for _, p := range c.Validate() {
			if p.Text == "" {
				t.Errorf("%s: no text", p.Field)
			}
			f = append(f, p.Field)
		}
		return f
	}
	code := obis.Code{1, 0, 1, 7, 0, 255}
	if got := fields(dlms.Config{Objects: []dlms.Object{{Code: code, Quantity: grid.P}}}); got != nil {
		t.Errorf("good configuration: %v", got)
	}
	if got, want := fields(dlms.Config{}), []string{"objects"}; !cmp.Equal(got, want) {
		t.Errorf("empty: %v, want %v", got, want)
	}
	bad := dlms.Config{
		ListMax: -1, Timeout: -time.Second,
		Objects: []dlms.Object{{Code: code, Quantity: grid.NumQuantities}, {Quantity: grid.P}},
		Profile: &dlms.LoadProfile{Columns: []dlms.Column{{}, {Code: code, Quantity: 99}}},
	}
	want := []string{"list_max", "timeout", "objects[0].quantity", "objects[1].code", "profile.columns[0].code", "profile.columns[1].quantity"}
	if got := fields(bad); !cmp.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := fields(dlms.Config{Profile: &dlms.LoadProfile{}}), []string{"profile.columns"}; !cmp.Equal(got, want) {
		t.Errorf("profile without columns: %v, want %v", got, want)
	}
}

func TestErrorsSpeakPlainly(t *testing.T) {
	for class, want := range map[dlms.Class]string{dlms.Busy: "busy", dlms.LinkReset: "link reset", 99: "unknown", 0: "unknown"} {
		if got := class.String(); got != want {
			t.Errorf("class %d is %q, want %q", class, got, want)
		}
	}
}
