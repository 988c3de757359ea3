package web

import (
	"bytes"
	"context"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/office"
)

// fileRoutes is evidence and other files, in and out. Files of the installation,
// as scans of paper decisions, stand beside those of campaigns.
func (a *api) fileRoutes() {
	for _, in := range []struct{ path, name string }{{inCampaign, ""}, {"", "home_"}} {
		a.keepFile(in.path, in.name+"keep_file")
		a.resumable(in.path, in.name)
	}
	a.evidenceRoutes()
	a.docketRoutes()
	a.importRoutes()
	a.exportRoutes()
}

// evidenceRoutes is files behind records and duties, and those of notices.
func (a *api) evidenceRoutes() {
	evidence := records + "/{id}/evidence/{digest}"
	declare(a, operation{
		name: "original", at: "GET " + evidence, action: qiaomen.ActOpenOriginal, tag: tagReport, summary: "一份佐证材料的原件（打开留痕）",
	}, false, func(ctx context.Context, v *visit, _ *nothing) (*handedOut, error) {
		return v.file(a.o.Office.OpenOriginal(ctx, v.caller, v.path("id"), v.path("digest")))
	})
	for _, one := range []struct {
		name, suffix, summary string
		open                  func(context.Context, office.Caller, string, string) (*office.File, error)
	}{
		{"view", "/view", "一张佐证图片，供查看：已转正，没有拍摄地点", a.o.Office.View},
		{"thumbnail", "/thumbnail", "一张佐证图片的缩略图", a.o.Office.Thumbnail},
	} {
		declare(a, operation{
			name: one.name, at: "GET " + evidence + one.suffix, action: qiaomen.ActOpenOriginal, tag: tagReport, summary: one.summary,
		}, false, func(ctx context.Context, v *visit, _ *nothing) (*handedOut, error) {
			f, err := one.open(ctx, v.caller, v.path("id"), v.path("digest"))
			if err != nil {
				return nil, err
			}
			defer f.Close()
			n := named{name: f.Evidence.Name + "." + one.name + ".jpg", kind: blob.JPEG.MediaType(), digest: f.Evidence.Digest + "-" + one.name, inline: true}
			return v.handOut(n, f)
		})
	}
	declare(a, operation{
		name: "open_paper", at: "GET " + inCampaign + "/papers-handed-in/{digest}", action: qiaomen.ActOpenOriginal, tag: tagDuty,
		summary: "为任务报送的一份材料（打开留痕）",
	}, false, func(ctx context.Context, v *visit, q *OccurrenceQuery) (*handedOut, error) {
		return v.file(a.o.Office.OpenPaper(ctx, v.caller, q.Unit, q.one(), v.path("digest")))
	})
	declare(a, operation{
		name: "notice_file", at: "GET " + inCampaign + "/notices/{id}/files/{digest}", action: qiaomen.ActReadPublished, tag: tagRanking,
		summary: "通报的文件：正文和附件", free: true,
	}, false, func(ctx context.Context, v *visit, _ *nothing) (*handedOut, error) {
		f, e, err := a.o.Office.NoticeFile(ctx, v.caller, v.path("id"), v.path("digest"))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return v.handOut(evidenceOf(e), f)
	})
}

// file answers with a kept file.
func (v *visit) file(f *office.File, err error) (*handedOut, error) {
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return v.handOut(evidenceOf(f.Evidence), f)
}

func evidenceOf(e qiaomen.Evidence) named {
	return named{name: e.Name, kind: mediaOf(e.Format), digest: e.Digest}
}

// docketRoutes is what waits for decisions on paper: taken to a meeting, and
// brought back.
func (a *api) docketRoutes() {
	docket := inCampaign + "/docket"
	declare(a, operation{
		name: "docket", at: "GET " + docket, action: qiaomen.ActReadOthers, tag: tagDecide, summary: "待决定事项表，打印了上会", costly: true,
	}, false, func(ctx context.Context, v *visit, _ *nothing) (*handedOut, error) {
		data, err := a.o.Office.Docket(ctx, v.caller)
		if err != nil {
			return nil, err
		}
		return v.handOut(named{name: "待决定事项表.xlsx", kind: blob.XLSX.MediaType()}, bytes.NewReader(data))
	})
	declare(a, operation{
		name: "take_back_docket", at: "POST " + docket, tag: tagDecide, costly: true,
		summary: "录入填好的待决定事项表（内容就是请求体），scan 是盖章表扫描件的 digest",
	}, true, func(ctx context.Context, v *visit, q *struct {
		Scan string `query:"scan" required:"true" doc:"扫描件：先上传，写它的 digest"`
	},
	) (*reply[Result], error) {
		data, err := v.whole(blob.Standard.Office)
		if err != nil {
			return nil, err
		}
		answer, err := a.o.Office.TakeBackDocket(ctx, v.caller, data, qiaomen.Evidence{Digest: q.Scan})
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
}
