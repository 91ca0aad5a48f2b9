package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/grid"
)

type substation = grid.Substation

func TestPrioritySiteHoldsOnItsDaysAlone(t *testing.T) {
	r, d := openRegister(t, &clock{day(6, 20)})
	mustImport(t, r, province(), time.Time{})
	_, err := takeIn(t, r, map[string]string{
		"uu_tien.csv": "MA_TRAM,LOAI_UU_TIEN,TEN_DIEM,valid_from,valid_to\n0101,Điểm thi,THPT Thái Phúc,2026-06-26,2026-06-29\n0101,nhà máy nước,,,\n0101,exam,THPT Thái Phúc,2027-06-25,2027-06-28\n",
		"san_tai.csv": "MA_TRAM,MA_TRAM_NHAN,SAN_TOI_DA_KVA,DIEM_NOI\n0101,0102,120,471E11/35\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	again, err := fleet.Open(t.Context(), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]string{day(6, 25): "water", day(6, 26): "THPT Thái Phúc, water", day(6, 29): "water"} {
		v := again.View(at)
		s, _ := v.Substation("0101")
		if s.Priority != want {
			t.Errorf("%v: priority %q, want %q", at, s.Priority, want)
		}
	}
	v := again.View(day(6, 27))
	if s, _ := v.Substation("0102"); s.Priority != "hospital" {
		t.Errorf("the other station's priority is %q", s.Priority)
	}
	wantSites := []grid.PrioritySite{{Substation: "0101", Tag: grid.ExamSite, Name: "THPT Thái Phúc"}, {Substation: "0101", Tag: grid.WaterPlant}}
	if d := cmp.Diff(wantSites, v.Priorities("0101")); d != "" {
		t.Error(d)
	}
	want := []grid.Neighbour{{Substation: "0101", Other: "0102", KVA: 120, Tie: "471E11/35"}}
	if d := cmp.Diff(want, v.Neighbours("0101")); d != "" {
		t.Error(d)
	}
	set, err := again.Export(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Substations[0].Body.Priority; s != "" {
		t.Errorf("the export repeats the sites in the station's own column: %q", s)
	}
}

func TestPriorityAndNeighbourAreJudged(t *testing.T) {
	for name, x := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no tag":      {map[string]string{"priorities.csv": "substation,tag\n0101,\n"}, "priorities.csv:2: tag: is empty"},
		"unknown tag": {map[string]string{"priorities.csv": "substation,tag\n0101,bar\n"}, `priorities.csv:2: tag: "bar" is not known`},
		"no station":  {map[string]string{"priorities.csv": "substation,tag\n0109,school\n"}, `priorities.csv:2: substation: there is no substation "0109"`},
		"itself":      {map[string]string{"neighbours.csv": "substation,neighbour\n0101,0101\n"}, `neighbours.csv:2: neighbour: substation "0101" is named as its own neighbour`},
		"nobody":      {map[string]string{"neighbours.csv": "substation,neighbour\n0101,0109\n"}, `neighbours.csv:2: neighbour: there is no substation "0109"`},
		"twice":       {map[string]string{"neighbours.csv": "substation,neighbour\n0101,0102\n0101,0102\n"}, `neighbours.csv:3: id: "0101 0102" is there twice (line 2)`},
	} {
		r, _ := openRegister(t, &clock{day(6, 20)})
		mustImport(t, r, province(), time.Time{})
		if _, err := takeIn(t, r, x.files); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got %v, want %s", name, err, x.want)
		}
	}
}
