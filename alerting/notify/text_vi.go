package notify

import (
	"fmt"
	"time"

	"phutai/grid"
)

// vietnamese is the default language. The short form is written without
// diacritics and without the percent sign (phan tram).
func vietnamese() vocabulary {
	return vocabulary{
		title: parse(`
			{{if .Withdrawn}}RÚT CẢNH BÁO{{else if .Cleared}}{{if .Comms}}CÓ LẠI SỐ LIỆU{{else}}HẾT {{if .Hot}}NÓNG CUỘN DÂY{{else}}QUÁ TẢI{{end}}{{end}}
			{{else if .Comms}}MẤT KẾT NỐI{{else if .Hot}}NÓNG CUỘN DÂY{{else if .Critical}}QUÁ TẢI{{else}}SẮP QUÁ TẢI{{end}}
			– {{if .Group}}{{.Stations}} trạm lộ {{.Feeder}}{{else}}{{.Station}}{{end}} – Mã {{.Code}}`),
		sms: parse(`
			{{if .Withdrawn}}
				RUT CANH BAO: {{.Station}} khong con trong so thiet bi, khong con theo doi. Khong phai la da binh thuong.
				Dong ma {{.Code}}
			{{else if .Cleared}}
				{{if .Comms}}CO LAI SO LIEU: {{.Station}} luc {{.At}} {{.Date}}, gian doan {{.Lasted}}.
				{{else}}HET {{if .Hot}}NONG CUON DAY{{else}}QUA TAI{{end}}: {{.Station}} con {{.Value}} {{if .Hot}}do C{{else}}phan tram{{end}} luc {{.At}} {{.Date}}, keo dai {{.Lasted}}.{{end}}
				Dong ma {{.Code}}
			{{else if .Comms}}
				MAT KET NOI: {{if .Group}}{{.Stations}} tram lo {{.Feeder}}{{else}}{{.Station}}{{end}} khong co so lieu{{if .Since}} tu {{.Since}} {{.SinceDate}}{{end}}{{if and .Reason (not .Group)}}, {{.Reason}}{{end}}. Chua ro tai. {{with .Unit}}{{.}} kiem tra. {{end}}Ma {{.Code}}
			{{else if .Hot}}
				NONG CUON DAY: {{.Station}}{{with .Rated}} ({{.}}kVA){{end}} {{.Value}} do C (nguong {{.Limit}}) luc {{.At}} {{.Date}}. {{if .Critical}}Giam tai ngay.{{else}}Xem xet giam tai.{{end}} {{with .Unit}}{{.}} kiem tra. {{end}}Ma {{.Code}}
			{{else if .Critical}}
				QUA TAI: {{.Station}}{{with .Rated}} ({{.}}kVA){{end}}{{with .Phase}} pha {{.}}{{end}} {{.Value}} phan tram luc {{.At}} {{.Date}}. {{with .Unit}}{{.}} kiem tra. {{end}}Ma {{.Code}}
			{{else}}
				SAP QUA TAI: {{.Station}}{{with .Rated}} ({{.}}kVA){{end}}{{with .Phase}} pha {{.}}{{end}} {{.Value}} phan tram luc {{.At}} {{.Date}}{{with .Meets}}, du kien vuot luc {{.}}{{end}}. Xem xet san tai. Ma {{.Code}}
			{{end}}`),
		full: parseLines(`
{{if .Withdrawn}}RÚT CẢNH BÁO{{else if .Cleared}}{{if .Comms}}CÓ LẠI SỐ LIỆU{{else}}HẾT {{if .Hot}}NÓNG CUỘN DÂY{{else}}QUÁ TẢI{{end}}{{end}}{{else if .Comms}}MẤT KẾT NỐI{{else if .Hot}}NÓNG CUỘN DÂY{{else if .Critical}}QUÁ TẢI{{else}}SẮP QUÁ TẢI{{end}} – {{if .Group}}{{.Stations}} trạm lộ {{.Feeder}}{{else}}{{.Station}}{{with .Rated}} ({{.}} kVA{{with $.Feeder}}, lộ {{.}}{{end}}){{else}}{{with .Feeder}} (lộ {{.}}){{end}}{{end}}{{end}} – Mã {{.Code}}
{{- with .Priority}}
Trạm ưu tiên: {{.}}.{{end}}
{{- if .Withdrawn}}
Cảnh báo {{if .Comms}}mất kết nối{{else if .Hot}}nóng cuộn dây{{else}}quá tải{{end}} từ {{.Since}} {{.SinceDate}} được đóng vì máy biến áp hoặc điểm đo không còn trong sổ thiết bị. Tình trạng tải không được theo dõi nữa; đây không phải là trở lại bình thường.
Gợi ý: nếu thiết bị vẫn vận hành, hãy sửa sổ thiết bị.
{{- else if .Comms}}
{{- if .Cleared}}
Công tơ trả lời lại lúc {{.At}} ngày {{.Date}}, gián đoạn {{.Lasted}}. Các giá trị thiếu được đọc bù từ biểu phụ tải của công tơ nếu còn.
{{- else}}
{{if .Group}}{{.Stations}} trạm của lộ {{.Feeder}} không có số liệu; nghi lỗi đường truyền chung. {{end}}{{if .Since}}Không nhận số liệu từ {{.Since}} ngày {{.SinceDate}}{{else}}Chưa từng nhận số liệu{{end}}{{with .Reason}}: {{.}}{{end}}. Đây không phải cảnh báo tải: tải hiện tại chưa biết, các cảnh báo khác của trạm được giữ nguyên.
Gợi ý: kiểm tra modem, SIM, nguồn và công tơ; nếu cả lộ mất số liệu thì kiểm tra mạng trước.
{{- end}}
{{- else if .Cleared}}
Còn {{.Value}} {{if .Hot}}°C{{else}}%{{end}} lúc {{.At}} ngày {{.Date}}. Kéo dài {{.Lasted}} từ {{.Since}} {{.SinceDate}}.
{{- else}}
{{if .Hot}}Nhiệt độ điểm nóng cuộn dây (tính theo IEC 60076-7): {{.Value}} °C, ngưỡng {{.Limit}} °C.{{else}}{{with .Phase}}Pha {{.}}: {{end}}{{with .Amp}}{{.}} A = {{end}}{{.Value}} %{{with .Source}} {{.}}{{end}}, ngưỡng {{.Limit}} %.{{end}}{{with .Amps}} Dòng A/B/C: {{.}} A.{{end}}{{with .Power}} Tổng S = {{.}} kVA{{with $.Percent}} ({{.}} %){{end}}.{{end}}
Số liệu lúc {{.At}} ngày {{.Date}}, tuổi {{.Age}}. Bắt đầu {{.Since}} {{.SinceDate}}.
{{- if or .Trend .Air .OilHot}}
{{with .Trend}}Xu hướng {{.}} %/giờ. {{end}}{{with .Left}}Dự kiến chạm giới hạn sau {{.}} (lúc {{$.Meets}}). {{end}}{{with .Air}}Nhiệt độ không khí {{.}} °C. {{end}}{{if not .Hot}}{{with .OilHot}}Điểm nóng cuộn dây {{.}} °C.{{end}}{{end}}{{end}}
Gợi ý: {{if .Hot}}giảm tải hoặc tăng làm mát; không vận hành trên 140 °C.{{else if .Critical}}chuyển phụ tải khỏi pha {{or .Phase "nặng nhất"}}, san tải sang trạm lân cận; kiểm tra tiếp điểm và nhiệt độ dầu tại chỗ.{{else}}theo dõi, chuẩn bị cân pha hoặc san tải trước giờ cao điểm.{{end}}
{{- end}}
{{- if or .Unit .Pole .Keeper}}
{{with .Unit}}Đơn vị: {{.}}. {{end}}{{with .Pole}}Cột: {{.}}. {{end}}{{with .Keeper}}Người giữ trạm: {{.}}.{{end}}{{end}}`),
		governors: map[grid.Governor]string{
			grid.GovernRating: "dòng định mức MBA", grid.GovernBreaker: "dòng chỉnh định áptômát tổng", grid.GovernCT: "giới hạn nhiệt TI",
		},
		reasons: map[grid.Reason]string{
			grid.NotDeclared: "chưa khai báo đường đọc", grid.NoRoute: "không mở được đường truyền", grid.NoAnswer: "công tơ không trả lời",
			grid.WrongPassword: "công tơ từ chối mật khẩu", grid.MeterError: "công tơ báo lỗi", grid.Late: "số liệu về muộn",
			grid.ClockOff: "đồng hồ công tơ sai", grid.OutOfRange: "giá trị không hợp lý", grid.GapInMeter: "công tơ không lưu",
			grid.NotPolled: "bộ thu thập không chạy",
		},
		duration: func(d time.Duration) string { return spoken(d, "%d phút", "%d giờ", "%d ngày") },
	}
}

// spoken tells a duration in minutes, hours and minutes, or days and hours.
func spoken(d time.Duration, minutes, hours, days string) string {
	m := int(max(0, d).Round(time.Minute) / time.Minute)
	switch {
	case m < 60:
		return fmt.Sprintf(minutes, m)
	case m < 24*60 && m%60 == 0:
		return fmt.Sprintf(hours, m/60)
	case m < 24*60:
		return fmt.Sprintf(hours+" "+minutes, m/60, m%60)
	}
	return fmt.Sprintf(days+" "+hours, m/(24*60), m/60%24)
}
