package blob

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
)

// officeWhole unpacks a zip whose directory is sound, once and to nowhere, and
// tells a Word document or an Excel workbook by what it declares itself to be.
// A workbook with macros stays one under any name.
func officeWhole(c *content, limits Limits) (Format, error) {
	entries, err := directory(c, limits)
	if err != nil {
		return "", err
	}
	z, err := zip.NewReader(c, c.size)
	if err != nil || len(z.File) != len(entries) {
		return "", damagedZip()
	}
	var declared []byte
	for _, f := range z.File {
		head, err := unpack(f)
		if err != nil {
			return "", err
		}
		if testVirus(head) {
			return "", harm("文件里有查毒程序的测试文件（EICAR）")
		}
		if f.Name == "[Content_Types].xml" {
			declared = bytes.ToLower(head)
		}
	}
	return declares(declared, entries)
}

// mostDeclared are the bytes of an entry that are looked at.
const mostDeclared = 1 << 20

// unpack reads an entry to its end, which must come where the directory says,
// and gives its first bytes.
func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, damagedZip()
	}
	defer r.Close()
	var head bytes.Buffer
	n, err := io.Copy(&head, io.LimitReader(r, mostDeclared))
	if err != nil {
		return nil, damagedZip()
	}
	more, err := io.Copy(io.Discard, io.LimitReader(r, int64(f.UncompressedSize64)+1-n))
	if err != nil || uint64(n+more) != f.UncompressedSize64 {
		return nil, damagedZip()
	}
	return head.Bytes(), nil
}

// declares reads the list of contents, in lower case.
func declares(list []byte, entries []entry) (Format, error) {
	says := func(s string) bool { return bytes.Contains(list, []byte(s)) }
	holds := func(start string) bool {
		return slices.ContainsFunc(entries, func(e entry) bool { return strings.HasPrefix(strings.ToLower(e.name), start) })
	}
	macros := says("macroenabled") || says("vbaproject") || says("macrosheet") || holds("xl/macrosheets/") ||
		slices.ContainsFunc(entries, func(e entry) bool { return strings.Contains(strings.ToLower(e.name), "vbaproject") })
	word, excel := says("wordprocessingml.document.main+xml"), says("spreadsheetml.sheet.main+xml")
	switch {
	case macros:
		return "", unfit("文件里有宏", "请打开后另存为不带宏的 .docx 或 .xlsx，再上传")
	case word && !excel && holds("word/"):
		return DOCX, nil
	case excel && !word && holds("xl/"):
		return XLSX, nil
	case says("presentationml"):
		return "", unfit("这是演示文稿，不收", "请另存为 PDF 再上传")
	case says("template.main+xml"):
		return "", unfit("这是 Word 或 Excel 的模板", "请另存为 .docx 或 .xlsx 再上传")
	case holds("ofd.xml"):
		return "", unfit("这是 OFD 版式文件，不收", "请转换成 PDF 再上传")
	case holds("mimetype") && holds("content.xml"):
		return "", unfit("这是 OpenDocument 文件（.odt、.ods），不收", "请另存为 .docx 或 .xlsx 再上传")
	case holds("meta-inf/manifest.mf"), holds("androidmanifest.xml"):
		return "", unfit("这是程序，不收", welcome)
	case list != nil:
		return "", damagedZip()
	}
	return "", unfit("这是压缩包，不收", "请解开后把里面的文件逐个上传")
}
