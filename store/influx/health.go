package influx

import "time"

// Trouble is something that keeps charts from being up to date. Vi and En say
// what it is and what to do.
type Trouble struct {
	Part    string // "influx"
	Vi, En  string
	Since   time.Time
	Err     error
	Stopped bool // it will not go on by itself
}

// Health gives what is wrong now; nothing when all is well.
func (w *Writer) Health() []Trouble {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trouble == nil {
		return nil
	}
	return []Trouble{*w.trouble}
}

func (w *Writer) failing(err error) {
	w.set(Trouble{
		Err: err,
		Vi:  "InfluxDB chưa nhận số liệu; biểu đồ sẽ chậm, cảnh báo vẫn hoạt động, số liệu không mất. Hệ thống đang tự thử lại.",
		En:  "InfluxDB does not take data now; charts are late, alarms go on, nothing is lost. Trying again by itself.",
	})
}

func (w *Writer) stop(err error) {
	w.set(Trouble{
		Err: err, Stopped: true,
		Vi: "InfluxDB từ chối kết nối ghi. Kiểm tra url, org, bucket và mã truy cập trong token_file, rồi khởi động lại. Số liệu vẫn được giữ trong nhật ký.",
		En: "InfluxDB refuses the writer. Check url, org, bucket and the token in token_file, then start again. The journal keeps all data.",
	})
}

func (w *Writer) set(t Trouble) {
	t.Part, t.Since = "influx", w.clock.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trouble != nil {
		if w.trouble.Stopped {
			return
		}
		t.Since = w.trouble.Since
	}
	w.trouble = &t
}

func (w *Writer) recovered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trouble != nil && !w.trouble.Stopped {
		w.trouble = nil
	}
}
