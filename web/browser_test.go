package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"phutai/web"
)

// ready is, per page, what is there once its figures are.
var ready = map[string]string{
	"/":                   "#ranking tbody tr",
	"/transformers/T0007": "#chart-heat canvas",
	"/alarms":             "#load .alarm",
	"/collection":         "#collection tbody tr",
}

func wait(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

func textOf(selector string) string {
	return fmt.Sprintf("document.querySelector(%q).innerText", selector)
}

func viewport(width, height int64) chromedp.Action[chromedp.Void] {
	if width < 500 {
		return chromedp.EmulateViewport(width, height, chromedp.EmulateMobile)
	}
	return chromedp.EmulateViewport(width, height)
}

func TestPagesFitPhoneAndWallWithoutErrors(t *testing.T) {
	base, _ := serve(t, newProvince())
	b := openBrowser(t)
	for _, size := range []struct{ width, height int64 }{{390, 844}, {1920, 1080}} {
		for _, lang := range []string{"vi", "en"} {
			for path, selector := range ready {
				name := strings.Trim(strings.ReplaceAll(path, "/", "-"), "-")
				name = fmt.Sprintf("%s-%s-%d", map[bool]string{true: "ranking", false: name}[name == ""], lang, size.width)
				b.do(t, name, viewport(size.width, size.height), chromedp.Navigate(base+path+"?lang="+lang), wait(selector))
				if wide := ask[float64](t, b, "Math.max(document.documentElement.scrollWidth, innerWidth)"); wide > float64(size.width) {
					t.Errorf("%s: page is %v px wide in a window of %d px", name, wide, size.width)
				}
				if got := ask[string](t, b, "document.documentElement.lang"); got != lang {
					t.Errorf("%s: page is in %q", name, got)
				}
				b.shoot(t, name)
			}
		}
	}
	if faults := b.complaints(); len(faults) > 0 {
		t.Errorf("the browser complained: %q", faults)
	}
	own := strings.TrimPrefix(base, "http://")
	for host := range b.hosts {
		if host != own {
			t.Errorf("a page asked another host: %s", host)
		}
	}
}

func TestRankingInTheBrowserPutsTheOverloadFirstAndTheSilentApart(t *testing.T) {
	base, _ := serve(t, newProvince())
	b := openBrowser(t)
	b.do(t, "ranking", chromedp.Navigate(base+"/?lang=vi"), wait("#ranking tbody tr"))
	first, stale := ask[string](t, b, textOf("#ranking tbody tr:first-child")), ask[string](t, b, textOf("#stale"))
	for _, want := range []string{"QUÁ TẢI", "110,9", "theo dòng định mức"} {
		if !strings.Contains(first, want) {
			t.Errorf("first line lacks %q: %q", want, first)
		}
	}
	for _, want := range []string{"T0030", "T0031", "công tơ không trả lời", "không mở được đường truyền"} {
		if !strings.Contains(stale, want) {
			t.Errorf("group of old values lacks %q: %q", want, stale)
		}
	}
	if speed := ask[string](t, b, textOf("#speed")); speed != "mô phỏng ×60" {
		t.Errorf("note of the scaled clock is %q", speed)
	}
}

func TestContactTellsWhatHasComeAndHowTheClockStands(t *testing.T) {
	base, _ := serve(t, newProvince())
	b := openBrowser(t)
	for lang, want := range map[string][]string{
		"vi": {"97,9 % trong 30 ngày · 12 lượt thiếu có lý do · 1 lượt chưa rõ", "⚠ chậm 75 giây"},
		"en": {"97.9 % in 30 days · 12 missing with a reason · 1 not explained yet", "⚠ 75 s behind"},
	} {
		b.do(t, "contact-"+lang, chromedp.Navigate(base+"/transformers/T0030?lang="+lang), wait("#contact dd"))
		got := ask[string](t, b, textOf("#contact"))
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: contact lacks %q: %q", lang, w, got)
			}
		}
	}
}

// What a database says holds its address, which has no place to break a line at.
func TestLongTroubleFitsAPhone(t *testing.T) {
	p := newProvince()
	long := "InfluxDB (Post http://127.0.0.1:8086/api/v2/write?bucket=" + strings.Repeat("x", 60) + "&precision=ms)"
	p.health = []web.Problem{{Part: "influx", TextVi: long, TextEn: long}}
	base, _ := serve(t, p)
	b := openBrowser(t)
	b.do(t, "trouble", viewport(390, 844), chromedp.Navigate(base+"/?lang=en"), wait("#problems p"))
	if wide := ask[float64](t, b, "Math.max(document.documentElement.scrollWidth, innerWidth)"); wide > 390 {
		t.Errorf("page is %v px wide in a window of 390 px", wide)
	}
}

