package blob

import (
	"bytes"
	"slices"

	"github.com/gabriel-vasile/mimetype"
)

// What is not taken, and what to do about it, by the media types of package
// mimetype. What none of them fits is only not known.
var strangers = []struct{ text, fix, media string }{
	{"这是网页", "请打开后打印成 PDF 再上传", "text/html application/xhtml+xml"},
	{"这是 SVG 图", "请另存为 PNG 再上传", "image/svg+xml"},
	{"这是程序或脚本，不收", welcome, "application/vnd.microsoft.portable-executable application/x-elf application/x-executable application/x-object application/x-sharedlib application/x-mach-binary application/x-ms-shortcut application/x-ms-installer application/x-java-applet application/wasm text/x-php text/javascript text/x-shellscript text/x-python text/x-perl text/x-ruby text/x-lua text/x-tcl application/x-chrome-extension application/vnd.debian.binary-package application/x-rpm application/x-shockwave-flash"},
	{"这是压缩包，不收", "请解开后把里面的文件逐个上传", "application/zip application/vnd.rar application/x-7z-compressed application/gzip application/x-tar application/x-bzip2 application/x-xz application/zstd application/vnd.ms-cab-compressed application/lzip application/x-archive"},
	{"这是 GIF、BMP、TIFF 等图片，不收", "请另存为 JPG 或 PNG 再上传", "image/gif image/bmp image/tiff image/avif image/jxl image/jp2 image/vnd.adobe.photoshop image/x-icon image/vnd.djvu"},
	{"这种视频不收", "请转换成 .mp4 再上传", "video/quicktime video/x-msvideo video/matroska video/webm video/x-flv video/x-ms-asf video/mpeg video/3gpp video/3gpp2 application/vnd.rn-realmedia-vbr video/x-m4v video/mp4"},
	{"这是录音，不收", welcome, "audio/mpeg audio/wav audio/amr audio/aac audio/flac audio/ogg audio/x-m4a audio/mp4 audio/midi"},
	{"这是演示文稿，不收", "请另存为 PDF 再上传", "application/vnd.ms-powerpoint"},
	{"这是图纸，不收", "请另存为 PDF 再上传", "image/vnd.dwg image/vnd.dxf"},
	{"这是邮件", "请把邮件打印成 PDF，附件逐个上传", "message/rfc822 application/vnd.ms-outlook"},
	{"这是 RTF 文档", "请用 Word 或 WPS 打开，另存为 .docx 再上传", "text/rtf"},
	{"这是纯文本", "请存成 PDF 或 .docx 再上传", "text/plain text/csv text/tab-separated-values application/json text/xml"},
}

// foreign is the refusal of what begins like none of the formats.
func foreign(head []byte, name string) (err error) {
	defer func() {
		if recover() != nil {
			err = unfit("认不出这是什么文件", welcome)
		}
	}()
	switch {
	case len(head) == 0:
		return unfit("文件是空的", "请核对是不是选错了文件，再上传一次")
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return compound(name)
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")):
		return unfit("PDF 的前面还有别的内容", "请打开原文件，另存或打印成新的 PDF 再上传")
	case bytes.HasPrefix(head, []byte(zipEnd)):
		return unfit("这是空的压缩包", "请核对是不是选错了文件，再上传一次")
	case webPage(bytes.ToLower(head[:min(len(head), 1024)])) && !bytes.Contains(bytes.ToLower(head), []byte("<svg")):
		return unfit("这是网页", "请打开后打印成 PDF 再上传")
	}
	for m := mimetype.Detect(head); m != nil; m = m.Parent() {
		for _, s := range strangers {
			if slices.ContainsFunc(bytes.Fields([]byte(s.media)), func(media []byte) bool { return m.Is(string(media)) }) {
				return unfit(s.text, s.fix)
			}
		}
	}
	return unfit("认不出这是什么文件", welcome)
}

// compound is what Word, Excel and WPS wrote before 2007, and what they write
// today for a document with a password. The name says which.
func compound(name string) error {
	switch extension(name) {
	case ".docx", ".xlsx":
		return unfit("文件加了密码，或只是改名的旧格式", "请用 Word、Excel 或 WPS 打开，去掉密码，另存一份再上传")
	case ".xls", ".et", ".xlt", ".ett":
		return unfit("这是旧版 Excel（.xls）或 WPS 表格（.et）", "请用 Excel 或 WPS 打开，另存为 .xlsx 再上传")
	case ".ppt", ".dps", ".pps":
		return unfit("这是旧版演示文稿，不收", "请另存为 PDF 再上传")
	case ".msi":
		return unfit("这是程序或脚本，不收", welcome)
	}
	return unfit("这是旧版 Word（.doc）、WPS 文字（.wps）或同类的旧格式", "请用 Word 或 WPS 打开，另存为 .docx 或 .xlsx 再上传")
}
