package sim

// mix gives 64 well-stirred bits for a seed and two numbers. The stirring is
// the finalizer of splitmix64 (Steele, Lea, Flood: Fast Splittable
// Pseudorandom Number Generators, 2014).
func mix(seed uint64, a, b int64) uint64 {
	x := seed ^ uint64(a)*0x9E3779B97F4A7C15
	x = stir(x) ^ uint64(b)*0xC2B2AE3D27D4EB4F
	return stir(x)
}

func stir(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// chance gives a number from 0 up to 1.
func chance(seed uint64, a, b int64) float64 {
	return float64(mix(seed, a, b)>>11) / (1 << 53)
}

// sway gives a number from -1 up to 1.
func sway(seed uint64, a, b int64) float64 { return 2*chance(seed, a, b) - 1 }

// What a number drawn by chance is for. Numbers drawn for different ends are
// independent of each other.
const (
	forDayMax int64 = -1 - iota
	forDayMin
	forFrequency
	forDayLoad
	forLoad
	forSharing
	forVoltage
	forPowerFactor
	forCloud
	forCounter
	forPlace
	forRole
)
