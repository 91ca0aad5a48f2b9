package fleet

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"phutai/grid"
)

// maxPort is the highest port, DLMS wPort and DLMS client address.
const maxPort = 65535

func meterKind() *kind[grid.Meter] {
	type T = grid.Meter
	return &kind[T]{
		name:    Meters,
		aliases: []string{"meter", "cong_to"},
		id:      func(x *T) string { return string(x.ID) },
		columns: []column[T]{
			code("id", true, func(x *T) *grid.MeterID { return &x.ID }, "so_cto", "ma_cto", "so_cong_to", "meter"),
			refers(Points, code("point", true, func(x *T) *grid.PointID { return &x.Point }, "ma_ddo", "madiemdo", "ma_diem_do")),
			text("profile", true, func(x *T) *string { return &x.Profile }, "ma_cloai", "chung_loai"),
			text("line", true, func(x *T) *string { return &x.Line }, "duong_truyen"),
			whole("address", func(x *T) *int { return &x.Address }, "dia_chi_modbus", "unit_id"),
			whole("client", func(x *T) *int { return &x.Client }),
			text("secret", false, func(x *T) *string { return &x.Secret }),
			code("collector", false, func(x *T) *grid.CollectorID { return &x.Collector }),
			every(),
		},
		vet:   vetMeter,
		spell: func(x *T, r Rules) { x.Line = r.line(x.Line) },
	}
}

func vetMeter(x *grid.Meter, r Rules, report func(column, text string)) {
	highest := maxPort
	if x.Profile != "" && r.Profiles != nil {
		p, ok := r.Profiles[x.Profile]
		if !ok {
			report("profile", fmt.Sprintf("%q is no known meter profile: write one of %s, or add the profile", x.Profile, strings.Join(slices.Sorted(maps.Keys(r.Profiles)), ", ")))
		}
		if p.MaxAddress > 0 {
			highest = p.MaxAddress
		}
	}
	if x.Address < 0 || x.Address > highest {
		report("address", fmt.Sprintf("%d is out of range: a meter of this profile has 1 to %d, empty for the profile's default", x.Address, highest))
	}
	if x.Client < 0 || x.Client > maxPort {
		report("client", fmt.Sprintf("%d is out of range: a DLMS client has 1 to %d, empty for the profile's default", x.Client, maxPort))
	}
	if x.Every < 0 || x.Every > 0 && x.Every < time.Second {
		report("every", fmt.Sprintf("%v is below a second: write a duration such as 30m, or leave it empty", x.Every))
	}
	if x.Secret != "" && r.Secret != nil {
		if err := r.Secret(x.Secret); err != nil {
			report("secret", err.Error())
		}
	}
	if x.Line == "" {
		return
	}
	if r.Line != nil {
		if _, err := r.Line(x.Line); err != nil {
			report("line", err.Error())
		}
		return
	}
	if u, err := url.Parse(x.Line); err != nil || u.Scheme == "" || strings.ContainsRune(x.Line, ' ') {
		report("line", fmt.Sprintf("%q is no line: write how the meter is reached, such as tcp://192.0.2.7:4059", x.Line))
	}
}

// whole makes a column of whole numbers from 0; zero is written empty.
func whole(name string, field func(*grid.Meter) *int, aliases ...string) column[grid.Meter] {
	return column[grid.Meter]{
		name: name, aliases: aliases, number: true,
		read: func(x *grid.Meter, s string, _ bool) string {
			n, err := strconv.Atoi(s)
			if err != nil {
				return fmt.Sprintf("%q is no whole number: write digits only", s)
			}
			*field(x) = n
			return ""
		},
		write: func(x *grid.Meter) string { return formatInt(*field(x)) },
	}
}

// every is the time between two polls, as a duration (15s, 30m) or in seconds.
func every() column[grid.Meter] {
	return column[grid.Meter]{
		name: "every", aliases: []string{"chu_ky"},
		read: func(x *grid.Meter, s string, _ bool) string {
			d, err := time.ParseDuration(s)
			if n, e := strconv.Atoi(s); e == nil && n < 1<<31 {
				d, err = time.Duration(n)*time.Second, nil
			}
			if err != nil || d <= 0 || d > 24*time.Hour {
				return fmt.Sprintf("%q is no interval of polling: write 15s, 5m or 30m, at most 24h", s)
			}
			x.Every = d
			return ""
		},
		write: func(x *grid.Meter) string {
			if x.Every == 0 {
				return ""
			}
			return x.Every.String()
		},
	}
}
