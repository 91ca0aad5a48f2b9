package lineproto

import (
	"fmt"
	"time"

	"go.uber.org/zap"
)

// Trouble is something that keeps charts from being up to date. Vi and En say
// what it is and what to do.
type Trouble struct {
	Part    string // the name of the cursor
	Vi, En  string
	Since   time.Time
	Err     error
	Stopped bool // a person has to mend it
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
		Vi: fmt.Sprintf("%s chưa nhận số liệu (%v); biểu đồ sẽ chậm, cảnh báo vẫn hoạt động, số liệu không mất. Hệ thống đang tự thử lại; nếu kéo dài, kiểm tra máy chủ đó và store.%s.url.",
			w.name.Title, err, w.name.Cursor),
		En: fmt.Sprintf("%s does not take data now (%v); charts are late, alarms go on, nothing is lost. Trying again by itself; if it lasts, check that server and store.%s.url.",
			w.name.Title, err, w.name.Cursor),
	})
}

// stopped notes that the database refuses the writer, until it takes lines.
func (w *Writer) stopped(err error) {
	w.log.Error("the database refuses the writer; the journal keeps everything until that is mended",
		zap.Duration("next_try", probeEvery), zap.Error(err))
	w.set(Trouble{
		Err: err, Stopped: true,
		Vi: fmt.Sprintf("%s từ chối kết nối ghi (%v). Kiểm tra %s và mã truy cập trong token_file. Số liệu vẫn được giữ trong nhật ký; hệ thống tự ghi tiếp trong vài giây sau khi token_file đổi, và thử lại mỗi 5 phút. Đổi tệp cấu hình thì phải khởi động lại.",
			w.name.Title, err, w.name.Settings),
		En: fmt.Sprintf("%s refuses the writer (%v). Check %s and the token in token_file. The journal keeps all data; writing goes on by itself within seconds of a new token_file, and is tried every 5 minutes. A changed configuration file needs a restart.",
			w.name.Title, err, w.name.Settings),
	})
}

// set replaces the trouble; its beginning stays.
func (w *Writer) set(t Trouble) {
	t.Part, t.Since = w.name.Cursor, w.clock.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trouble != nil {
		t.Since = w.trouble.Since
	}
	w.trouble = &t
}

func (w *Writer) recovered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trouble == nil {
		return
	}
	w.log.Info("the database takes lines again")
	w.trouble = nil
}
