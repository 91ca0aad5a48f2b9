//go:build !race

package lossy

const slowness = 1
