package office

import (
	"context"
	"iter"
	"maps"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/journal"
	"qiaomen/store"
)

// NamedFiles is every file that ought to be among the evidence: each that an
// event of any journal names, or a draft, and that was not expunged. It is what
// a verification of the files is held against.
func (o *Office) NamedFiles(ctx context.Context) iter.Seq2[blob.Expected, error] {
	return func(yield func(blob.Expected, error) bool) {
		all, err := o.named(ctx)
		if err != nil {
			yield(blob.Expected{}, err)
			return
		}
		for _, digest := range slices.Sorted(maps.Keys(all)) {
			parsed, err := blob.ParseDigest(digest)
			if !yield(blob.Expected{Digest: parsed, Size: all[digest]}, err) || err != nil {
				return
			}
		}
	}
}

func (o *Office) named(ctx context.Context) (map[string]int64, error) {
	names, err := o.store.Journals(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	take := func(e qiaomen.Evidence) {
		if !e.Declared() {
			out[e.Digest] = e.Size
		}
	}
	var gone []string
	for _, name := range names {
		for leaf, err := range o.store.Leaves(ctx, name, 0) {
			if err != nil {
				return nil, err
			}
			e, err := journal.Open(leaf)
			if err != nil {
				return nil, err
			}
			event, err := qiaomen.DecodeEvent(e.Event, e.Version, e.Data)
			if err != nil {
				return nil, err
			}
			if x, ok := event.(*qiaomen.EvidenceExpunged); ok {
				gone = append(gone, x.Digest)
			}
			eachEvidence(reflect.ValueOf(event), take)
		}
		err := o.read(ctx, name, func(v *store.View) error {
			works, err := v.Works("draft", "", "")
			if err != nil {
				return err
			}
			for _, w := range works {
				var one DraftRecord
				if err := json.Unmarshal(w.Data, &one); err != nil {
					return err
				}
				for _, e := range one.Evidence {
					take(e)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, digest := range gone {
		delete(out, digest)
	}
	return out, nil
}

// eachEvidence finds every piece of evidence within a value.
func eachEvidence(v reflect.Value, f func(qiaomen.Evidence)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachEvidence(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachEvidence(v.Index(i), f)
		}
	case reflect.Struct:
		if e, ok := v.Interface().(qiaomen.Evidence); ok {
			f(e)
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachEvidence(v.Field(i), f)
			}
		}
	}
}
