package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/s3utils"

	"qiaomen"
)

// BucketOptions are where a Bucket is, who asks, and what any store may be told.
type BucketOptions struct {
	Options

	Endpoint  string // https://host:port; http only for this machine, or with Plain
	Plain     bool   // http is spoken to another machine, too: what is sent can be read on the way
	Region    string // none: us-east-1
	Bucket    string // it has to exist
	Prefix    string // what the names of all objects begin with, without “/” at the end; none: the whole bucket is the store's
	AccessKey string
	SecretKey string
	CA        []byte // certificates of authorities that are trusted beside the system's, in PEM

	// Spool is a folder on this machine for what is being received or looked at.
	// Nothing in it has to last. One process at a time may have it, beside
	// ReadOnly ones.
	Spool string

	Stall    time.Duration // how long no byte may move before a try is given up; 0: 10 s
	Patience time.Duration // for how long something is tried again; 0: 15 s
}

// A Bucket is a store at a server that speaks S3. Any number of processes, on
// any number of machines, may have the same one open.
type Bucket struct {
	objects
	looker
	spool disk
}

// bucketPrefix leaves out what some server or tool reads in its own way.
var bucketPrefix = regexp.MustCompile(`^[0-9A-Za-z_-][0-9A-Za-z._-]*(/[0-9A-Za-z_-][0-9A-Za-z._-]*)*$`)

