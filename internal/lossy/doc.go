// Package lossy is a disk under SQLite that loses power, for tests. A Disk is a
// folder; what SQLite does to the files in it is recorded, write by write, and
// afterwards an image can be made of what a real disk could hold if the power
// had failed at any moment of that record.
//
// An image has all that was synced, and of what was not, each sector of 512 bytes
// as it was at one of the moments since the last sync: a write may be there, be
// missing or be torn, later ones may be there without earlier ones, a file may
// be longer than its data or shorter, one that was made or removed may be missing
// or be there until its folder is synced. After a failed sync what it was about
// stays uncertain until it is written and synced anew, as with Linux.
//
// It sees what goes through SQLite's own file system layer. What the program
// does to the folder with package os counts as safe at once.
//
// The layer becomes SQLite's default for the time of the test, so that nothing
// in the program knows of it; files in other folders pass through untouched.
// Tests that use it must not run in parallel.
package lossy
