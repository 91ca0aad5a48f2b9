package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// File is one board as it is committed.
type File struct {
	Name string // below this package's folder, such as "vi/overview.json"
	JSON []byte
}

// Render makes all boards in both languages, in stable order.
func Render() ([]File, error) {
	var files []File
	for _, l := range []Lang{Vietnamese, English} {
		var b bytes.Buffer
		out := json.NewEncoder(&b)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(overview(l)); err != nil {
			return nil, fmt.Errorf("write the overview board in %s: %w", l, err)
		}
		files = append(files, File{Name: string(l) + "/overview.json", JSON: b.Bytes()})
	}
	return files, nil
}
