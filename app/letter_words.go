package app

// lettersText is what the verbs about dead letters say to people.
type lettersText struct {
	header               string
	can, cannot, ordered string // of a letter: whether it can be retried
	total                string // letters, shed, expired
	given                map[bool]string
	now, later           string
}

func letterWords(lang string) lettersText {
	if lang == "en" {
		return lettersText{
			header: "No.\tLast seen\tTimes\tFrom\tReason\tRetry\tWhat was wrong",
			can:    "yes", cannot: "no", ordered: "ordered: ",
			total: "%d dead letters; %d were not kept for want of room, %d became too old",
			given: map[bool]string{true: "%d dead letters will be taken in again: ", false: "%d dead letters will be dropped: "},
			now:   "the running phutai does it within seconds; list shows what is left", later: "phutai does it at its next start",
		}
	}
	return lettersText{
		header: "Số\tLần cuối\tSố lần\tTừ\tLý do\tNhập lại\tSai ở đâu",
		can:    "được", cannot: "không", ordered: "đã lệnh: ",
		total: "%d mục bị từ chối; %d mục không giữ được vì hết chỗ, %d mục đã quá hạn",
		given: map[bool]string{true: "%d mục sẽ được nhập lại: ", false: "%d mục sẽ bị bỏ: "},
		now:   "phutai đang chạy sẽ làm trong vài giây; xem phần còn lại bằng list", later: "phutai sẽ làm khi khởi động lần tới",
	}
}
