package notify

import (
	"time"

	"phutai/grid"
)

// english says the same as vietnamese.
func english() vocabulary {
	return vocabulary{
		title: parse(`
			{{if .Withdrawn}}WITHDRAWN{{else if .Cleared}}{{if .Comms}}DATA BACK{{else}}{{if .Hot}}HOT SPOT{{else}}OVERLOAD{{end}} OVER{{end}}
			{{else if .Comms}}COMMS LOSS{{else if .Hot}}HOT SPOT{{else if .Critical}}OVERLOAD{{else}}NEAR OVERLOAD{{end}}
			– {{if .Group}}{{.Stations}} stations of feeder {{.Feeder}}{{else}}{{.Station}}{{end}} – code {{.Code}}`),
		sms: parse(`
			{{if .Withdrawn}}
				WITHDRAWN: {{.Station}} is no longer in the register and not watched any more. This is not a return to normal.
				Closes {{.Code}}
			{{else if .Cleared}}
				{{if .Comms}}DATA BACK: {{.Station}} at {{.At}} {{.Date}}, out for {{.Lasted}}.
				{{else}}{{if .Hot}}HOT SPOT{{else}}OVERLOAD{{end}} OVER: {{.Station}} at {{.Value}} {{if .Hot}}deg C{{else}}percent{{end}} at {{.At}} {{.Date}}, lasted {{.Lasted}}.{{end}}
				Closes {{.Code}}
			{{else if .Comms}}
				COMMS LOSS: {{if .Group}}{{.Stations}} stations of feeder {{.Feeder}}{{else}}{{.Station}}{{end}} without data{{if .Since}} since {{.Since}} {{.SinceDate}}{{end}}{{if and .Reason (not .Group)}}, {{.Reason}}{{end}}. Load unknown. {{with .Unit}}{{.}} to check. {{end}}Code {{.Code}}
			{{else if .Hot}}
				HOT SPOT: {{.Station}}{{with .Rated}} ({{.}}kVA){{end}} {{.Value}} deg C (limit {{.Limit}}) at {{.At}} {{.Date}}. {{if .Critical}}Reduce load now.{{else}}Consider reducing load.{{end}} {{with .Unit}}{{.}} to check. {{end}}Code {{.Code}}
			{{else if .Critical}}
				OVERLOAD: {{.Station}}{{with .Rated}} ({{.}}kVA){{end}}{{with .Phase}} phase {{.}}{{end}} {{.Value}} percent at {{.At}} {{.Date}}. {{with .Unit}}{{.}} to check. {{end}}Code {{.Code}}
			{{else}}
				NEAR OVERLOAD: {{.Station}}{{with .Rated}} ({{.}}kVA){{end}}{{with .Phase}} phase {{.}}{{end}} {{.Value}} percent at {{.At}} {{.Date}}{{with .Meets}}, over by {{.}}{{end}}. Consider moving load. Code {{.Code}}
			{{end}}`),
		full: parseLines(`
{{if .Withdrawn}}WITHDRAWN{{else if .Cleared}}{{if .Comms}}DATA BACK{{else}}{{if .Hot}}HOT SPOT{{else}}OVERLOAD{{end}} OVER{{end}}{{else if .Comms}}COMMS LOSS{{else if .Hot}}HOT SPOT{{else if .Critical}}OVERLOAD{{else}}NEAR OVERLOAD{{end}} – {{if .Group}}{{.Stations}} stations of feeder {{.Feeder}}{{else}}{{.Station}}{{with .Rated}} ({{.}} kVA{{with $.Feeder}}, feeder {{.}}{{end}}){{else}}{{with .Feeder}} (feeder {{.}}){{end}}{{end}}{{end}} – code {{.Code}}
{{- with .Priority}}
Priority station: {{.}}.{{end}}
{{- if .Withdrawn}}
The alarm ({{if .Comms}}comms loss{{else if .Hot}}hot spot{{else}}overload{{end}}) of {{.Since}} {{.SinceDate}} is closed because the transformer or its metering point is no longer in the register. Nobody watches the load any more; this is not a return to normal.
Suggested: if it is still in service, mend the register.
{{- else if .Comms}}
{{- if .Cleared}}
The meter answers again since {{.At}} on {{.Date}}, after {{.Lasted}}. What is missing is read from the meter's load profile where it is still there.
{{- else}}
{{if .Group}}{{.Stations}} stations of feeder {{.Feeder}} are silent; a common link is suspected. {{end}}{{if .Since}}No data since {{.Since}} on {{.SinceDate}}{{else}}No data ever{{end}}{{with .Reason}}: {{.}}{{end}}. This says nothing about the load: it is unknown now, and the station's other alarms are held as they were.
Suggested: check modem, SIM, supply and meter; where the whole feeder is silent, check the network first.
{{- end}}
{{- else if .Cleared}}
Now {{.Value}} {{if .Hot}}°C{{else}}%{{end}} at {{.At}} on {{.Date}}. Lasted {{.Lasted}} since {{.Since}} {{.SinceDate}}.
{{- else}}
{{if .Hot}}Hot spot of the winding (computed after IEC 60076-7): {{.Value}} °C, limit {{.Limit}} °C.{{else}}{{with .Phase}}Phase {{.}}: {{end}}{{with .Amp}}{{.}} A = {{end}}{{.Value}} %{{with .Source}} of {{.}}{{end}}, threshold {{.Limit}} %.{{end}}{{with .Amps}} Currents A/B/C: {{.}} A.{{end}}{{with .Power}} S = {{.}} kVA{{with $.Percent}} ({{.}} %){{end}}.{{end}}
Data of {{.At}} on {{.Date}}, {{.Age}} old. Began {{.Since}} {{.SinceDate}}.
{{- if or .Trend .Air .OilHot}}
{{with .Trend}}Trend {{.}} %/h. {{end}}{{with .Left}}The limit is expected in {{.}} (at {{$.Meets}}). {{end}}{{with .Air}}Air {{.}} °C. {{end}}{{if not .Hot}}{{with .OilHot}}Hot spot {{.}} °C.{{end}}{{end}}{{end}}
Suggested: {{if .Hot}}reduce load or improve cooling; do not run above 140 °C.{{else if .Critical}}move load off phase {{or .Phase "with most load"}}, shift load to a neighbouring station; check contacts and oil temperature on site.{{else}}watch it; prepare to balance phases or shift load before the peak.{{end}}
{{- end}}
{{- if or .Unit .Pole .Keeper}}
{{with .Unit}}Unit: {{.}}. {{end}}{{with .Pole}}Pole: {{.}}. {{end}}{{with .Keeper}}Keeper: {{.}}.{{end}}{{end}}`),
		governors: map[grid.Governor]string{
			grid.GovernRating: "the transformer's rated current", grid.GovernBreaker: "the main breaker's setting", grid.GovernCT: "the CT's thermal range",
		},
		reasons: map[grid.Reason]string{
			grid.NotDeclared: "no line declared", grid.NoRoute: "line cannot be opened", grid.NoAnswer: "meter does not answer",
			grid.WrongPassword: "meter refuses the password", grid.MeterError: "meter reports an error", grid.Late: "data late",
			grid.ClockOff: "meter clock off", grid.OutOfRange: "impossible figures", grid.GapInMeter: "not kept by the meter",
			grid.NotPolled: "collector did not run",
		},
		duration: func(d time.Duration) string { return spoken(d, "%d min", "%d h", "%d d") },
	}
}