// A clock that was never set is months off, and nobody reads that in seconds.
func TestClockThatIsFarOffIsToldInDays(t *testing.T) {
	base, _ := serve(t, newProvince())
	b := openBrowser(t)
	for lang, want := range map[string]string{"vi": "⚠ nhanh 153 ngày 8 giờ", "en": "⚠ 153 d 8 h ahead"} {
		b.do(t, "clock-"+lang, chromedp.Navigate(base+"/transformers/T0031?lang="+lang), wait("#contact dd"))
		if got := ask[string](t, b, textOf("#contact")); !strings.Contains(got, want) {
			t.Errorf("%s: contact lacks %q: %q", lang, want, got)
		}
	}
}

func TestCurveSaysWhatWasMadeAndByWhichRules(t *testing.T) {
	base, _ := serve(t, newProvince())
	b := openBrowser(t)
	for lang, want := range map[string][2]string{
		"vi": {"Số ước tính, không phải số đo: 2 dòng", "Ước tính, pha lớn nhất"},
		"en": {"Estimated and not measured: 2 rows", "Estimated, worst phase"},
	} {
		b.do(t, "made-"+lang, chromedp.Navigate(base+"/transformers/T0009?lang="+lang), wait("#made:not([hidden])"), wait("#chart-pct .u-legend"))
		note, legend := ask[string](t, b, textOf("#made")), ask[string](t, b, textOf("#chart-pct .u-legend"))
		if !strings.Contains(note, want[0]) || !strings.Contains(note, "short gaps") || !strings.Contains(legend, want[1]) {
			t.Errorf("%s: %q under a curve of %q", lang, note, legend)
		}
	}
	b.do(t, "measured", chromedp.Navigate(base+"/transformers/T0007?lang=en"), wait("#chart-pct .u-legend"))
	if legend := ask[string](t, b, textOf("#chart-pct .u-legend")); strings.Contains(legend, "Estimated") || ask[bool](t, b, `!document.querySelector('#made').hidden`) {
		t.Errorf("a measured curve shows %q", legend)
	}
}

// A doubtful figure is no peak as long as there is a sound one.
func TestPeaksOfTheYearAreTold(t *testing.T) {
	base, _ := serve(t, newProvince())
	b := openBrowser(t)
	for lang, want := range map[string][]string{
		"vi": {"31 ngày qua\n110,0 % pha C · 19:00", "12 tháng qua\n110,0 %", "Số ngày từ 100 % trở lên (12 tháng)", "Điểm nóng cao nhất (12 tháng)\n120 °C", "Số ngày có số liệu (12 tháng)"},
		"en": {"Last 31 days\n110.0 % phase C · 19:00", "Last 12 months\n110.0 %", "Days at 100 % or more (12 months)", "Highest hot spot (12 months)\n120 °C", "Days with values (12 months)"},
	} {
		b.do(t, "peaks-"+lang, chromedp.Navigate(base+"/transformers/T0001?lang="+lang), wait("#peaks dd"))
		got := ask[string](t, b, textOf("#peaks"))
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: peaks lack %q: %q", lang, w, got)
			}
		}
	}
}

func TestSearchWithoutAccentsFilters(t *testing.T) {
	base, _ := serve(t, newProvince())
	b := openBrowser(t)
	b.do(t, "search", chromedp.Navigate(base+"/?lang=vi"), wait("#ranking tbody tr"), chromedp.SendKeys(chromedp.CSS("#q"), "tay do"))
	b.until(t, `document.querySelectorAll('#ranking tbody tr, #stale tbody tr').length === 5 &&
		[...document.querySelectorAll('.c-name a')].every((a) => a.textContent.startsWith('Tây Đô'))`)
}

