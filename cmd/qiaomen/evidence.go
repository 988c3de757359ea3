package main

import (
	"context"
	"os"
	"strings"

	"qiaomen"
	"qiaomen/blob"
)

// openEvidence opens the store of evidence that the setting names: a folder, or
// a bucket of an S3 server.
func (c *config) openEvidence(ctx context.Context, o blob.Options) (blob.Store, error) {
	bucket, prefix, remote := blob.ParseBucket(c.values["evidence"])
	if !remote {
		return blob.OpenFolder(c.path("evidence"), o)
	}
	at := blob.BucketOptions{
		Options: o, Endpoint: c.values["s3_endpoint"], Plain: c.values["s3_plain"] == yes, Region: c.values["s3_region"], Bucket: bucket, Prefix: prefix,
		AccessKey: c.values["s3_access_key"], SecretKey: c.values["s3_secret_key"], Spool: c.within("spool"),
	}
	if c.values["s3_ca"] != "" {
		name := c.path("s3_ca")
		var err error
		if at.CA, err = os.ReadFile(name); err != nil {
			return nil, &qiaomen.Problem{Text: unreadable(name, err).Error(), At: qiaomen.Place{Field: "s3_ca"}}
		}
	}
	return blob.OpenBucket(ctx, at)
}

// yes and no are the values of settings that are one or the other.
const yes, no = "yes", "no"

func yesOrNo(value string) string {
	if value != yes && value != no {
		return "应是 yes 或 no"
	}
	return ""
}

// evidencePlace is a folder, or s3:// and what belongs behind it.
func evidencePlace(value string) string {
	if _, _, ok := blob.ParseBucket(value); !ok && strings.HasPrefix(value, "s3://") {
		return "应写成 s3://存储桶 或 s3://存储桶/前缀"
	}
	return filled(value)
}
