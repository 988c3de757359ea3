package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"qiaomen"
)

// A progress shows how far a long piece of work has come: as a bar where
// somebody looks, as plain lines elsewhere.
type progress struct {
	std  streams
	bars *mpb.Progress // nil: nobody looks
	bar  *mpb.Bar
}

func newProgress(std streams, what string, total int64) *progress {
	p := &progress{std: std}
	if out, ok := std.out.(*output); !ok || out.w != os.Stdout || !term.IsTerminal(int(os.Stdout.Fd())) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(os.Stdout), mpb.WithWidth(50))
	p.bar = p.bars.AddBar(total,
		mpb.PrependDecorators(decor.Name(what+" ")), mpb.AppendDecorators(decor.Percentage(), decor.Name(" "), decor.AverageETA(decor.ET_STYLE_MMSS)))
	return p
}

// reader counts what is read of the work.
func (p *progress) reader(r io.Reader) io.Reader {
	if p.bar == nil {
		return r
	}
	return p.bar.ProxyReader(r)
}

// say prints a line, above the bar where there is one.
func (p *progress) say(text string) {
	if p.bars != nil {
		_, _ = p.bars.Write([]byte(text + "\n"))
		return
	}
	fmt.Fprintln(p.std.out, text)
}

// end takes the bar away; it may be called again.
func (p *progress) end() {
	if p.bars == nil {
		return
	}
	p.bar.Abort(false)
	p.bars.Wait()
	p.bars, p.bar = nil, nil
}

// hidden asks at the terminal for something that is not shown.
func hidden(std streams, prompt string) (string, error) {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", &qiaomen.Problem{Text: strings.TrimRight(prompt, "：") + "：这里不是终端", Fix: "请用选项指明文件，或写 - 从标准输入读"}
	}
	fmt.Fprint(std.err, prompt)
	text, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(std.err)
	return string(text), err
}

// line asks at the terminal for a line. It reads no more than that.
func line(std streams, prompt string) (string, error) {
	fmt.Fprint(std.err, prompt)
	var text []byte
	for one := make([]byte, 1); ; {
		n, err := os.Stdin.Read(one)
		switch {
		case n == 1 && one[0] == '\n', errors.Is(err, io.EOF) && len(text) > 0:
			return strings.TrimSpace(string(text)), nil
		case err != nil:
			return "", err
		case n == 1:
			text = append(text, one[0])
		}
	}
}

// small reads a text that is no longer than a person would write.
func small(name string, r io.Reader) (string, error) {
	const most = 1 << 16
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && len(text) > most {
		err = &qiaomen.Problem{Text: "“" + qiaomen.Clip(name) + "”太长", Fix: "请核对是不是写错了文件"}
	}
	return string(text), err
}