func TestOneTapAcknowledges(t *testing.T) {
	p := newProvince()
	base, _ := serve(t, p)
	b := openBrowser(t)
	b.do(t, "acknowledge",
		chromedp.Navigate(base+"/alarms?lang=vi"),
		wait(`[data-id="7F3K"] .ack`),
		chromedp.SendKeys(chromedp.CSS("#who"), "Tran Binh"),
		chromedp.Click(chromedp.CSS(`[data-id="7F3K"] .ack`)),
	)
	b.until(t, `document.querySelector('[data-id="7F3K"].acked')?.textContent.includes('Tran Binh') === true`)
	if list, _ := p.List(t.Context()); list[0].AckedBy != "Tran Binh" {
		t.Errorf("acknowledged by %q, want the name that was typed", list[0].AckedBy)
	}
	if faults := b.complaints(); len(faults) > 0 {
		t.Errorf("the browser complained: %q", faults)
	}
}

// In earnest nobody is on duty without a name; only the simulated evening signs
// for itself.
func TestAcknowledgingInEarnestAsksForAName(t *testing.T) {
	p := newProvince()
	p.speed = 1
	base, _ := serve(t, p)
	b := openBrowser(t)
	b.do(t, "tap without a name", chromedp.Navigate(base+"/alarms?lang=vi"), wait(`[data-id="7F3K"] .ack`),
		chromedp.Click(chromedp.CSS(`[data-id="7F3K"] .ack`)), wait("#refused"))
	if text := ask[string](t, b, textOf("#refused")); !strings.Contains(text, "tên người trực") {
		t.Errorf("the page says %q, want that it asks for the name", text)
	}
	if !ask[bool](t, b, "document.activeElement.id === 'who'") {
		t.Error("the field for the name is not ready for typing")
	}
	if list, _ := p.List(t.Context()); list[0].AckedBy != "" {
		t.Errorf("acknowledged by %q", list[0].AckedBy)
	}
}

func TestPageSaysThatItIsFrozen(t *testing.T) {
	base, stop := serve(t, newProvince())
	b := openBrowser(t)
	b.do(t, "fresh page", chromedp.Navigate(base+"/?lang=vi"), wait("#ranking tbody tr"))
	b.until(t, "document.getElementById('frozen').hidden")
	stop()
	b.do(t, "frozen page", wait("#frozen"))
	if text := ask[string](t, b, textOf("#frozen")); !strings.Contains(text, "TRANG KHÔNG CẬP NHẬT từ") {
		t.Errorf("frozen mark says %q", text)
	}
	b.shoot(t, "frozen")
}

func TestRangesRedrawTheCurveAndOfferItsTable(t *testing.T) {
	base, _ := serve(t, newProvince())
	b := openBrowser(t)
	b.do(t, "month", chromedp.Navigate(base+"/transformers/T0007?lang=en"), wait("#chart-heat canvas"),
		chromedp.Click(chromedp.CSS(`[data-range="30d"]`)))
	b.until(t, `document.getElementById('step').textContent.includes('60 min')`)
	if got := ask[float64](t, b, `document.querySelectorAll('.chart canvas').length`); got != 3 {
		t.Errorf("%v charts, want 3: an old one must go when a new one comes", got)
	}
	href := ask[string](t, b, `document.getElementById('csv').getAttribute('href')`)
	if !strings.HasPrefix(href, "/api/v1/transformers/T0007/curve.csv?from=2026-05-23T17") {
		t.Errorf("table is offered at %q", href)
	}
	b.do(t, "empty", chromedp.Navigate(base+"/transformers/T0031?lang=en"), wait("#contact dt"))
	if text := ask[string](t, b, textOf("#contact")); !strings.Contains(text, "line cannot be opened") {
		t.Errorf("contact says %q", text)
	}
	if faults := b.complaints(); len(faults) > 0 {
		t.Errorf("the browser complained: %q", faults)
	}
}

func TestHostileNamesStayTextInTheBrowser(t *testing.T) {
	p := newProvince()
	p.rows[7].Substation.Name, p.rows[7].Transformer.Name = hostile[0], hostile[1]
	p.rows[7].Feeder.Name, p.rows[7].Unit.Name = hostile[2], hostile[3]
	p.alarms[0].AckedBy = hostile[0]
	base, _ := serve(t, p)
	b := openBrowser(t)
	for path, selector := range ready {
		b.do(t, path, chromedp.Navigate(base+path), wait(selector))
		if ask[bool](t, b, `'harmed' in window || document.querySelectorAll('main img, main svg, main script').length > 0`) {
			t.Errorf("%s: a name became markup", path)
		}
	}
	if faults := b.complaints(); len(faults) > 0 {
		t.Errorf("the browser complained: %q", faults)
	}
}
