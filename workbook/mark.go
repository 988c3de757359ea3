package workbook

import (
	"bytes"

	"github.com/xuri/excelize/v2"
)

// Mark writes into a workbook of ours who took it and when: at the foot of
// every printed page, and among the properties of the file. What its cells hold
// stays as it is, so it still reads back. The same input gives the same bytes.
func Mark(xlsx []byte, text string) ([]byte, error) {
	f, err := excelize.OpenReader(bytes.NewReader(xlsx), excelize.Options{UnzipSizeLimit: maxMarked, UnzipXMLSizeLimit: maxMarked})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for _, sheet := range f.GetSheetList() {
		if err := f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&L" + footerText(text) + "&R第 &P 页，共 &N 页"}); err != nil {
			return nil, err
		}
	}
	props, err := f.GetDocProps()
	if err != nil {
		return nil, err
	}
	props.Description = text
	if err := f.SetDocProps(props); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = sealed(f, &out)
	return out.Bytes(), err
}

// maxMarked is how large a workbook of ours may be, unpacked.
const maxMarked = 4 << 30

// footerText is a text as a foot of a page takes it: & begins a code there, and
// the whole may have 255 characters.
func footerText(text string) string {
	var b []rune
	for _, r := range text {
		if r == '&' {
			b = append(b, '&')
		}
		if b = append(b, r); len(b) >= 200 {
			break
		}
	}
	return string(b)
}
