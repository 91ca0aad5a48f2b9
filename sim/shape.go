package sim

// class is the kind of customers behind a transformer.
type class int

// The classes.
const (
	homes    class = iota // households with air conditioning
	town                  // shops and households of a market street
	factory               // day shift, closed on weekends
	shifts                // three shifts and cold stores
	pumping               // irrigation, mornings and afternoons of rainless days
	hospital              // cooling round the clock
	school                // lessons, empty in the evening
	numClasses
)

// shape is how a class uses power through the day: plain at any weather, and
// cooling on top in proportion to the heat. Hourly figures, from 0 to 23 h.
type shape struct {
	plain, cooling [24]float64
	weekend        float64 // factor on Saturdays and Sundays
	cosPhi         float64
}

func shapeOf(c class) shape {
	switch c {
	case town:
		return shape{
			plain: [24]float64{.28, .26, .25, .25, .28, .36, .44, .50, .56, .60, .62, .60,
				.54, .52, .54, .56, .58, .60, .70, .78, .80, .74, .56, .36},
			cooling: [24]float64{.45, .42, .40, .38, .35, .32, .30, .32, .40, .50, .58, .62,
				.62, .62, .62, .60, .58, .58, .68, .80, .88, .88, .78, .56},
			weekend: 1.05, cosPhi: .92,
		}
	case factory:
		return shape{
			plain: [24]float64{.12, .12, .12, .12, .12, .14, .22, .70, .95, 1, 1, .90,
				.62, .92, 1, 1, .92, .40, .22, .18, .16, .15, .14, .13},
			cooling: [24]float64{.02, .02, .02, .02, .02, .02, .04, .12, .16, .18, .18, .16,
				.14, .18, .18, .18, .16, .08, .04, .03, .03, .03, .02, .02},
			weekend: .35, cosPhi: .88,
		}
	case shifts:
		return shape{
			plain: [24]float64{.74, .72, .72, .72, .74, .76, .80, .86, .90, .92, .92, .90,
				.86, .88, .90, .90, .88, .86, .88, .90, .90, .88, .84, .78},
			cooling: [24]float64{.14, .14, .13, .13, .13, .13, .13, .14, .15, .16, .17, .18,
				.18, .18, .18, .18, .18, .19, .20, .21, .21, .20, .18, .16},
			weekend: .94, cosPhi: .90,
		}
	case pumping:
		return shape{
			plain: [24]float64{.04, .04, .04, .10, .55, .90, .95, .95, .80, .40, .12, .06,
				.05, .06, .20, .60, .80, .70, .30, .08, .05, .04, .04, .04},
			weekend: 1, cosPhi: .84,
		}
	case hospital:
		return shape{
			plain: [24]float64{.40, .38, .38, .38, .40, .46, .58, .72, .80, .82, .80, .72,
				.66, .70, .74, .72, .66, .58, .56, .56, .54, .50, .46, .42},
			cooling: [24]float64{.34, .32, .30, .30, .30, .30, .34, .42, .50, .54, .56, .56,
				.54, .54, .56, .54, .50, .46, .46, .46, .46, .44, .40, .36},
			weekend: .85, cosPhi: .93,
		}
	case school:
		return shape{
			plain: [24]float64{.08, .08, .08, .08, .10, .14, .34, .62, .74, .76, .72, .48,
				.34, .56, .66, .62, .46, .24, .18, .16, .14, .12, .10, .08},
			cooling: [24]float64{.02, .02, .02, .02, .02, .03, .10, .28, .38, .42, .42, .30,
				.22, .34, .40, .38, .26, .10, .06, .05, .04, .04, .03, .02},
			weekend: .3, cosPhi: .92,
		}
	case homes, numClasses:
	}
	return shape{
		plain: [24]float64{.34, .30, .28, .27, .28, .34, .42, .44, .40, .39, .41, .48,
			.48, .41, .38, .39, .43, .50, .62, .70, .75, .77, .69, .48},
		cooling: [24]float64{.80, .75, .70, .64, .58, .50, .40, .33, .32, .36, .42, .52,
			.58, .56, .52, .50, .50, .54, .67, .82, .94, 1.04, 1.06, .94},
		weekend: 1.08, cosPhi: .93,
	}
}

// at gives the use of power at m under the given heat, on a scale of its own.
func (s *shape) at(m moment, heat float64) float64 {
	hour := m.hour()
	i := int(hour)
	part := hour - float64(i)
	j := (i + 1) % 24
	plain := s.plain[i] + (s.plain[j]-s.plain[i])*part
	cooling := s.cooling[i] + (s.cooling[j]-s.cooling[i])*part
	use := plain + cooling*heat
	if weekend(m.day()) {
		use *= s.weekend
	}
	return use
}
