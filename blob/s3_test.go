package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"qiaomen/blob"
	"qiaomen/blob/blobtest"
)

const (
	accessKey = "AKIDEXAMPLE"
	secretKey = "wJalrXUtnFEMIexampleKEY"
	evidence  = "evidence"
)

// A server is an S3 server, and an administrator of it.
type server struct {
	url   string
	admin *minio.Client
	blobtest.Front
}

// fake is a server within the test.
func fake(t testing.TB, versioned bool) *server {
	t.Helper()
	s := &server{}
	web := httptest.NewServer(s.Before(gofakes3.New(s3mem.New()).Server()))
	t.Cleanup(web.Close)
	s.begin(t, web.URL, versioned)
	return s
}

func (s *server) begin(t testing.TB, url string, versioned bool) {
	t.Helper()
	s.url = url
	admin, err := minio.New(strings.TrimPrefix(url, "http://"), &minio.Options{Creds: credentials.NewStaticV4(accessKey, secretKey, ""), Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	s.admin = admin
	if err := admin.MakeBucket(t.Context(), evidence, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if versioned {
		if err := admin.EnableVersioning(t.Context(), evidence); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *server) options(t testing.TB) blob.BucketOptions {
	return blob.BucketOptions{
		Endpoint: s.url, Bucket: evidence, AccessKey: accessKey, SecretKey: secretKey, Spool: t.TempDir(),
		Stall: time.Second, Patience: time.Second,
	}
}

func bucket(t testing.TB, o blob.BucketOptions) *blob.Bucket {
	t.Helper()
	b, err := blob.OpenBucket(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// keys are the keys of all objects, with every version of each.
func (s *server) keys(t testing.TB) (keys []string) {
	t.Helper()
	for o := range s.admin.ListObjects(context.Background(), evidence, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		keys = append(keys, o.Key)
	}
	return keys
}

func (s *server) set(t testing.TB, key string, content []byte) {
	t.Helper()
	if _, err := s.admin.PutObject(context.Background(), evidence, key, bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (s *server) unset(t testing.TB, key string) {
	t.Helper()
	if err := s.admin.RemoveObject(context.Background(), evidence, key, minio.RemoveObjectOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestBucket(t *testing.T) {
	for name, versioned := range map[string]bool{"plain": false, "versioned": true} {
		t.Run(name, func(t *testing.T) {
			blobtest.Run(t, func(t testing.TB) blob.Store { return bucket(t, fake(t, versioned).options(t)) })
			s := fake(t, versioned)
			o := s.options(t)
			o.Prefix = "示例"
			if _, err := blob.OpenBucket(t.Context(), o); err == nil {
				t.Error("a prefix that tools read in their own way is taken")
			}
			retired(t, s)
		})
	}
	t.Run("prefix", func(t *testing.T) {
		blobtest.Run(t, func(t testing.TB) blob.Store {
			s := fake(t, false)
			s.set(t, "other", []byte("of somebody else"))
			s.set(t, "town/evidence-2/originals/ab/x", []byte("of somebody else"))
			o := s.options(t)
			o.Prefix = "town/evidence"
			return bucket(t, o)
		})
	})
}

// retired plays the attacks on evidence at a server, and looks whether what is
// expunged has gone in every version.
func retired(t *testing.T, s *server) {
	b := bucket(t, s.options(t))
	var contents [][]byte
	var digests []blob.Digest
	for i := range 6 {
		contents = append(contents, blobtest.Paper(fmt.Sprint(i)))
		digests = append(digests, putInto(t, b, contents[i], "a.pdf"))
	}
	key := func(i int) string { return digests[i].Path() }
	s.unset(t, key(0))                                                  // delete, or put a delete marker
	s.set(t, key(1), patched(contents[1], "Catalog", 1, 0, 'D'))        // flip
	s.set(t, key(2), contents[3])                                       // exchange two of equal size
	s.set(t, key(3), contents[2])                                       //
	s.set(t, "originals/ab/readme", []byte("x"))                        // what is none of ours
	s.set(t, "originals/shell.php", []byte("x"))                        //
	s.set(t, blob.Digest{0xab}.Path()+"/hidden", []byte("x"))           // below a name as ours are
	s.set(t, "quarantine/x.reason", []byte("x"))                        //
	s.set(t, "secrets/x", []byte("x"))                                  //
	if err := b.Quarantine(t.Context(), digests[5], "误传"); err != nil { // and one held apart
		t.Fatal(err)
	}
	if err := b.Expunge(t.Context(), digests[4]); err != nil {
		t.Fatal(err)
	}
	for _, k := range s.keys(t) {
		if strings.Contains(k, digests[4].String()[2:]) && !strings.HasPrefix(k, "expunged/") {
			t.Errorf("%s remains", k)
		}
	}
	s.set(t, key(4), contents[4]) // and somebody brings it back
	extra := putInto(t, b, blobtest.Paper("extra"), "a.pdf")
	same(t, findings(t, b, contents...), []string{
		"缺失：" + digests[0].String(), "内容被改动或已损坏：" + digests[1].String(),
		"被换成了另一份文件：" + digests[2].String() + "，里面是 " + digests[3].String(),
		"被换成了另一份文件：" + digests[3].String() + "，里面是 " + digests[2].String(),
		"已清除：" + digests[4].String(), "已清除，但还有残留：" + key(4), "已隔离：" + digests[5].String(),
		"来历不明的文件：originals/ab/readme", "来历不明的文件：originals/shell.php", "来历不明的文件：" + blob.Digest{0xab}.Path(),
		"来历不明的文件：quarantine/x.reason", "来历不明的文件：secrets", "没有记录提到：" + extra.String(),
	})
	for _, i := range []int{1, 2} {
		if _, _, err := b.OpenChecked(t.Context(), digests[i]); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("OpenChecked gives %v", err)
		}
	}
	for _, i := range []int{0, 1, 2, 3} { // what is sent again heals
		if again := putInto(t, b, contents[i], "a.pdf"); again != digests[i] {
			t.Errorf("%d is kept as %s", i, again)
		}
		if _, _, err := b.OpenChecked(t.Context(), digests[i]); err != nil {
			t.Error(err)
		}
	}
	b = bucket(t, s.options(t)) // a start finishes what was interrupted
	for _, found := range findings(t, b, contents...) {
		if strings.Contains(found, "残留") {
			t.Error(found)
		}
	}
}

func putInto(t testing.TB, s blob.Store, content []byte, name string) blob.Digest {
	t.Helper()
	stored, err := s.Put(context.Background(), bytes.NewReader(content), blob.Sent{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return stored.Digest
}

// TestVersity holds a bucket at a real server to the same tests:
// QIAOMEN_TEST_VERSITYGW is the program versitygw.
func TestVersity(t *testing.T) {
	program := os.Getenv("QIAOMEN_TEST_VERSITYGW")
	if program == "" {
		t.Skip("QIAOMEN_TEST_VERSITYGW is not set")
	}
	for name, versioned := range map[string]bool{"plain": false, "versioned": true} {
		t.Run(name, func(t *testing.T) {
			blobtest.Run(t, func(t testing.TB) blob.Store { return bucket(t, versity(t, program, versioned).options(t)) })
			retired(t, versity(t, program, versioned))
		})
	}
}

func versity(t testing.TB, program string, versioned bool) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	dir := t.TempDir()
	for _, sub := range []string{"data", "versions"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	args := []string{"--port", address, "--quiet", "--keep-alive", "posix"}
	if versioned {
		args = append(args, "--versioning-dir", filepath.Join(dir, "versions"))
	}
	run := exec.Command(program, append(args, filepath.Join(dir, "data"))...)
	run.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	run.Stdout, run.Stderr = &log, &log
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			break
		} else if time.Now().After(until) {
			t.Fatalf("versitygw does not listen: %v\n%s", err, log.String())
		}
	}
	s := &server{}
	s.begin(t, "http://"+address, versioned)
	return s
}

// drained reads what was sent, so that the client does not see a broken
// connection instead of the answer.
func drained(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
