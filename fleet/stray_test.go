package fleet_test

import (
	"slices"
	"strings"
	"testing"

	"phutai/fleet"
)

func TestTableThatWouldBeMissedIsAProblem(t *testing.T) {
	const units = "id,name\nU,u\n"
	for name, x := range map[string]struct{ text, want string }{
		"feders.csv":      {"id,name,unit\nF,f,U\n", "feders.csv: is named nearly like feeders: "},
		"Metres.csv":      {"anything\n", "Metres.csv: is named nearly like meters: "},
		"con_to.csv":      {"anything\n", "con_to.csv: is named nearly like meters: "},
		"Sheet 1.csv":     {"id,point,profile,line\nM,P,x,y\n", "Sheet 1.csv: has the columns of meters and another name: "},
		"điểm mới.csv":    {"MA_DDO,MA_TRAM,MA_MBA,TI\nP,S,T,600/5\n", "điểm mới.csv: has the columns of points and another name: "},
		"meters-2026.csv": {"id,point,profile,line,colour\nM,P,x,y,red\n", "meters-2026.csv: has the columns of meters and another name: "},
	} {
		set, problems := fleet.Read(write(t, map[string]string{"units.csv": units, name: x.text}), rules)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), x.want) || len(set.Notes()) > 0 {
			t.Errorf("%s: got %v, noted %v, want %q", name, problems, set.Notes(), x.want)
		}
	}
}

func TestWhatIsPassedOverIsNoted(t *testing.T) {
	set, problems := fleet.Read(write(t, map[string]string{
		"units.csv": "id,name\nU,u\n", "ghi chú.csv": "anything\n", "todo.csv": "id,name,when,who,why\n1,2,3,4,5\n",
		"readme.txt": "text", ".hidden": "", "meters.xlsx": "",
	}), rules)
	var got []string
	for _, n := range set.Notes() {
		got = append(got, n.File)
	}
	if want := []string{"ghi chú.csv", "todo.csv", "meters.xlsx", "readme.txt"}; len(problems) > 0 || !slices.Equal(got, want) {
		t.Errorf("got %q and %v, want %q", got, problems, want)
	}
	set, problems = fleet.Read(workbook(t, map[string][][]any{"units": {{"id", "name"}, {"U", "u"}}, "Hướng dẫn": {{"xem"}}}), rules)
	if notes := set.Notes(); len(problems) > 0 || len(notes) != 1 || !strings.HasPrefix(notes[0].String(), "book.xlsx!Hướng dẫn: passed over: ") {
		t.Errorf("got %v and %v, want a note of one sheet and none of the empty one", notes, problems)
	}
}

func TestTableThatCannotBeReadIsTheOnlyProblem(t *testing.T) {
	const feeders = "id,name,unit\nF,f,U\n"
	for name, units := range map[string]map[string]string{
		"not UTF-8":        {"units.csv": "id,name\nU,\xff\n"},
		"a stray quote":    {"đơn vị.csv": "id,name\nU,\"u\"x\n"},
		"unknown column":   {"units.csv": "id,name,colour\nU,u,red\n"},
		"no header":        {"units.csv": "\n"},
		"misspelt":         {"unist.csv": "id,name\nU,u\n"},
		"under other name": {"mine.csv": "ma_dviqly,ten_dviqly\nU,u\n"},
	} {
		units["feeders.csv"] = feeders
		set, _ := fleet.Read(write(t, units), rules)
		if got := set.Check(rules); len(got) != 1 {
			t.Errorf("%s: got\n%v\nwant one problem", name, got)
		}
	}
}
