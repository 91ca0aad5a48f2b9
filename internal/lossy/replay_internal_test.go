package lossy

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// block is a sector full of one letter.
func block(letter string) []byte { return bytes.Repeat([]byte(letter), sectorSize) }

// possible gives all that images of a record hold, as the first letter of each
// sector of the file f; "-" where there is no such file.
func possible(t *testing.T, record ...operation) string {
	t.Helper()
	all, dir := map[string]bool{}, t.TempDir()
	for seed := range uint64(300) {
		r := (&Disk{record: record}).Replay()
		r.To(len(record))
		_ = os.Remove(filepath.Join(dir, "f"))
		if err := r.Image(dir, seed); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "f"))
		if err != nil {
			all["-"] = true
			continue
		}
		var letters strings.Builder
		for i := 0; i < len(data); i += sectorSize {
			if data[i] == 0 {
				data[i] = '0'
			}
			letters.WriteByte(data[i])
		}
		all[letters.String()] = true
	}
	return strings.Join(sorted(all), " ")
}

func TestImageHoldsWhatADiskCouldHold(t *testing.T) {
	made := operation{kind: find, file: 1, name: "f", data: append(block("a"), block("a")...)}
	put := func(sector int64, data []byte) operation {
		return operation{kind: write, file: 1, at: sector * sectorSize, data: data}
	}
	synced, failed := operation{kind: settle, file: 1}, operation{kind: unsettle, file: 1}
	for name, c := range map[string]struct {
		record []operation
		want   string
	}{
		"what was synced":                 {[]operation{made, put(0, block("b")), synced}, "ba"},
		"one write":                       {[]operation{made, put(0, block("b"))}, "aa ba"},
		"one write that is torn":          {[]operation{made, put(0, append(block("b"), block("b")...))}, "aa ab ba bb"},
		"a later write without the first": {[]operation{made, put(0, block("b")), put(1, block("c"))}, "aa ac ba bc"},
		"two writes of one sector":        {[]operation{made, put(0, block("b")), put(0, block("c"))}, "aa ba ca"},
		"a file that grows":               {[]operation{made, put(2, block("b"))}, "aa aa0 aab"},
		"a file that is cut":              {[]operation{made, {kind: truncate, file: 1, at: sectorSize}}, "a a0 aa"},
		"cut and synced":                  {[]operation{made, {kind: truncate, file: 1, at: sectorSize}, synced}, "a"},
		"a sync that failed":              {[]operation{made, put(0, block("b")), failed, synced}, "aa ba"},
		"written again and synced":        {[]operation{made, put(0, block("b")), failed, put(0, block("c")), synced}, "ca"},
		"grown, failed, written again":    {[]operation{made, put(2, block("b")), failed, put(2, block("b")), synced}, "aab"},
		"grown, failed, another written":  {[]operation{made, put(2, block("b")), failed, put(0, block("c")), synced}, "ca ca0 cab"},
		"a new name":                      {[]operation{{kind: create, file: 1, name: "f"}, put(0, block("b")), synced}, "- b"},
		"a new name, folder synced":       {[]operation{{kind: create, file: 1, name: "f"}, put(0, block("b")), synced, {kind: folder}}, "b"},
		"a name that was removed":         {[]operation{made, {kind: remove, name: "f"}}, "- aa"},
		"a name that was removed surely":  {[]operation{made, {kind: remove, name: "f"}, {kind: folder}}, "-"},
	} {
		if got := possible(t, c.record...); got != c.want {
			t.Errorf("%s: images hold %q, want %q", name, got, c.want)
		}
	}
}
