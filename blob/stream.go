package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/minio/minio-go/v7"
)

// A stream reads an object from any position on, and goes on where a
// connection broke.
type stream struct {
	o        *objects
	ctx      context.Context
	name     string
	size, at int64 // size -1: not known yet
	tag      string

	body   io.ReadCloser
	bodyAt int64
	breaks int
}

const mostBreaks = 20

// connect asks for the object from the position on.
func (s *stream) connect() error {
	const what = "get"
	return s.o.try(s.ctx, what, s.name, 0, func(context.Context) error {
		var options minio.GetObjectOptions
		if s.tag != "" {
			_ = options.SetMatchETag(s.tag) // never two halves of different objects
		}
		if s.at > 0 {
			_ = options.SetRange(s.at, 0)
		}
		body, info, header, err := s.o.client.GetObject(s.ctx, s.o.bucket, s.o.prefix+s.name, options)
		if err != nil {
			return notExist(what, s.name, err)
		}
		if s.at > 0 && !strings.HasPrefix(header.Get("Content-Range"), fmt.Sprintf("bytes %d-", s.at)) || s.tag != "" && s.tag != info.ETag {
			_ = body.Close()
			return &fault{what: what, name: s.name, why: "another part or object is sent"}
		}
		if s.size < 0 {
			s.size = info.Size
		}
		s.body, s.bodyAt, s.tag = body, s.at, info.ETag
		return nil
	})
}

// Read reads on, connecting where there is no connection.
func (s *stream) Read(p []byte) (int, error) {
	for s.size < 0 || s.at < s.size {
		if s.body != nil && s.bodyAt != s.at {
			s.drop()
		}
		if s.body == nil {
			if err := s.connect(); err != nil {
				return 0, unread(err)
			}
		}
		n, err := s.body.Read(p[:min(int64(len(p)), s.size-s.at)])
		s.at, s.bodyAt = s.at+int64(n), s.bodyAt+int64(n)
		if err != nil {
			s.drop()
		}
		if n > 0 {
			return n, nil
		}
		if s.ctx.Err() != nil {
			return 0, s.ctx.Err()
		}
		if err != nil {
			if s.breaks++; s.breaks > mostBreaks {
				return 0, unread(faultOf("get", s.name, io.ErrUnexpectedEOF))
			}
		}
	}
	return 0, io.EOF
}

func (s *stream) drop() {
	_ = s.body.Close()
	s.body = nil
}

// Seek moves the position; the next Read asks for what is there.
func (s *stream) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.size
	}
	if offset < 0 {
		return 0, errors.New("blob: before the beginning")
	}
	s.at = offset
	return offset, nil
}

// Close ends the connection, if there is one.
func (s *stream) Close() error {
	if s.body != nil {
		s.drop()
	}
	return nil
}
