//go:build race

package lossy

// slowness is by how much less is tried under the race detector, which is about
// other things than disks and takes ten times as long.
const slowness = 6
