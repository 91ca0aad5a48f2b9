//go:build race

package app

// underRace tells that the race detector slows everything down.
const underRace = true
