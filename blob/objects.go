package blob

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7"
)

// Objects are what a Bucket asks of its server: files by name, under the
// bucket's prefix. A name is an object's key without that prefix.
type objects struct {
	retrier
	client         *minio.Core
	bucket, prefix string // the prefix ends with “/” where there is one
}

func (o *objects) stat(ctx context.Context, name string) (about, bool, error) {
	var a about
	err := o.try(ctx, "head", name, 0, func(ctx context.Context) error {
		info, err := o.client.StatObject(ctx, o.bucket, o.prefix+name, minio.StatObjectOptions{})
		a = about{size: info.Size, since: info.LastModified, regular: true}
		return notExist("head", name, err)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return about{}, false, nil
	}
	return a, err == nil, unread(err)
}

// notExist is fs.ErrNotExist for the answer that there is no such object.
func notExist(what, name string, err error) error {
	if err != nil && faultOf(what, name, err).absentNow() {
		return fs.ErrNotExist
	}
	return err
}

func (o *objects) read(ctx context.Context, name string) (io.ReadSeekCloser, int64, error) {
	s := &stream{o: o, ctx: ctx, name: name, size: -1}
	if err := s.connect(); err != nil {
		return nil, 0, unread(err)
	}
	return s, s.size, nil
}

// each lists a folder before it calls do: a list that breaks off is asked for
// again as a whole. What is itself a folder has a “/” at its end.
func (o *objects) each(ctx context.Context, folder string, do func(name string) error) error {
	under := ""
	if folder != "." {
		under = folder + "/"
	}
	var names []string
	err := o.try(ctx, "list", folder, 0, func(ctx context.Context) error {
		names = names[:0]
		for item := range o.client.ListObjectsIter(ctx, o.bucket, minio.ListObjectsOptions{Prefix: o.prefix + under}) {
			if item.Err != nil {
				return item.Err
			}
			names = append(names, strings.TrimPrefix(item.Key, o.prefix))
		}
		return nil
	})
	if err != nil {
		return unread(err)
	}
	for _, name := range names {
		if name == under {
			continue // the folder itself, which some consoles make an object of
		}
		if err := do(name); err != nil {
			return err
		}
	}
	return nil
}

// keep puts bytes under a name where there are none, and reads back what the
// server then holds; nothing else tells that it is kept. there tells that there
// were bytes before. With exact, bytes that are not those are put over.
func (o *objects) keep(ctx context.Context, name string, r io.ReaderAt, size int64, d Digest, exact bool) (there bool, err error) {
	first, over, ours := true, false, ""
	err = o.try(ctx, "put", name, 2*size, func(ctx context.Context) error {
		tag, err := o.put(ctx, name, io.NewSectionReader(r, 0, size), d, over)
		before := err != nil && faultOf("put", name, err).status == http.StatusPreconditionFailed
		if err != nil && !before {
			first = false
			return err
		}
		there, first = there || before && first, false
		if !before {
			ours = tag
		}
		holds, n, held, err := o.holds(ctx, name)
		switch {
		case err != nil:
			over = over || faultOf("read back", name, err).absentNow() // some take the mark of a deletion for an object
			return err
		case before && !exact:
			return nil
		case holds != d || n != size:
			over = true
			return &fault{what: "put", name: name, why: "other bytes are read back", passing: true}
		case ours != "" && ours != held:
			over = true
			return &fault{what: "put", name: name, why: "another object is read back", passing: true}
		}
		return nil
	})
	return there, err
}

// put sends bytes with their digest, which the server has to check. Unless over,
// it has to refuse where there are some already.
func (o *objects) put(ctx context.Context, name string, r *io.SectionReader, d Digest, over bool) (tag string, err error) {
	options := minio.PutObjectOptions{
		DisableContentSha256: true, // of pieces: the whole has one
		UserMetadata:         map[string]string{"x-amz-checksum-sha256": base64.StdEncoding.EncodeToString(d[:])},
	}
	if !over {
		options.SetMatchETagExcept("*")
	}
	info, err := o.client.PutObject(ctx, o.bucket, o.prefix+name, r, r.Size(), "", d.String(), options)
	return info.ETag, err
}

// holds reads what the server has under a name.
func (o *objects) holds(ctx context.Context, name string) (Digest, int64, string, error) {
	body, info, _, err := o.client.GetObject(ctx, o.bucket, o.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		f := faultOf("read back", name, err)
		f.passing = f.passing || f.absentNow() // it said that it had it
		return Digest{}, 0, "", f
	}
	defer body.Close()
	d, n, err := sum(ctx, body)
	return d, n, info.ETag, err
}

// destroy removes every object whose name begins so, with all its versions, and
// looks whether they are gone.
func (o *objects) destroy(ctx context.Context, begin string) error {
	return o.try(ctx, "destroy", begin, 0, func(ctx context.Context) error {
		const rounds = 3
		for range rounds {
			all, err := o.versions(ctx, begin)
			if err != nil || len(all) == 0 {
				return err
			}
			for _, one := range all {
				if err := o.client.RemoveObject(ctx, o.bucket, one.Key, minio.RemoveObjectOptions{VersionID: one.VersionID}); err != nil {
					return err
				}
			}
		}
		return &fault{what: "destroy", name: begin, why: "it is still there", passing: true}
	})
}

// versions lists objects with their versions, as far as the server knows any.
func (o *objects) versions(ctx context.Context, begin string) (all []minio.ObjectInfo, err error) {
	for _, versions := range []bool{true, false} {
		all = nil
		for item := range o.client.ListObjectsIter(ctx, o.bucket, minio.ListObjectsOptions{Prefix: o.prefix + begin, Recursive: true, WithVersions: versions}) {
			if err = item.Err; err != nil {
				break
			}
			all = append(all, item)
		}
		if err == nil || faultOf("list", begin, err).status != http.StatusNotImplemented {
			return all, err
		}
	}
	return all, err
}

// exists is nil where the bucket is there and may be used.
func (o *objects) exists(ctx context.Context) error {
	return o.try(ctx, "head", o.bucket, 0, func(ctx context.Context) error {
		found, err := o.client.BucketExists(ctx, o.bucket)
		if err == nil && !found {
			err = &fault{what: "head", name: o.bucket, why: "no such bucket", status: http.StatusNotFound}
		}
		return err
	})
}
