package dashboards

// Lang is the language of a board.
type Lang string

// The languages. Vietnamese is the first.
const (
	Vietnamese Lang = "vi"
	English    Lang = "en"
)

// uid gives a board's id in this language; Vietnamese boards have the bare one.
func (l Lang) uid(base string) string {
	if l == English {
		return base + "-en"
	}
	return base
}

func (l Lang) other() Lang {
	if l == English {
		return Vietnamese
	}
	return English
}

type text struct{ title, description string }

type texts struct {
	board                                    text
	over, near, highest, hottest, heard, age text
	ranking, feeders, course, heat           text
	otherLanguage, database, unit, feeder    string
	transformer, loading, ageColumn          string
}

func words(l Lang) texts {
	if l == English {
		return english()
	}
	return vietnamese()
}

func vietnamese() texts {
	return texts{
		board: text{"Điều độ – Tổng quan mang tải MBA",
			"Máy biến áp nào đang quá tải hoặc sắp quá tải, ở lộ nào, và số liệu cũ bao lâu."},
		over: text{"Quá tải (từ 100 %)",
			"Số máy biến áp có pha nặng nhất từ 100 % giới hạn trở lên, theo số liệu mới nhất trong khung thời gian."},
		near: text{"Sắp quá tải (90–100 %)",
			"Số máy biến áp có pha nặng nhất từ 90 % đến dưới 100 % giới hạn."},
		highest: text{"Mang tải cao nhất", "Pha nặng nhất của máy biến áp nặng nhất, so với giới hạn đang chi phối."},
		hottest: text{"Điểm nóng cao nhất", "Nhiệt độ điểm nóng cuộn dây cao nhất, tính theo IEC 60076-7."},
		heard: text{"MBA có số liệu",
			"Số máy biến áp có ít nhất một giá trị trong khung thời gian. Ít hơn thường ngày nghĩa là mất số liệu, không phải là bình thường."},
		age: text{"Số liệu mới nhất", "Giá trị mới nhất đến cách đây bao lâu. Nếu con số này tăng mãi thì màn hình hoặc đường truyền đã dừng."},
		ranking: text{"10 máy biến áp nặng tải nhất",
			"Xếp theo pha nặng nhất, mỗi dòng kèm tuổi của số liệu."},
		feeders: text{"Nặng nhất theo lộ trung áp", "Máy biến áp nặng nhất của từng lộ."},
		course:  text{"Diễn biến mang tải theo lộ", "Pha nặng nhất trong các máy biến áp của từng lộ. Chỗ đứt là không có số liệu."},
		heat:    text{"Diễn biến điểm nóng theo lộ", "Nhiệt độ điểm nóng cao nhất của từng lộ; vạch ở 120 và 140 °C."},

		otherLanguage: "English", database: "Nguồn số liệu", unit: "Đơn vị", feeder: "Lộ",
		transformer: "Máy biến áp", loading: "Mang tải pha nặng nhất", ageColumn: "Số liệu",
	}
}

func english() texts {
	return texts{
		board: text{"Control room – Transformer loading",
			"Which transformers are overloaded or close to it, on which feeder, and how old the figures are."},
		over: text{"Overloaded (100 % and more)",
			"Transformers whose worst phase is at 100 % of its limit or more, by the newest value within the board's time."},
		near: text{"Nearing overload (90–100 %)",
			"Transformers whose worst phase is from 90 % to below 100 % of its limit."},
		highest: text{"Highest loading", "Worst phase of the most heavily loaded transformer, against the limit that governs."},
		hottest: text{"Hottest hot spot", "Highest winding hot-spot temperature, computed after IEC 60076-7."},
		heard: text{"Transformers heard of",
			"Transformers with at least one value within the board's time. Fewer than usual means that data are missing, not that all is well."},
		age: text{"Newest value", "How long ago the newest value came. If this keeps growing, the screen or the line has stopped."},
		ranking: text{"The 10 most heavily loaded transformers",
			"By worst phase, each with the age of its value."},
		feeders: text{"Worst by feeder", "The most heavily loaded transformer of each feeder."},
		course:  text{"Loading over time by feeder", "Worst phase among the transformers of each feeder. A gap means that there are no data."},
		heat:    text{"Hot spot over time by feeder", "Highest hot-spot temperature of each feeder; lines at 120 and 140 °C."},

		otherLanguage: "Tiếng Việt", database: "Data source", unit: "Unit", feeder: "Feeder",
		transformer: "Transformer", loading: "Loading of the worst phase", ageColumn: "Value",
	}
}
