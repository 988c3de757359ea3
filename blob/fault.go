package blob

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"

	"qiaomen"
)

// A fault is what went wrong between here and the server. It says nothing that
// the server wrote but its code: whatever else it answers may repeat what it was
// sent.
type fault struct {
	what    string // was done
	name    string
	why     string
	status  int
	code    string
	passing bool // it may be gone when one tries again
}

func (f *fault) Error() string {
	return fmt.Sprintf("blob: S3 %s %s: %s", f.what, f.name, f.why)
}

func (f *fault) Unwrap() error { return ErrUnreachable }

// faultOf tells what an error of the client is about.
func faultOf(what, name string, err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	f := &fault{what: what, name: name}
	if answer, ok := errors.AsType[minio.ErrorResponse](err); ok {
		f.status, f.code = answer.StatusCode, known(answer.Code)
		f.why = strings.TrimSpace(fmt.Sprint(f.status, " ", f.code))
		f.passing = f.status >= 500 && f.status != http.StatusNotImplemented || f.status == http.StatusRequestTimeout || f.status == http.StatusTooManyRequests ||
			f.status < 300 || // it says that all is well, and is not understood
			f.code == "SlowDown" || f.code == "RequestTimeout" || f.code == "ConditionalRequestConflict" || f.code == "OperationAborted"
		return f
	}
	if sent, ok := errors.AsType[*url.Error](err); ok {
		err = sent.Err // without the address
	}
	f.why, f.passing = qiaomen.Clip(err.Error()), true
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		f.why = "no answer in time"
	case errors.Is(err, io.ErrUnexpectedEOF):
		f.why = "the answer ended early"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		f.why, f.passing = "its certificate is not trusted", false
	}
	return f
}

// codes are those that may be shown. What else stands in the place of one may be
// anything.
var codes = strings.Fields(`AccessDenied AuthorizationHeaderMalformed BadDigest ConditionalRequestConflict EntityTooLarge
	InternalError InvalidAccessKeyId InvalidBucketName InvalidDigest InvalidObjectState InvalidRange MethodNotAllowed
	NoSuchBucket NoSuchKey NoSuchVersion NotImplemented OperationAborted PermanentRedirect PreconditionFailed QuotaExceeded
	RequestTimeTooSkewed RequestTimeout ServiceUnavailable SignatureDoesNotMatch SlowDown TemporaryRedirect
	XAmzContentSHA256Mismatch`)

func known(code string) string {
	if slices.Contains(codes, code) {
		return code
	}
	return ""
}

// absentNow is true of the answer that there is no such object.
func (f *fault) absentNow() bool {
	return f.status == http.StatusNotFound && f.code != "NoSuchBucket"
}

// A retrier tries again what may pass, for a while.
type retrier struct {
	stall    time.Duration // without a byte, then a connection ends
	patience time.Duration // how long something is tried again, and twice at least
	down     atomic.Bool   // lately in vain: try once only
}

// slowest is how many bytes a second may be moved at least.
const slowest = 16 << 10

// try does what is asked of the server, with time for as many bytes, until it is
// done, or cannot be done, or patience ends. Waiting grows from a quarter of a
// second, and differs, so that those who failed together do not come again
// together. While the server is down nobody else waits long: each tries once.
func (r *retrier) try(ctx context.Context, what, name string, bytes int64, do func(context.Context) error) error {
	until := time.Now().Add(r.patience)
	for n, wait := 1, r.stall/40; ; n, wait = n+1, 2*wait {
		attempt, cancel := context.WithTimeout(ctx, 2*r.stall+time.Duration(bytes/slowest)*time.Second)
		err := do(attempt)
		cancel()
		switch {
		case err == nil:
			r.down.Store(false)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist):
			r.down.Store(false)
			return err
		}
		f := faultOf(what, name, err)
		if !f.passing {
			return f
		}
		wait = min(wait, r.stall/2)
		if r.down.Load() || n >= 2 && time.Now().Add(wait).After(until) {
			r.down.Store(true)
			return f
		}
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// unread and unkept are the sentences for a server that cannot be reached.
func unread(err error) error {
	f, ok := errors.AsType[*fault](err)
	if !ok {
		return err
	}
	return away(ErrUnreachable, "存放文件的对象存储现在连不上，这份文件暂时打不开", "已经存下的文件不受影响；请稍后再试，一再出现的请告诉管理员", f)
}

func unkept(err error) error {
	f, ok := errors.AsType[*fault](err)
	if !ok {
		return err
	}
	return away(ErrUnwritable, "存放文件的对象存储现在连不上，这次没有办成", "以前存下的文件和填写的内容都没有丢失；请稍后再试一次，一再出现的请告诉管理员", f)
}

func away(why error, text, fix string, f *fault) error {
	return fmt.Errorf("%w: %w", &refusal{&qiaomen.Problem{Code: qiaomen.Unavailable, Text: text, Fix: fix}, why}, f)
}
