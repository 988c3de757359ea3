package blob

import (
	"bytes"
	"strconv"
)

// pdfWhole looks at both ends of a PDF. What is between is shown in a sandbox
// and is never run here.
func pdfWhole(c *content) error {
	head := bytes.ToLower(c.part(0, min(c.size, 1024)))
	if len(head) < 8 || head[5] != '1' && head[5] != '2' || head[6] != '.' {
		return corrupt(PDF)
	}
	if webPage(head) {
		return unfit("PDF 里夹着网页", "请打开原文件，另存或打印成新的 PDF 再上传")
	}
	tail := c.tail(4096)
	end := bytes.LastIndex(tail, []byte("%%EOF"))
	if end < 0 {
		return truncated(PDF)
	}
	behind := bytes.Trim(tail[end+len("%%EOF"):], "\x00 \t\r\n\f")
	if len(behind) > slack {
		return unfit("PDF 的后面还接着别的内容", "请打开原文件，另存或打印成新的 PDF 再上传")
	}
	start := bytes.LastIndex(tail[:end], []byte("startxref"))
	if start < 0 {
		return truncated(PDF)
	}
	table, err := strconv.ParseInt(string(bytes.TrimSpace(tail[start+len("startxref"):end])), 10, 64)
	if err != nil || table < 0 || table >= c.size {
		return corrupt(PDF)
	}
	return nil
}

// webPage is true of text, in lower case, that a browser might take for a page.
func webPage(text []byte) bool {
	for _, tag := range []string{"<!doctype html", "<html", "<script", "<iframe", "<svg"} {
		if bytes.Contains(text, []byte(tag)) {
			return true
		}
	}
	return false
}