// OpenBucket opens a store in a bucket that is there. What is wrong with the
// options, and what the server refuses (the keys, the bucket's name), is a
// *qiaomen.Problem. A server that cannot be reached is no error: the store says
// so of each thing that is asked, until it can be reached.
func OpenBucket(ctx context.Context, o BucketOptions) (*Bucket, error) {
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Stall == 0 {
		o.Stall = 10 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = 15 * time.Second
	}
	if o.Prefix != "" && !bucketPrefix.MatchString(o.Prefix) {
		return nil, &qiaomen.Problem{Text: "存储桶里的前缀不对", Fix: "只能用字母、数字、“.”、“_”、“-”，用“/”分层，首尾不写“/”"}
	}
	if s3utils.CheckValidBucketNameStrict(o.Bucket) != nil {
		return nil, &qiaomen.Problem{Text: "存储桶的名称不对", Fix: "应是3到63个小写字母、数字、“.”、“-”"}
	}
	client, err := connect(o)
	if err != nil {
		return nil, err
	}
	b := &Bucket{objects: objects{retrier: retrier{stall: o.Stall, patience: o.Patience}, client: client, bucket: o.Bucket}}
	if o.Prefix != "" {
		b.prefix = o.Prefix + "/"
	}
	if err := os.MkdirAll(path.Join(o.Spool, temporary), 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if b.spool.root, err = os.OpenRoot(o.Spool); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	b.looker.open(o.Options, b)
	if err := b.begin(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// begin sweeps the spool and finishes what was interrupted; where the server
// cannot be reached, as soon as it can.
func (b *Bucket) begin(ctx context.Context) error {
	if !b.options.ReadOnly {
		if err := b.spool.sweep(time.Now()); err != nil {
			return err
		}
	}
	err := b.ready(ctx)
	if f, ok := errors.AsType[*fault](err); ok && !f.passing {
		return fmt.Errorf("%w: %w", &qiaomen.Problem{Text: "对象存储拒绝了连接：" + f.why, Fix: "请核对存储桶的名称、地区和访问密钥，密钥要能列出、读、写和删除"}, f)
	} else if err != nil && !ok {
		return err
	}
	if b.options.ReadOnly {
		return nil
	}
	b.worker.Go(b.makeViews)
	if err != nil {
		b.worker.Go(b.readyLater)
	}
	return nil
}

// ready finds the bucket and finishes what was interrupted.
func (b *Bucket) ready(ctx context.Context) error {
	if err := b.exists(ctx); err != nil || b.options.ReadOnly {
		return err
	}
	return b.finish(ctx, b.destroyAll, b.dropViews)
}

func (b *Bucket) readyLater() {
	for b.ready(b.closing) != nil {
		select {
		case <-time.After(3 * b.stall):
		case <-b.closing.Done():
			return
		}
	}
}

// Close ends what goes on in the background.
func (b *Bucket) Close() error {
	b.looker.close()
	return b.spool.root.Close()
}

// Put keeps what it reads: Store tells of it. It is first received on this
// machine and looked at, then put where there is nothing yet, and read back; a
// Put is acknowledged when the server has given back the same bytes.
func (b *Bucket) Put(ctx context.Context, r io.Reader, sent Sent) (Stored, error) {
	stored, err := b.put(ctx, r, sent)
	return b.answered(stored, sent, unkept(err))
}

func (b *Bucket) put(ctx context.Context, r io.Reader, sent Sent) (Stored, error) {
	if err := b.options.changed(); err != nil {
		return Stored{}, err
	}
	t, stored, harm, err := b.take(ctx, &b.spool, r, sent)
	if err != nil {
		return Stored{}, err
	}
	defer t.discard()
	d := stored.Digest
	status, err := b.Status(ctx, d)
	if err != nil {
		return Stored{}, err
	}
	if err := status.taken(); err != nil {
		return Stored{}, t.refused(err)
	}
	if harm != nil {
		if err := b.write(ctx, d.reason(), []byte(reasonOf(harm))); err != nil {
			return Stored{}, err
		}
		stored.Look = Look{}
	}
	there, err := b.keep(ctx, d.original(), t, stored.Size, d, true)
	if err != nil {
		return Stored{}, err
	}
	stored.Known = there && harm == nil
	if harm != nil {
		return stored, errors.Join(harm, b.dropViews(ctx, d))
	}
	// Somebody may have retired it meanwhile, here or on another machine. They
	// write that down before they act, so either they or this finds the bytes.
	if status, err = b.Status(ctx, d); err != nil {
		return Stored{}, err
	}
	if status.State == Expunged {
		err = b.destroyAll(ctx, d)
	}
	if refused := status.taken(); refused != nil {
		return Stored{}, errors.Join(t.refused(refused), err)
	}
	return stored, nil
}

// write puts a few bytes under a name; where there are some, those stay.
func (b *Bucket) write(ctx context.Context, name string, content []byte) error {
	_, err := b.keep(ctx, name, bytes.NewReader(content), int64(len(content)), sha256.Sum256(content), false)
	return err
}

// Open gives a kept content and its size, read from the server as it is wanted.
// OpenChecked makes sure of it.
func (b *Bucket) Open(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error) {
	if err := b.served(ctx, d); err != nil {
		return nil, 0, err
	}
	return b.kept(ctx, d)
}

func (b *Bucket) kept(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error) {
	r, size, err := b.read(ctx, d.original())
	if errors.Is(err, fs.ErrNotExist) {
		if err := b.served(ctx, d); err != nil {
			return nil, 0, err // retired just now
		}
		return nil, 0, fmt.Errorf("blob: %w", err)
	}
	return r, size, err
}

// OpenChecked fetches the content to this machine before it gives it:
// ErrDamaged if it is not what its digest says.
func (b *Bucket) OpenChecked(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error) {
	return b.whole(ctx, d)
}

func (b *Bucket) whole(ctx context.Context, d Digest) (file, int64, error) {
	if err := b.served(ctx, d); err != nil {
		return nil, 0, err
	}
	r, size, err := b.kept(ctx, d)
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	t, err := b.spool.draft()
	if err != nil {
		return nil, 0, err
	}
	holds, _, err := sum(ctx, io.TeeReader(r, t))
	if err == nil && holds != d {
		err = damaged()
	}
	if err == nil {
		_, err = t.Seek(0, io.SeekStart)
	}
	if err != nil {
		t.discard()
		return nil, 0, err
	}
	return fetched{t}, size, nil
}

// fetched is a draft that goes when it is closed.
type fetched struct{ *draft }

func (f fetched) Close() error {
	f.discard()
	return nil
}

// putDerived looks again afterwards: who retires a content writes that down
// before they remove what was made of it.
func (b *Bucket) putDerived(ctx context.Context, d Digest, suffix string, content []byte) error {
	if err := b.served(ctx, d); err != nil {
		return err
	}
	if err := b.write(ctx, d.shelf(derived, suffix), content); err != nil {
		return unread(err)
	}
	if err := b.served(ctx, d); err != nil {
		return errors.Join(err, b.dropViews(ctx, d))
	}
	return nil
}

// Quarantine holds a kept content apart: Store tells of it. The bytes stay where
// they are; with a reason beside them they are served to nobody.
func (b *Bucket) Quarantine(ctx context.Context, d Digest, reason string) error {
	if err := b.options.changed(); err != nil {
		return err
	}
	status, err := b.Status(ctx, d)
	if err == nil && status.State != Quarantined {
		if err = b.served(ctx, d); err == nil {
			err = b.write(ctx, d.reason(), []byte(qiaomen.Printable(reason)))
		}
	}
	if err == nil {
		err = b.dropViews(ctx, d)
	}
	return unkept(err)
}

// Release takes a content out of quarantine: Store tells of it.
func (b *Bucket) Release(ctx context.Context, d Digest) error {
	if err := b.options.changed(); err != nil {
		return err
	}
	status, err := b.Status(ctx, d)
	if err == nil && status.State == Quarantined {
		err = b.destroy(ctx, d.reason())
	} else if err == nil {
		err = b.served(ctx, d)
	}
	return unkept(err)
}

// Expunge destroys the bytes of a content in all versions that the server has
// of them: Store tells of it. It fails where the bucket keeps versions that may
// not be deleted.
func (b *Bucket) Expunge(ctx context.Context, d Digest) error {
	if err := b.options.changed(); err != nil {
		return err
	}
	err := b.write(ctx, d.tombstone(), []byte(d.String()+"\n"))
	if err == nil {
		err = b.destroyAll(ctx, d)
	}
	return unkept(err)
}

// destroyAll removes everything of a content but its tombstone.
func (b *Bucket) destroyAll(ctx context.Context, d Digest) error {
	for _, begin := range []string{d.original(), d.shelf(derived, ""), d.quarantined()} {
		if err := b.destroy(ctx, begin); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bucket) dropViews(ctx context.Context, d Digest) error {
	return b.destroy(ctx, d.shelf(derived, ""))
}

// ParseBucket reads s3://bucket or s3://bucket/prefix.
func ParseBucket(address string) (bucket, prefix string, ok bool) {
	rest, ok := strings.CutPrefix(address, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	return bucket, prefix, ok && bucket != "" && (prefix == "" || bucketPrefix.MatchString(prefix))
}
