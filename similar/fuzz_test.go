package similar_test

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"qiaomen/similar"
)

// seeds are two things each: company, project, company, project.
var seeds = [][4]string{
	{company, project, "示例盛华石墨", "关于拟投资年产十万吨球形石墨建设项目（Ⅰ期）"},
	{company, project + "一、二期", "雙鴨山示例盛華石墨新材料（集團）有限公司", "集賢縣１００，０００吨球形石墨２＃厂房東區扩建"},
	{"黑龙江示例风电有限公司", "双鸭山市岭东区100MW风力发电项目", "示例风电", "四方台区10万千瓦风电"},
	{"91230500MA1B2C3D4X", "第十二期", "示例101", "1-9999期"},
	{"盛\u200b华\u00ad\ufeff", "аес\u202e𝐀⼯〇", "盛\xff\x00华", "\ue000🏭|1.5亿元/年"},
	{"", "", "双鸭山", "集贤县福利镇A区左岸"},
	{"示例𠮷华", "𬭩矿项目", "示例吉华", "ABC10万吨AEC与AEC"},
}

// FuzzCompare holds what every verdict must hold against any names.
func FuzzCompare(f *testing.F) {
	for _, s := range seeds {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, companyA, projectA, companyB, projectB string) {
		a, b := similar.Thing{Company: companyA, Project: projectA}, similar.Thing{Company: companyB, Project: projectB}
		checkVerdict(t, a, b)
		for _, thing := range []similar.Thing{a, b} {
			if v := similar.Compare(thing, thing); len(v.Findings) > 0 && v.Judgement == similar.Different {
				t.Fatalf("%q against itself is %d %v", thing, v.Score, v)
			}
		}
		for _, name := range []string{companyA, projectA, companyB, projectB} {
			once := similar.Fold(name)
			if !utf8.ValidString(once) || utf8.RuneCountInString(once) > longestFold {
				t.Fatalf("%q folds to %q", name, once)
			}
		}
	})
}

// FuzzIndex holds an index of a few things against comparing them one by one:
// what is found is what Compare says, the likest first, nothing that was taken
// out, and every one that is found the same when compared.
func FuzzIndex(f *testing.F) {
	for i, s := range seeds {
		f.Add(s[0], s[1], s[2], s[3], uint8(i))
	}
	f.Fuzz(func(t *testing.T, companyA, projectA, companyB, projectB string, n uint8) {
		list := []similar.Thing{{Company: companyA, Project: projectA}, {Company: companyB, Project: projectB}, {Company: companyA, Project: projectB}, {Company: companyB, Project: projectA}}
		x := similar.NewIndex(0)
		for i, thing := range list {
			x.Put(fmt.Sprint(i), thing)
		}
		gone := int(n) % 8 // half the time none
		if gone < len(list) {
			x.Remove(fmt.Sprint(gone))
		}
		for at, asked := range list {
			found := x.Find(asked, 1+int(n)%5)
			if len(found) > 1+int(n)%5 {
				t.Fatalf("%d found", len(found))
			}
			itself := false
			for i, m := range found {
				var id int
				if _, err := fmt.Sscan(m.ID, &id); err != nil || id == gone {
					t.Fatalf("%q is found, which is not there", m.ID)
				}
				v := similar.Compare(asked, list[id])
				if m.Score != v.Score || m.Judgement != v.Judgement {
					t.Fatalf("%q\n%q\nare found with %d %v; compared they are %d %v", asked, list[id], m.Score, m.Judgement, v.Score, v)
				}
				if i > 0 && found[i-1].Score < m.Score {
					t.Fatalf("the likest does not come first: %v", found)
				}
				itself = itself || id == at || v.Score >= similar.Compare(asked, asked).Score
			}
			if !itself && at != gone && len(similar.Compare(asked, asked).Findings) > 0 {
				t.Fatalf("%q does not find itself: %v", asked, found)
			}
		}
	})
}
