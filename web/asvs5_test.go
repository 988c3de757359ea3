package web_test

import "testing"

// Rows of V5, file handling, and those of V1 on what goes into workbooks and
// comes out of them. Each stands with the tests of its door.
func TestFileHandling(t *testing.T) {
	t.Run("1.2.10 a formula comes in as its value", importOfFormulas)
	t.Run("1.2.10 no text is a formula for a workbook", formulasOut)
	t.Run("5.1.1 what may be sent is written down", fileTable)
	t.Run("5.2.1 no file is too large for the server", hugeUploads)
	t.Run("5.2.2 5.2.3 5.2.6 5.3.3 5.4.3 hostile files", hostileFiles)
	t.Run("5.2.3 a workbook that would unpack to too much", hostileWorkbooks)
	t.Run("5.2.4 one person fills their own room", quota)
	t.Run("5.3.1 what is sent does not run", uploadsAreInert)
	t.Run("5.3.2 5.4.1 5.4.2 a name is a name", oddNames)
}
