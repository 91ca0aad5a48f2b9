// Package storetest holds the contract that every store of readings passes (Run):
// the journal in SQLite, and the databases that are copied to from it. What a
// reader of the store sees is compared with what was committed, through repeats,
// corrections, kills and lines that are refused; where a store cannot keep a
// clause, it says so and what does hold is checked. RunLedger is the longer
// contract of the journal, which all the others follow.
package storetest
