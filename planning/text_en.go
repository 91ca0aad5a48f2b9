package planning

import "phutai/grid"

func english() *texts {
	return &texts{
		header: [12]string{
			"End of interval (local time)", "UTC offset", "S (kVA)", "P (kW)", "Ia (A)", "Ib (A)", "Ic (A)",
			"Worst phase (%)", "Loading S/Sn (%)", "Quality", "Source", "Reason for gap",
		},
		grades:  map[grid.Grade]string{grid.Good: "good", grid.Suspect: "suspect", grid.Estimated: "estimated", grid.Substituted: "substituted"},
		sources: map[grid.Source]string{grid.Instant: "instant", grid.Profile: "profile"},
		reasons: map[grid.Reason]string{
			grid.NotDeclared: "not declared", grid.NoRoute: "line not reachable", grid.NoAnswer: "meter does not answer",
			grid.WrongPassword: "wrong password", grid.MeterError: "meter error", grid.Late: "not here yet",
			grid.ClockOff: "clock off", grid.OutOfRange: "out of range", grid.GapInMeter: "not kept by the meter",
			grid.NotPolled: "collector did not run",
		},
		sheets: [3]string{"By unit", "By point", "Missing"},
		byUnit: [9]string{"Day", "Unit", "Points", "Points without data", "Due", "Received", "Rate (%)", "Missing with a reason", "Still open"},
		byPoint: [15]string{
			"Day", "Unit", "Feeder", "Substation", "Point", "Meter", "Due", "Received", "Rate (%)", "Missing with a reason", "Still open",
			"Polls due", "Polls received", "Profile rows due", "Profile rows received",
		},
		byGap: [10]string{"Unit", "Substation", "Point", "Meter", "From (local time)", "To", "Source", "Readings", "Reason", "Detail"},
		sum: [10]string{
			"End of interval (local time)", "UTC offset", "Sum of S (kVA)", "P (kW)", "Transformers reporting", "of", "kVA reporting", "kVA in all", "Covered (%)", "Worst quality",
		},
		unheard: "never heard of, or not due on this day",
	}
}
