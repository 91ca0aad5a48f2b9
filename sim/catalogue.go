package sim

// Fault is what is wrong with a meter or with the way to it.
type Fault string

// The faults; the zero value is none.
const (
	NoFault    Fault = ""
	Silent     Fault = "silent"      // a DLMS meter whose line opens and that never answers
	DeadUnit   Fault = "dead-unit"   // a unit that its gateway cannot reach
	AnswerLate Fault = "answer-late" // a DLMS meter that takes its time, LateBy
	OtherRatio Fault = "other-ratio" // its own CT ratio is not the register's, which is right
)

// entry is one metering point of the catalogue.
type entry struct {
	place   string
	kva     float64 // of each transformer
	class   class
	peak    float64 // highest worst-phase loading of the hottest day, % of rated current
	solar   float64 // rooftop solar as a part of the rating
	fault   Fault
	private bool // serves one customer
	mv      bool // metered at 22 kV
	two     bool // two equal transformers behind one meter
	prio    string
}

// catalogue is the province that the demonstration shows. The first is the
// steady one. Peaks keep clear of the limits of 90 and 100 % by at least two,
// so that there is one right answer to which of them must be paged.
var catalogue = [DefaultTransformers]entry{
	{place: "Vũ Thư 1", kva: 400, class: homes, peak: 97},
	{place: "Minh Lãng 2", kva: 250, class: homes, peak: 121},
	{place: "Song Lãng", kva: 180, class: homes, peak: 63, solar: .55},
	{place: "Chợ Búng", kva: 400, class: town, peak: 113},
	{place: "Tân Hòa 3", kva: 320, class: homes, peak: 95},
	{place: "Việt Hùng 1", kva: 250, class: homes, peak: 106},
	{place: "Bệnh viện đa khoa Vũ Thư", kva: 560, class: hospital, peak: 71, private: true, prio: "bệnh viện"},
	{place: "Dũng Nghĩa", kva: 100, class: homes, peak: 58, fault: Silent},
	{place: "Trạm bơm Nguyên Tiến Đoài", kva: 320, class: pumping, peak: 76, private: true},
	{place: "May Hòa Xá", kva: 630, class: factory, peak: 68, solar: .95, private: true, mv: true},
	{place: "Xuân Hòa 2", kva: 180, class: homes, peak: 74},
	{place: "Hiệp Hòa 1", kva: 160, class: homes, peak: 49, fault: DeadUnit},
	{place: "Phúc Thành", kva: 250, class: homes, peak: 67, solar: .4},
	{place: "Trường THPT Lý Bôn", kva: 160, class: school, peak: 54, private: true, prio: "trường học"},
	{place: "Nước sạch Tân Lập", kva: 250, class: shifts, peak: 62, private: true, prio: "nước sạch"},
	{place: "Bách Thuận 4", kva: 320, class: homes, peak: 80, fault: AnswerLate},
	{place: "Duy Nhất", kva: 180, class: homes, peak: 56},
	{place: "Hồng Phong 2", kva: 100, class: homes, peak: 72, solar: .5},
	{place: "Thanh Nê 1", kva: 400, class: town, peak: 96},
	{place: "Bình Minh 3", kva: 320, class: homes, peak: 116},
	{place: "Quang Trung", kva: 250, class: homes, peak: 66},
	{place: "Kho lạnh Kiến Giang", kva: 630, class: shifts, peak: 94.5, private: true, mv: true},
	{place: "Vũ Quý", kva: 400, class: town, peak: 78},
	{place: "An Bồi 1", kva: 180, class: homes, peak: 61},
	{place: "Lê Lợi 2", kva: 250, class: homes, peak: 79, fault: OtherRatio},
	{place: "Nam Cao", kva: 320, class: shifts, peak: 57},
	{place: "Trạm bơm Cống Lân", kva: 400, class: pumping, peak: 81, private: true},
	{place: "Vũ Lễ 1", kva: 160, class: homes, peak: 108},
	{place: "Thượng Hiền", kva: 180, class: homes, peak: 52, solar: .6},
	{place: "Quốc Tuấn 2", kva: 250, class: homes, peak: 70},
	{place: "Giày da Thanh Tân", kva: 560, class: factory, peak: 73, private: true, mv: true, two: true},
	{place: "Bình Nguyên", kva: 100, class: homes, peak: 45},
	{place: "Trà Giang 3", kva: 320, class: homes, peak: 82},
	{place: "Hồng Thái", kva: 180, class: homes, peak: 64},
	{place: "Nam Bình 1", kva: 250, class: homes, peak: 95.5},
	{place: "Đình Phùng", kva: 160, class: homes, peak: 59, solar: .45},
	{place: "Gạch Tuynel Đông Hưng", kva: 400, class: factory, peak: 77, private: true},
	{place: "Đông La 2", kva: 250, class: homes, peak: 75},
	{place: "Phú Lương 1", kva: 320, class: homes, peak: 104.5},
	{place: "Liên Giang", kva: 180, class: homes, peak: 68},
	{place: "Xay xát Thăng Long", kva: 180, class: factory, peak: 60, solar: .8, private: true},
	{place: "An Châu", kva: 100, class: homes, peak: 55},
	{place: "Mê Linh 1", kva: 250, class: homes, peak: 83},
	{place: "Lô Giang 2", kva: 400, class: town, peak: 65},
}

// entryOf gives the catalogue's entry i. Past its end entries are drawn by
// chance, with the same share of heavily loaded ones and of faults.
func entryOf(seed uint64, i int) entry {
	if i < len(catalogue) {
		return catalogue[i]
	}
	n := int64(i)
	e := entry{
		place: catalogue[mix(seed, forPlace, n)%uint64(len(catalogue))].place,
		kva:   []float64{100, 160, 180, 250, 250, 320, 400, 560, 630}[mix(seed, forRole, 10*n)%9],
	}
	if c := chance(seed, forRole, 10*n+1); c > .75 {
		e.class = class(1 + mix(seed, forRole, 10*n+2)%uint64(numClasses-1))
		e.private = e.class != town
	}
	spread := chance(seed, forRole, 10*n+3)
	switch draw := chance(seed, forRole, 10*n+4); {
	case draw < .10:
		e.peak = 103 + 18*spread
	case draw < .20:
		e.peak = 92.8 + 4*spread
	default:
		e.peak = 40 + 43*spread
	}
	if chance(seed, forRole, 10*n+5) < .18 && !(e.peak > 86) {
		e.solar = .3 + .4*spread
	}
	e.mv = e.private && e.kva >= 560
	if e.peak < 86 && chance(seed, forRole, 10*n+6) < .01 {
		e.fault = Silent
	}
	return e
}
