// Package examples holds invented data for the built-in campaign
// shuangyashan-winter-2023: a records file of a whole winter, from the first
// reserve project to the corrected statistics of the following April.
//
// Companies, projects and figures are made up; only the units' ids are those
// of the scheme. The file is written by the program in the folder generate,
// whose tables tell the story unit by unit, and is the same on every run.
package examples

//go:generate go run ./generate -o winter-2023.jsonl
