package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// exportHead is the first line of an exported journal. After it come the
// public key on one line, the signed checkpoint as it is, and the leaves, one
// a line, as many as the checkpoint says.
const exportHead = "qiaomen-journal/1"

var signature = []byte("— ") // begins every signature line of a note, and no leaf

// Export writes a journal up to a checkpoint as one file that anyone can check.
// The leaves come in order, at least as many as the checkpoint says; what is
// newer is left out. The file is checked while it is written, and one that
// [ReadExport] would refuse is reported: an export is the moment at which a
// damaged journal must not pass for a good one.
func Export(w io.Writer, vkey string, checkpoint []byte, leaves iter.Seq2[[]byte, error]) error {
	c, err := signedBy(vkey, checkpoint)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	out.WriteString(exportHead + "\n" + vkey + "\n")
	out.Write(checkpoint)
	v, n := NewVerifier("", "", c.Mark()), int64(0)
	for leaf, err := range leaves {
		if err != nil {
			return err
		}
		if n++; n > c.Size {
			break
		}
		v.Add(leaf) // Finish has all the faults
		out.Write(leaf)
		out.WriteByte('\n')
	}
	if err := v.Finish(); err != nil {
		return err
	}
	return out.Flush()
}

// ReadExport checks an exported journal against the public key, which the
// reader must have from elsewhere: a forger would put his own into the file. It
// calls each, if there is one, with every leaf as long as nothing is wrong; but
// only an error of nil at the end means that the journal is the one that was
// signed. What is wrong with entries comes as a *[Faults].
func ReadExport(r io.Reader, vkey string, each func(leaf []byte) error) (Checkpoint, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	for _, want := range []string{exportHead, vkey} {
		if line, err := readLine(in, 1024); err != nil {
			return Checkpoint{}, whole(err)
		} else if string(line) != want && want == vkey {
			return Checkpoint{}, errors.New("文件里的公钥不是所给的公钥")
		} else if string(line) != want {
			return Checkpoint{}, errors.New("不是导出的存证日志：第一行应是 " + exportHead)
		}
	}
	var text []byte
	for lines := 0; ; lines++ {
		if begin, err := in.Peek(len(signature)); lines >= 5 && !bytes.Equal(begin, signature) {
			if err != nil && err != io.EOF {
				return Checkpoint{}, unread(err)
			}
			break
		}
		line, err := readLine(in, 1024)
		if err != nil {
			return Checkpoint{}, whole(err)
		}
		if text = append(append(text, line...), '\n'); len(text) > maxNote {
			return Checkpoint{}, errors.New("检查点太长")
		}
	}
	c, err := signedBy(vkey, text)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, readLeaves(in, c, each)
}

func readLeaves(in *bufio.Reader, c Checkpoint, each func(leaf []byte) error) error {
	v, sound := NewVerifier("", "", c.Mark()), true
	for range c.Size {
		leaf, err := readLine(in, MaxLeaf)
		if err == io.EOF {
			return v.Finish()
		} else if err != nil {
			return err
		}
		if v.Add(leaf) != nil {
			sound = false
		}
		if sound && each != nil {
			if err := each(leaf); err != nil {
				return err
			}
		}
	}
	if err := v.Finish(); err != nil {
		return err
	}
	if _, err := in.ReadByte(); err == nil {
		return fmt.Errorf("文件在第%d条之后还有内容", c.Size)
	} else if err != io.EOF {
		return unread(err)
	}
	return nil
}

// signedBy reads a checkpoint of the origin that the key is for.
func signedBy(vkey string, checkpoint []byte) (Checkpoint, error) {
	known, err := Trust(vkey)
	if err != nil {
		return Checkpoint{}, err
	}
	origin, _, _ := strings.Cut(vkey, "+")
	return ParseCheckpoint(checkpoint, origin, known)
}

// readLine reads a line that ends, without its end. It is io.EOF only where no
// line begins.
func readLine(in *bufio.Reader, most int) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if line = append(line, part...); len(line) > most+1 {
			return nil, errors.New("有一行太长")
		}
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case err == io.EOF && len(line) == 0:
			return nil, io.EOF
		case err == io.EOF:
			return nil, errors.New("文件不完整：最后一行没有写完")
		case err != bufio.ErrBufferFull:
			return nil, unread(err)
		}
	}
}

// whole says of a file that ends too early that it does.
func whole(err error) error {
	if err == io.EOF {
		return errors.New("文件不完整")
	}
	return err
}

func unread(err error) error { return fmt.Errorf("读不出文件：%w", err) }
