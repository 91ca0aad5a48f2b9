package planning

import (
	"fmt"

	"phutai/grid"
)

// Lang is the language of a table's words.
type Lang string

// The languages. The empty value counts as Vietnamese.
const (
	Vietnamese Lang = "vi"
	English    Lang = "en"
)

// texts are the words of a table.
type texts struct {
	header  [12]string
	grades  map[grid.Grade]string
	sources map[grid.Source]string
	reasons map[grid.Reason]string

	sheets  [3]string // of the collection report
	byUnit  [9]string
	byPoint [15]string
	byGap   [10]string
	unheard string

	sum [10]string // a feeder's
}

func textsOf(lang Lang) (*texts, error) {
	switch lang {
	case Vietnamese, "":
		return vietnamese(), nil
	case English:
		return english(), nil
	}
	return nil, fmt.Errorf("language %q: give vi or en", lang)
}
