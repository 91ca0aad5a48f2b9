package grid_test

import (
	"fmt"

	"phutai/grid"
)

// A meter behind 600/5 A current transformers shows secondary values; the
// register's ratio makes the primary ones.
func ExampleRatio_Apply() {
	var rd grid.Reading
	rd.Values.Set(grid.Ia, 5.3333)
	rd.Values.Set(grid.P, 2.5)
	point := grid.MeteringPoint{CTPrimary: 600, CTSecondary: 5}
	rd = point.Ratio().Apply(rd)
	for q, x := range rd.Values.All() {
		fmt.Println(q, x, q.Unit())
	}
	// Output:
	// ia 639.996 A
	// p 300 kW
}
