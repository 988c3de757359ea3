package blobtest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"maps"
	"slices"
	"strings"

	"qiaomen/blob"
)

// A Specimen is a file as somebody might send it, and the answer: the error, and
// a part of the sentence; or nothing if it is taken.
type Specimen struct {
	Name    string
	Content []byte
	Why     error
	Says    string
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func eicar() []byte {
	return []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}` + "$EICAR-STANDARD-ANTIVIRUS-" + `TEST-FILE!$H+H*`)
}

func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// PNGClaiming is a PNG that claims a size and has hardly any data.
func PNGClaiming(w, h uint32, more ...[]byte) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return join([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 0, 0, 0, 0)), join(more...),
		chunk("IDAT", []byte{0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1}), chunk("IEND", nil))
}

// segment is a segment of a JPEG.
func segment(marker byte, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(2+len(data))), data...)
}

// jpegWith puts segments before the first of a JPEG's own.
func jpegWith(segments ...[]byte) []byte {
	photo := Photo(1)
	return join(photo[:2], join(segments...), photo[2:])
}

func jpegClaiming(w, h uint16) []byte {
	photo := bytes.Clone(Photo(1))
	at := bytes.Index(photo, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(photo[at+5:], h)
	binary.BigEndian.PutUint16(photo[at+7:], w)
	return photo
}

// RIFF is a container of chunks, as WebP is one.
func RIFF(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), join(chunks...)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// RIFFChunk is one chunk of such a container.
func RIFFChunk(kind string, data []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
	return append(b, make([]byte, len(data)&1)...)
}

// Dot is the data of a WebP of one pixel.
var Dot = []byte("\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")

// samsung is what such telephones append: a block, and the directory of blocks.
func samsung(block string) []byte {
	list := append([]byte("SEFH"), 107, 0, 0, 0, 1, 0, 0, 0)
	list = append(list, 0, 0, 1, 10)
	list = binary.LittleEndian.AppendUint32(list, uint32(len(block)))
	list = binary.LittleEndian.AppendUint32(list, uint32(len(block)))
	return join([]byte(block), list, binary.LittleEndian.AppendUint32(nil, uint32(len(list))), []byte("SEFT"))
}

// Patched changes bytes counted from the n-th occurrence of a mark.
func Patched(b []byte, mark string, n, at int, with ...byte) []byte {
	b = bytes.Clone(b)
	from := 0
	for range n {
		from += bytes.Index(b[from:], []byte(mark)) + 1
	}
	copy(b[from-1+at:], with)
	return b
}

// zip64 claims an unpacked size of 2⁶³ for the document itself.
func zip64() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "word/document.xml"} {
		extra := binary.LittleEndian.AppendUint64([]byte{1, 0, 8, 0}, 1<<63)
		w, err := z.CreateRaw(&zip.FileHeader{Name: name, Extra: extra, CompressedSize64: 4, UncompressedSize64: 0xfffffffe})
		if err == nil {
			_, err = w.Write([]byte("text"))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return bytes.ReplaceAll(b.Bytes(), []byte{0xfe, 0xff, 0xff, 0xff}, []byte{0xff, 0xff, 0xff, 0xff})
}

// stored packs what is in a zip again with the sizes before the data, as Office
// does, and not behind it.
func stored(packed []byte) []byte {
	in, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		panic(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		head := f.FileHeader
		head.Flags &^= 8
		w, err := out.CreateRaw(&head)
		if err != nil {
			panic(err)
		}
		r, err := f.OpenRaw()
		if err == nil {
			_, err = io.Copy(w, r)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := out.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// bomb is a document with a part of so many zeros.
func bomb(size int64) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("word/document.xml")
	if err == nil {
		_, err = io.CopyN(w, zeros{}, size)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func parts(n int) []Part {
	list := make([]Part, n)
	for i := range list {
		list[i].Name = fmt.Sprintf("word/%d.xml", i)
	}
	return list
}

// Picture16 is a PNG of 16 bits and one can see through it.
func Picture16() []byte {
	img := image.NewNRGBA64(image.Rect(0, 0, 40, 30))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Corpus is some three hundred files as people and attackers send them: sound
// ones, misnamed, cut off, too large when unpacked, with something hidden in
// them, and types that are not taken.
func Corpus() map[string]Specimen {
	all := specimens()
	maps.Copy(all, misnamed())
	return all
}

// misnamed is every format under every name that is not its own.
func misnamed() map[string]Specimen {
	sound := map[blob.Format][]byte{
		blob.JPEG: Photo(1), blob.PNG: Picture(1), blob.WebP: RIFF(RIFFChunk("VP8L", Dot)), blob.HEIC: LiveShot("x"),
		blob.PDF: Paper("a"), blob.DOCX: Letter("a"), blob.XLSX: Table("a"), blob.MP4: Film("film"),
	}
	endings := []string{".exe", ".js", ".html", ".php", ".svg", ".docm", ".xlsm", ".zip", ".bat", ".lnk"}
	for _, f := range blob.Formats() {
		endings = append(endings, f.Extensions()[0])
	}
	out := map[string]Specimen{}
	for f, content := range sound {
		for _, ending := range endings {
			if !slices.Contains(f.Extensions(), ending) {
				out[string(f)+" named "+ending] = Specimen{"示例" + ending, content, blob.ErrUnfit, "内容却是"}
			}
		}
	}
	return out
}

func specimens() map[string]Specimen {
	photo, picture, paper, letter, table, film := Photo(1), Picture(1), Paper("a"), Letter("a"), Table("a"), Film("film")
	live, packed := LiveShot("x"), Zip(Part{Name: "a.txt", Text: "a"})
	ole := join([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 1024))
	large, unfit, harmful := blob.ErrTooLarge, blob.ErrUnfit, blob.ErrHarmful
	page := []byte("<html><script>alert(1)</script></html>")
	zeros := make([]byte, 5000)
	more := func(name, text string) Part { return Part{Name: name, Text: text} }
	typed := func(s string) []byte {
		return Zip(more("[Content_Types].xml", s), more("word/document.xml", "a"), more("ppt/a.xml", "a"))
	}
	return map[string]Specimen{
		// what people send
		"jpeg": {"现场.jpg", photo, nil, ""}, "jpeg, other ending": {"现场.JPEG", photo, nil, ""}, "jpeg without a name": {"", photo, nil, ""},
		"jpeg, dots in its name": {"2024.1.15.友谊县.jpg", photo, nil, ""}, "jpeg, a date for an ending": {"现场2024.1.15", photo, nil, ""},
		"jpeg, Chinese ending": {"现场.终稿", photo, nil, ""}, "jpeg, dot at the end": {"现场.jpg. ", photo, nil, ""},
		"jpeg, a path": {`C:\照片\现场.jpg`, photo, nil, ""}, "png": {"a.png", picture, nil, ""}, "png of 16 bits": {"a.png", Picture16(), nil, ""},
		"webp": {"a.webp", RIFF(RIFFChunk("VP8L", Dot)), nil, ""}, "pdf": {"a.pdf", paper, nil, ""}, "docx": {"a.docx", letter, nil, ""},
		"xlsx": {"a.xlsx", table, nil, ""}, "mp4": {"a.mp4", film, nil, ""}, "heic": {"IMG_0001.HEIC", live, nil, ""},
		"docx with pictures":           {"a.docx", Letter("a", more("word/media/a.jpeg", string(photo))), nil, ""},
		"docx, sizes before the data":  {"a.docx", stored(letter), nil, ""},
		"jpeg, zeros behind":           {"a.jpg", join(photo, zeros), nil, ""},
		"jpeg, a few bytes behind":     {"a.jpg", join(photo, []byte("\r\n\r\n")), nil, ""},
		"jpeg with a map of light":     {"a.jpg", join(photo, Photo(2)), nil, ""},
		"jpeg, moving":                 {"a.jpg", join(photo, film), nil, ""},
		"jpeg, moving, vendor's mark":  {"a.jpg", join(photo, film, []byte("v2_f32LIVE_1234567")), nil, ""},
		"jpeg of a Samsung":            {"a.jpg", join(photo, samsung("\x00\x00\x01\x0aImage_UTC_Data1700000000000")), nil, ""},
		"pdf, blank lines behind":      {"a.pdf", join(paper, []byte("\r\n\r\n\x00")), nil, ""},
		"jpeg, huge Exif":              {"a.jpg", jpegWith(segment(0xe1, make([]byte, 65000)), segment(0xe1, join([]byte("Exif\x00\x00"), bytes.Repeat([]byte{0xff}, 60000)))), nil, ""},
		"jpeg, Exif that turns around": {"a.jpg", jpegWith(segment(0xe1, []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x08\x00\x00\x00\x08"))), nil, ""},
		"jpeg, Exif of rubbish":        {"a.jpg", jpegWith(segment(0xe1, []byte("Exif\x00\x00II\xff\xff\xff\xff\xff\xff"))), nil, ""},
		"jpeg, huge profile":           {"a.jpg", jpegWith(slices.Repeat([][]byte{segment(0xe2, make([]byte, 65000))}, 100)...), nil, ""},
		"png, huge Exif":               {"a.png", join(picture[:33], chunk("eXIf", join([]byte("MM\x00\x2a\x00\x00\x00\x08"), bytes.Repeat([]byte{0xff}, 9<<20))), picture[33:]), nil, ""},
		"png, many chunks":             {"a.png", PNGClaiming(8, 8, bytes.Repeat(chunk("tEXt", []byte("a\x00b")), 100_000)), nil, ""},

		// not what the name says
		"jpeg as pdf": {"a.pdf", photo, unfit, "内容却是JPEG 图片"}, "pdf as jpeg": {"a.jpg", paper, unfit, "内容却是PDF"}, "png as jpg": {"a.jpg", picture, unfit, "内容却是PNG"},
		"docx as xlsx": {"a.xlsx", letter, unfit, "内容却是Word"}, "xlsx as zip": {"a.zip", table, unfit, "内容却是Excel"}, "docx as docm": {"a.docm", letter, unfit, ".docm"},
		"two endings": {"a.jpg.exe", photo, unfit, ".exe"}, "two endings, the last one right": {"a.exe.jpg", photo, nil, ""}, "heic as jpg": {"a.jpg", live, unfit, "HEIC"},
		"mp4 as jpg": {"a.jpg", film, unfit, "MP4"}, "turned name": {"a\u202egpj.exe", photo, unfit, ".exe"}, "dots behind exe": {"a.exe. . ", photo, unfit, ".exe"},
		"html ending": {"a.jpg.html", photo, unfit, ".html"},

		// types that are not taken
		"nothing": {"a.jpg", nil, unfit, "空的"}, "doc": {"a.doc", ole, unfit, "旧版 Word"}, "wps": {"a.wps", ole, unfit, ".wps"}, "xls": {"a.xls", ole, unfit, "旧版 Excel"},
		"et": {"a.et", ole, unfit, ".et"}, "ppt": {"a.ppt", ole, unfit, "演示文稿"}, "docx with a password": {"a.docx", ole, unfit, "密码"}, "xls as pdf": {"a.pdf", ole, unfit, "旧"},
		"svg":    {"a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), unfit, "SVG"},
		"html":   {"a.html", join([]byte("<!DOCTYPE html>"), page), unfit, "网页"},
		"html 2": {"a.jpg", join([]byte("Hello "), page), unfit, "网页"},
		"exe":    {"a.exe", join([]byte("MZ\x90\x00"), zeros), unfit, "程序"}, "elf": {"a.jpg", join([]byte("\x7fELF\x02\x01\x01\x00"), zeros), unfit, "程序"},
		"script": {"a.sh", []byte("#!/bin/sh\nrm -rf /\n"), unfit, "脚本"}, "php": {"a.jpg", []byte("<?php system($_GET['c']); ?>"), unfit, "脚本"},
		"zip": {"a.zip", packed, unfit, "压缩包"}, "zip, empty": {"a.zip", Zip(), unfit, "压缩包"}, "rar": {"a.rar", join([]byte("Rar!\x1a\x07\x01\x00"), zeros), unfit, "压缩包"},
		"7z": {"a.7z", join([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), zeros), unfit, "压缩包"}, "gz": {"a.gz", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), unfit, "压缩包"},
		"gif": {"a.gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), unfit, "GIF"}, "bmp": {"a.bmp", join([]byte("BM\x36\x10\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), zeros), unfit, "BMP"}, "tiff": {"a.tif", join([]byte("II*\x00\x08\x00\x00\x00"), zeros), unfit, "TIFF"},
		"mov": {"a.mov", join(Box("ftyp", []byte("qt  \x00\x00\x00\x00qt  ")), film), unfit, "视频"}, "avi": {"a.avi", []byte("RIFF\x00\x10\x00\x00AVI LIST\x00\x10\x00\x00hdrl"), unfit, "视频"},
		"avif": {"a.avif", join(Box("ftyp", []byte("avif\x00\x00\x00\x00mif1avif")), zeros), unfit, "图片"}, "text": {"a.txt", []byte("你好，这是一份说明\n"), unfit, "纯文本"},
		"rtf": {"a.doc", []byte(`{\rtf1\ansi a}`), unfit, "RTF"}, "rubbish": {"a.dat", bytes.Repeat([]byte{0xfb, 0x13, 0x07}, 500), unfit, "认不出"},
		"pptx": {"a.pptx", typed("application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"), unfit, "演示文稿"},
		"dotx": {"a.dotx", typed("application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"), unfit, "模板"},
		"ofd":  {"a.ofd", Zip(more("OFD.xml", "<a/>")), unfit, "OFD"}, "odt": {"a.odt", Zip(more("mimetype", "application/vnd.oasis.opendocument.text"), more("content.xml", "<a/>")), unfit, "OpenDocument"},
		"jar": {"a.jar", Zip(more("META-INF/MANIFEST.MF", "a")), unfit, "程序"},

		// viruses and macros
		"virus": {"a.com", eicar(), harmful, "EICAR"}, "virus as jpeg, line behind": {"a.jpg", join(eicar(), []byte("\r\n")), harmful, "EICAR"},
		"virus in a zip": {"a.zip", Zip(more("a.com", string(eicar()))), harmful, "EICAR"}, "virus in a docx": {"a.docx", Letter("a", more("word/media/a.bin", string(eicar()))), harmful, "EICAR"},
		"docm": {"a.docm", typed("application/vnd.ms-word.document.macroEnabled.main+xml"), unfit, "宏"}, "docm as docx": {"a.docx", typed("application/vnd.ms-word.document.macroEnabled.main+xml"), unfit, "宏"},
		"macro in a docx": {"a.docx", Letter("a", more("word/vbaProject.bin", "a")), unfit, "宏"}, "macro in an xlsx": {"a.xlsx", Table("a", more("xl/VBAPROJECT.BIN", "a")), unfit, "宏"},
		"sheet of macros":     {"a.xlsx", Table("a", more("xl/macrosheets/sheet1.xml", "a")), unfit, "宏"},
		"macro, other name":   {"a.docx", Letter("a</w:t><!--", more("word/a.bin", "a")), nil, ""}, // nothing declares it: Word does not run it
		"declared macro":      {"a.docx", typed("wordprocessingml.document.main+xml application/vnd.ms-office.vbaProject"), unfit, "宏"},
		"no list of contents": {"a.docx", Zip(more("word/document.xml", "a")), unfit, "压缩包"},
		"list and no word/":   {"a.docx", Zip(more("[Content_Types].xml", "wordprocessingml.document.main+xml"), more("x", "a")), unfit, "损坏"},
		"both word and excel": {"a.docx", Zip(more("[Content_Types].xml", "wordprocessingml.document.main+xml spreadsheetml.sheet.main+xml"), more("word/a", "a"), more("xl/a", "a")), unfit, "损坏"},

		// hidden before, in and behind
		"jpeg and zip": {"a.jpg", join(photo, packed), unfit, "后面还接着"}, "jpeg and html": {"a.jpg", join(photo, page), unfit, "后面还接着"}, "jpeg and rar": {"a.jpg", join(photo, []byte("Rar!\x1a\x07\x00"), zeros), unfit, "后面还接着"},
		"jpeg, zip in its comment": {"a.jpg", jpegWith(segment(0xfe, packed)), unfit, "藏着压缩包"}, "jpeg, moving, and zip": {"a.jpg", join(photo, film, packed), unfit, "藏着压缩包"},
		"jpeg, 7z in its comment": {"a.jpg", jpegWith(segment(0xfe, []byte("7z\xbc\xaf\x27\x1c\x00\x04"))), unfit, "藏着压缩包"}, "jpeg of a Samsung, and zip": {"a.jpg", join(photo, samsung(string(packed))), unfit, "藏着压缩包"},
		"gifar": {"a.gif", join([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), packed), unfit, "GIF"}, "gifar as jpg": {"a.jpg", join([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), packed), unfit, "GIF"},
		"png and zip": {"a.png", join(picture, packed), unfit, "后面还接着"}, "png, zip in a chunk": {"a.png", PNGClaiming(8, 8, chunk("zzZz", packed)), unfit, "藏着压缩包"},
		"webp and zip": {"a.webp", join(RIFF(RIFFChunk("VP8L", Dot)), packed), unfit, "后面还接着"}, "webp, zip in a chunk": {"a.webp", RIFF(RIFFChunk("VP8L", Dot), RIFFChunk("ABCD", packed)), unfit, "藏着压缩包"},
		"pdf and html": {"a.pdf", join(page, paper), unfit, "PDF 的前面"}, "pdf with html": {"a.pdf", join(paper[:9], page, paper[9:]), unfit, "夹着网页"}, "pdf, html behind": {"a.pdf", join(Paper(strings.Repeat("a", 500)), page), unfit, "PDF 的后面"},
		"pdf, zip behind": {"a.pdf", join(paper, packed), unfit, "PDF 的后面"}, "pdf, zip inside": {"a.pdf", join(paper[:9], packed, paper[9:]), unfit, "藏着压缩包"}, "pdf, a line before": {"a.pdf", join([]byte("\n"), paper), unfit, "PDF 的前面"},
		"mp4, zip in a box": {"a.mp4", join(film, Box("free", packed)), unfit, "藏着压缩包"}, "mp4 and zip": {"a.mp4", join(film, packed), unfit, "不完整"},
		"docx behind a program": {"a.docx", join([]byte("MZ\x90\x00"), zeros, letter), unfit, "程序"}, "docx behind an entry": {"a.docx", join(packed[:40], letter), unfit, "损坏"}, "docx, page behind": {"a.docx", join(letter, page), unfit, "损坏"},
		"docx behind jpeg": {"a.docx", join(photo, letter), unfit, "后面还接着"},

		// cut off and damaged
		"half a jpeg": {"a.jpg", photo[:len(photo)/2], unfit, "不完整"}, "jpeg without its end": {"a.jpg", photo[:len(photo)-2], unfit, "不完整"}, "jpeg of three bytes": {"a.jpg", photo[:3], unfit, "不完整"},
		"jpeg without a picture": {"a.jpg", []byte("\xff\xd8\xff\xd9"), unfit, "损坏"}, "jpeg, lengths of 0": {"a.jpg", []byte("\xff\xd8\xff\xe0\x00\x00\xff\xd9"), unfit, "损坏"}, "jpeg, rubbish inside": {"a.jpg", jpegWith(segment(0xe1, nil), []byte("rubbish")), unfit, "损坏"},
		"half a png": {"a.png", picture[:len(picture)/2], unfit, "不完整"}, "png without its end": {"a.png", picture[:len(picture)-12], unfit, "不完整"}, "png, wrong sum": {"a.png", Patched(picture, "IDAT", 1, 9, 0xaa, 0xbb), unfit, "损坏"},
		"png without data": {"a.png", join(picture[:33], chunk("IEND", nil)), unfit, "损坏"}, "png, no head": {"a.png", join(picture[:8], chunk("IEND", nil)), unfit, "损坏"}, "png, chunk of 4 GB": {"a.png", Patched(picture, "IDAT", 1, -4, 0xff, 0xff, 0xff, 0xff), unfit, "损坏"},
		"half a webp": {"a.webp", RIFF(RIFFChunk("VP8L", Dot))[:25], unfit, "不完整"}, "webp without pixels": {"a.webp", RIFF(RIFFChunk("EXIF", Dot)), unfit, "损坏"}, "webp, chunk too long": {"a.webp", RIFF(append([]byte("VP8L\xff\xff\xff\x7f"), Dot...)), unfit, "损坏"},
		"webp, moving": {"a.webp", RIFF(RIFFChunk("VP8X", make([]byte, 10)), RIFFChunk("ANIM", make([]byte, 6)), RIFFChunk("VP8L", Dot)), unfit, "会动"},
		"half a pdf":   {"a.pdf", paper[:len(paper)/2], unfit, "不完整"}, "pdf without its end": {"a.pdf", bytes.TrimSuffix(paper, []byte("%%EOF\n")), unfit, "不完整"}, "pdf, table nowhere": {"a.pdf", bytes.Replace(paper, []byte("startxref\n"), []byte("startxref\n9999"), 1), unfit, "损坏"},
		"pdf without a table": {"a.pdf", bytes.Replace(paper, []byte("startxref"), []byte("endxref"), 1), unfit, "不完整"}, "pdf 9": {"a.pdf", bytes.Replace(paper, []byte("PDF-1"), []byte("PDF-9"), 1), unfit, "损坏"},
		"half an mp4": {"a.mp4", film[:len(film)-2], unfit, "不完整"}, "mp4 without a film": {"a.mp4", join(film[:24], Box("free", zeros)), unfit, "不完整"}, "mp4, lengths of 7": {"a.mp4", join(film, []byte("\x00\x00\x00\x07free")), unfit, "不完整"},
		"mp4, length of 2⁶³": {"a.mp4", join(film, []byte("\x00\x00\x00\x01free\x80\x00\x00\x00\x00\x00\x00\x00")), unfit, "不完整"}, "mp4, no track": {"a.mp4", join(film[:24], Box("moov", Box("mvhd", zeros)), Box("mdat")), unfit, "损坏"},
		"mp4, boxes over the edge": {"a.mp4", Patched(film, "mvhd", 1, -4, 0, 1, 0, 0), unfit, "损坏"}, "half a heic": {"a.heic", live[:len(live)-1], unfit, "不完整"},
		"half a docx": {"a.docx", letter[:len(letter)/2], unfit, "损坏"}, "docx, a byte changed": {"a.docx", Patched(letter, "word/document.xml", 2, 20, 0x55, 0x55), unfit, "损坏"},

		// too much when unpacked
		"picture of 900 million": {"a.png", PNGClaiming(30_000, 30_000), large, "30000×30000"}, "picture of 30001": {"a.png", PNGClaiming(30_001, 1), large, "太大"}, "picture of 2 billion": {"a.png", PNGClaiming(1<<31-1, 1), large, "太大"},
		"jpeg of 4 billion": {"a.jpg", jpegClaiming(65_535, 65_535), large, "太大"}, "webp of 268 million": {"a.webp", RIFF(RIFFChunk("VP8L", []byte("\x2f\xff\xff\xff\x0f\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))), large, "16384×16384"},
		"too many bytes": {"a.jpg", join(photo, make([]byte, 21<<20)), large, "最多 20 MB"}, "docx of 64 MB zeros": {"a.docx", bomb(64 << 20), large, "展开后太大"}, "docx, true size hidden": {"a.docx", Patched(bomb(64<<20), "PK\x01\x02", 1, 24, 100, 0, 0, 0), unfit, "损坏"},
		"docx of 10,003 parts": {"a.docx", Letter("a", parts(10_000)...), large, "部件太多"}, "docx of 65,534 claimed parts": {"a.docx", Patched(letter, "PK\x05\x06", 1, 10, 0xfe, 0xff), large, "部件太多"},
		"docx of 2⁶³": {"a.docx", zip64(), large, "展开后太大"}, "docx of 300 MB in total": {"a.docx", sumBomb(letter), large, "展开后太大"},
		"zip64 without its record": {"a.docx", Patched(letter, "PK\x05\x06", 1, 10, 0xff, 0xff), unfit, "损坏"},

		// zips that are read in two ways
		"one part over another": {"a.docx", Patched(letter, "PK\x01\x02", 2, 42, 0, 0, 0, 0), unfit, "损坏"}, "part out of the file": {"a.docx", Patched(letter, "PK\x01\x02", 2, 42, 0xff, 0xff, 0xff, 0x7f), unfit, "损坏"},
		"other name inside": {"a.docx", Patched(letter, "_rels/.rels", 1, 0, 'x'), unfit, "损坏"}, "with a password": {"a.docx", Patched(letter, "PK\x01\x02", 1, 8, 9), unfit, "密码"}, "packed by bzip2": {"a.docx", Patched(letter, "PK\x01\x02", 1, 10, 12), unfit, "损坏"},
		"name ..": {"a.docx", Letter("a", more("word/../../a", "a")), unfit, "损坏"}, "name /": {"a.docx", Letter("a", more("/etc/passwd", "a")), unfit, "损坏"}, `name \`: {"a.docx", Letter("a", more(`word\a`, "a")), unfit, "损坏"},
		"name c:": {"a.docx", Letter("a", more("c:/a", "a")), unfit, "损坏"}, "a name twice": {"a.docx", Letter("a", more("word/DOCUMENT.xml", "a")), unfit, "损坏"}, "name of nothing": {"a.docx", Letter("a", more("", "a")), unfit, "损坏"},
		"other size inside": {"a.docx", Patched(stored(letter), "PK\x03\x04", 2, 22, 7), unfit, "损坏"}, "other sum inside": {"a.docx", Patched(stored(letter), "PK\x03\x04", 2, 14, 7), unfit, "损坏"},
		"directory elsewhere": {"a.docx", Patched(letter, "PK\x05\x06", 1, 16, 1, 0, 0, 0), unfit, "损坏"},
	}
}

// sumBomb claims sizes that are bearable one by one.
func sumBomb(letter []byte) []byte {
	b := letter
	for n := range 3 {
		b = Patched(b, "PK\x01\x02", n+1, 20, 0, 0, 0x40, 0, 0, 0, 0x40, 6)
	}
	return b
}
