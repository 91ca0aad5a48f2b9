package planning

import "phutai/grid"

func vietnamese() *texts {
	return &texts{
		header: [12]string{
			"Thời điểm cuối khoảng (giờ địa phương)", "Chênh lệch UTC", "S (kVA)", "P (kW)", "Ia (A)", "Ib (A)", "Ic (A)",
			"Tải pha lớn nhất (%)", "Mang tải S/Sđm (%)", "Chất lượng", "Nguồn", "Lý do thiếu số liệu",
		},
		grades:  map[grid.Grade]string{grid.Good: "tốt", grid.Suspect: "nghi ngờ", grid.Estimated: "ước tính", grid.Substituted: "thay thế"},
		sources: map[grid.Source]string{grid.Instant: "tức thời", grid.Profile: "biểu đồ phụ tải"},
		reasons: map[grid.Reason]string{
			grid.NotDeclared: "chưa khai báo", grid.NoRoute: "không kết nối được đường truyền", grid.NoAnswer: "công tơ không trả lời",
			grid.WrongPassword: "sai mật khẩu", grid.MeterError: "công tơ báo lỗi", grid.Late: "chưa có số liệu",
			grid.ClockOff: "sai giờ", grid.OutOfRange: "ngoài giới hạn", grid.GapInMeter: "công tơ không lưu",
			grid.NotPolled: "bộ thu thập không chạy",
		},
		sheets: [3]string{"Theo đơn vị", "Theo điểm đo", "Khoảng thiếu"},
		byUnit: [9]string{"Ngày", "Đơn vị", "Số điểm đo", "Điểm đo không số liệu", "Phải thu", "Đã thu", "Tỷ lệ thu thập (%)", "Thiếu, có lý do", "Chưa rõ"},
		byPoint: [15]string{
			"Ngày", "Đơn vị", "Lộ trung áp", "Trạm", "Mã điểm đo", "Số công tơ", "Phải thu", "Đã thu", "Tỷ lệ thu thập (%)", "Thiếu, có lý do", "Chưa rõ",
			"Tức thời phải thu", "Tức thời đã thu", "Biểu đồ phải thu", "Biểu đồ đã thu",
		},
		byGap: [10]string{"Đơn vị", "Trạm", "Mã điểm đo", "Số công tơ", "Từ (giờ địa phương)", "Đến", "Nguồn", "Số lần", "Lý do", "Chi tiết"},
		sum: [10]string{
			"Thời điểm cuối khoảng (giờ địa phương)", "Chênh lệch UTC", "Tổng S (kVA)", "P (kW)", "Số MBA có số liệu", "Tổng số MBA", "kVA có số liệu", "Tổng kVA", "Tỷ lệ bao phủ (%)", "Chất lượng kém nhất",
		},
		unheard: "chưa từng có số liệu, hoặc ngày này không phải thu",
	}
}
