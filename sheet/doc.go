// Package sheet reads and writes the tables that people keep: CSV files and
// XLSX workbooks. It is the one owner of excelize, and no other package writes
// CSV for people.
//
// Codes stay text: "0471" and "471E11" come out as they went in. Text cells
// are guarded: a spreadsheet never takes a name from the register for a
// formula. Numbers are written as numbers.
//
// It knows nothing of what the tables mean; the reader of a table says what is
// wrong with a cell, by the line that is kept with each row.
package sheet
