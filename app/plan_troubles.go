package app

import (
	"errors"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/mqtt"
	"phutai/web"
)

// planWithin is how long a collector that is there may poll by an earlier plan, in
// real time: its status comes every few seconds, and has the newest sent again.
const planWithin = time.Minute

// troubles lists the plans that do not arrive.
func (p *plans) troubles() []web.Problem {
	var found []web.Problem
	for _, id := range p.collectors(p.register.View(p.clock.Now())) {
		p.mu.Lock()
		since := p.another[id]
		p.mu.Unlock()
		if err := p.refusal(id); err != nil {
			found = append(found, planRefused(id, err))
		} else if !since.IsZero() && time.Since(since) > planWithin {
			found = append(found, planLost(id, since))
		}
	}
	return found
}

func planRefused(id grid.CollectorID, err error) web.Problem {
	if large, ok := errors.AsType[*mqtt.TooLargeError](err); ok {
		kb := large.Bytes >> 10
		return web.Problem{
			Part: "plan",
			TextVi: fmt.Sprintf("Broker từ chối kế hoạch đọc của bộ thu thập %s (%d KB, lớn hơn giới hạn gói tin), nên nó vẫn đọc theo kế hoạch cũ: hãy tăng "+
				"giới hạn gói tin của broker (max_packet_size), hoặc chia công tơ cho nhiều bộ thu thập.", id, kb),
			TextEn: fmt.Sprintf("The broker refuses the plan of collector %s (%d KB, over its packet limit), which goes on polling by the earlier one: raise "+
				"the broker's packet limit (max_packet_size), or give its meters to more collectors.", id, kb),
		}
	}
	return web.Problem{
		Part: "plan",
		TextVi: fmt.Sprintf("Broker không nhận kế hoạch đọc của bộ thu thập %s, nên nó vẫn đọc theo kế hoạch cũ; chương trình tự gửi lại. Kiểm tra quyền của "+
			"người dùng center được ghi vào phutai/v1/lines/, và đĩa của broker. (%v)", id, err),
		TextEn: fmt.Sprintf("The broker does not take the plan of collector %s, which goes on polling by the earlier one; it is sent again by itself. Check that "+
			"user center may write to phutai/v1/lines/, and the broker's disk. (%v)", id, err),
	}
}

func planLost(id grid.CollectorID, since time.Time) web.Problem {
	at := since.Format(time.RFC3339)
	return web.Problem{
		Part: "plan",
		TextVi: fmt.Sprintf("Bộ thu thập %s đang chạy nhưng từ %s vẫn đọc theo kế hoạch cũ: kiểm tra trên broker quyền ghi của center và quyền đọc của nó "+
			"với phutai/v1/lines/, và xem nhật ký của nó.", id, at),
		TextEn: fmt.Sprintf("Collector %s runs and yet polls by an earlier plan since %s: check at the broker that center may write to phutai/v1/lines/ and "+
			"that it may read there, and see its log.", id, at),
	}
}
