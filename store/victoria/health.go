package victoria

import (
	"fmt"

	"phutai/store/lineproto"
)

// Health gives what is wrong now; nothing when all is well.
func (w *Writer) Health() []lineproto.Trouble {
	found := w.Writer.Health()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trouble != nil && len(found) == 0 {
		found = append(found, *w.trouble)
	}
	return found
}

// asked notes how it went to ask the server since when it runs.
func (w *Writer) asked(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.trouble = nil
		return
	}
	since := w.clock.Now()
	if w.trouble != nil {
		since = w.trouble.Since
	}
	w.trouble = &lineproto.Trouble{
		Part: name().Cursor, Since: since, Err: err,
		Vi: fmt.Sprintf("Chưa hỏi được VictoriaMetrics đã chạy từ khi nào nên chưa biết nó giữ được gì (%v). Kiểm tra máy chủ. Trang này được hỏi không kèm mã truy cập: nếu có proxy chặn, hãy ghi địa chỉ /metrics của chính VictoriaMetrics vào store.victoria.metrics rồi khởi động lại. Số liệu vẫn được giữ trong nhật ký; hệ thống đang tự thử lại.", err),
		En: fmt.Sprintf("VictoriaMetrics does not say since when it runs, so what it keeps is unknown (%v). Check the server. That page is asked without the token: where a proxy guards it, put the address of VictoriaMetrics' own /metrics into store.victoria.metrics and restart. The journal keeps all data; trying again by itself.", err),
	}
}
