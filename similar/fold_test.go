package similar_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
	"qiaomen/similar"
)

// TestFoldFindsWhatWasMeant: however it was typed, a name folds to the same
// characters.
func TestFoldFindsWhatWasMeant(t *testing.T) {
	for _, c := range []struct{ what, written, meant string }{
		{"full width is half width", "ＡＢＣ１２３示例", "ABC123示例"},
		{"half-width kana is none of a name's business", "示例ｱ", "示例ア"},
		{"small letters are capitals", "led示例", "LED示例"},
		{"small full-width letters are capitals", "ｌｅｄ示例", "LED示例"},
		{"a zero-width space is nothing", "盛\u200b华", "盛华"},
		{"a zero-width non-joiner is nothing", "盛\u200c华", "盛华"},
		{"a zero-width joiner is nothing", "盛\u200d华", "盛华"},
		{"a word joiner is nothing", "盛\u2060华", "盛华"},
		{"a byte order mark is nothing", "\ufeff盛华", "盛华"},
		{"a soft hyphen is nothing", "盛\u00ad华", "盛华"},
		{"marks of direction are nothing", "\u200e盛\u200f华\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "盛华"},
		{"a variation selector is nothing", "盛\ufe00华\U000e0100", "盛华"},
		{"a Mongolian vowel separator is nothing", "盛\u180e华", "盛华"},
		{"a Hangul filler is nothing", "盛\u3164\u115f\u1160\uffa0华", "盛华"},
		{"a braille blank is nothing", "盛\u2800华", "盛华"},
		{"a combining mark is nothing", "盛\u0336华\u20dd", "盛华"},
		{"a tag character is nothing", "盛\U000e0041华", "盛华"},
		{"an interlinear mark is nothing", "盛\ufff9华\ufffb", "盛华"},
		{"a private-use character is nothing", "盛\ue000\U000f0000华", "盛华"},
		{"a replacement character is nothing", "盛\ufffd华", "盛华"},
		{"an object's place is nothing", "盛\ufffc华", "盛华"},
		{"a control character is nothing", "盛\x00\x07\x7f\u0085华", "盛华"},
		{"a space is nothing", " 盛 华\t", "盛华"},
		{"spaces of every width are nothing", "盛\u3000\u00a0\u2003\u202f\u205f华\u2028", "盛华"},
		{"brackets are nothing", "盛（华）【】(){}《》", "盛华"},
		{"quotes and stops are nothing", "“盛华”，。·；", "盛华"},
		{"Cyrillic letters are the Latin ones they look like", "АВСЕНКМОРТХ示例", "ABCEHKMOPTX示例"},
		{"small Cyrillic letters too", "аеосрх示例", "AEOCPX示例"},
		{"Greek letters are the Latin ones they look like", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ示例", "ABEZHIKMNOPTYX示例"},
		{"mathematical letters are plain", "𝐀𝑩𝒞𝓓𝔈𝔽𝕲𝖧𝗜𝘑𝙆𝙻示例", "ABCDEFGHIJKL示例"},
		{"mathematical digits are plain", "𝟏𝟚𝟯𝟰𝟻示例", "12345示例"},
		{"circled letters are plain", "ⒶⒷⓒ示例", "ABC示例"},
		{"superscript digits are plain", "示例²", "示例2"},
		{"a compatibility character is the plain one", "\uf9dc示例", "隆示例"},
		{"a compatibility character of the supplement too", "\U0002f804示例", "你示例"},
		{"a compatibility form is then simplified", "\uf907", "龟"},
		{"the radical of work is work", "示例⼯业", "示例工业"},
		{"the radical of dragon is dragon", "⿓江", "龙江"},
		{"the radical of mountain is mountain", "双鸭⼭", "双鸭山"},
		{"the radical of gold is gold", "⾦属", "金属"},
		{"a radical of the supplement is its character", "⻢鞍山", "马鞍山"},
		{"a squared word is written out", "㍿", "株式会社"},
		{"a parenthesised character is plain", "㈱", "株"},
		{"a circled character is plain", "㊎", "金"},
		{"a squared unit is its letters", "100㎏", "100KG"},
		{"traditional is simplified", "中國龍華產業", "中国龙华产业"},
		{"a traditional variant is simplified", "佔地", "占地"},
		{"a rare traditional character is simplified", "籤約", "签约"},
		{"a dust of traditional characters is simplified", "雙鴨山經濟技術開發區", "双鸭山经济技术开发区"},
		{"a Japanese form is simplified", "鉄鋼", "铁钢"},
		{"a Chinese numeral before a unit is digits", "十万吨", "10万吨"},
		{"a numeral of a contract is digits", "壹拾万吨", "10万吨"},
		{"a numeral of a contract says a phase", "壹期", "1期"},
		{"twenty-five is 25", "二十五万吨", "25万吨"},
		{"two hundred is 200", "二百亩", "200亩"},
		{"two of a kind is 2", "两万吨", "2万吨"},
		{"three thousand written half in digits is whole", "3千吨", "3000吨"},
		{"three thousand in full width is whole", "３千吨", "3000吨"},
		{"noughts of a year are digits", "二〇二四年", "2024年"},
		{"noughts of a year in another character are digits", "二零二四年", "2024年"},
		{"a circle for nought is a digit", "二○二四年", "2024年"},
		{"a Roman ten is ten", "Ⅹ期", "10期"},
		{"a Roman twelve is twelve", "Ⅻ期", "12期"},
		{"a Roman two is two", "Ⅱ期", "2期"},
		{"a small Roman three is three", "ⅲ期", "3期"},
		{"a phase in Chinese is a digit", "第三期", "第3期"},
		{"a circled digit is a digit", "①期", "1期"},
		{"a numeral in brackets of one character is a digit", "㈡期", "2期"},
		{"a digit in brackets of one character is a digit", "⑵期", "2期"},
		{"kana that look like numerals are numerals", "ニ期", "2期"},
		{"kana that look like characters are those", "エ业カ学ロ岸", "工业力学口岸"},
		{"a comma of thousands goes", "1,000吨", "1000吨"},
		{"a full-width comma of thousands goes", "１，０００吨", "1000吨"},
		{"a point of a number stays", "1.5万吨", "1.5万吨"},
		{"a full-width point of a number stays", "1．5万吨", "1.5万吨"},
		{"a number sign is 号", "1#厂房", "1号厂房"},
		{"several phases keep what joins them", "一、二期", "1-2期"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := similar.Fold(c.written); got != c.meant {
				t.Errorf("%q folds to %q, want %q", c.written, got, c.meant)
			}
			if again := similar.Fold(c.meant); again != c.meant {
				t.Errorf("what was meant, %q, folds to %q", c.meant, again)
			}
		})
	}
}

// TestFoldKeepsWords: a numeral that is part of a word is no number.
func TestFoldKeepsWords(t *testing.T) {
	for _, word := range []string{
		"一体化", "三元前驱体", "三一重工", "五金制品", "七台河", "四方台区", "八角", "一次性注射器", "千岛湖", "百合", "双十", "六氟磷酸锂",
		"二氧化硅", "四川", "九江", "万宝", "亿源", "十堰", "三亚", "百色", "零部件", "零食",
	} {
		if got := similar.Fold(word); got != word {
			t.Errorf("%s folds to %s", word, got)
		}
	}
}

// TestFoldKeepsApart: what differs in meaning differs when folded.
func TestFoldKeepsApart(t *testing.T) {
	for _, c := range [][2]string{
		{"一期", "二期"},
		{"十万吨", "百万吨"},
		{"1.5万吨", "15万吨"},
		{"1-2期", "12期"},
		{"东区", "西区"},
		{"盛华", "晟华"},
		{"二十一期", "二十期"},
		{"100MW", "1000MW"},
	} {
		if a, b := similar.Fold(c[0]), similar.Fold(c[1]); a == b {
			t.Errorf("%s and %s both fold to %s", c[0], c[1], a)
		}
	}
}

// pieces is what names are made of, honest and not.
var pieces = strings.Fields("双鸭山 示例 盛华 石墨 有限公司 有限责任公司 （集团） 年产 十万吨 10万吨 二百亩 1,000吨 1.5亿元 一期 Ⅱ期 第三期 一、二期 1-2期 1# 东区 A区 " +
	"集贤县 項目 產業園 ⼯业 ＡＢＣ аес ΑΒΕ 𝐀𝟏 二〇二四年 一体化 三元 千瓦 五十 百 千 万 零 〇 ○ 两 第 期 - ~ . , # % + 、 — 廿 卅 ① ㎡ \u200b \u00ad \u202e \ufeff \u3000 \ue000 \xff \x00 ( ) 🏭")

// anyName is a name of such pieces, or of anything.
func anyName() *rapid.Generator[string] {
	made := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "pieces"), "")
	})
	return rapid.OneOf(made, made, rapid.String(), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), func(b []byte) string { return string(b) }))
}

// TestFoldIsDoneOnce: folding what is folded changes nothing, and leaves
// nothing that cannot be seen.
func TestFoldIsDoneOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := anyName().Draw(t, "name")
		once := similar.Fold(name)
		if twice := similar.Fold(once); twice != once {
			t.Fatalf("%q folds to %q, and that to %q", name, once, twice)
		}
		if !utf8.ValidString(once) {
			t.Fatalf("%q folds to %q, which is no text", name, once)
		}
		for _, r := range once {
			if unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Z) || unicode.IsLower(r) && unicode.ToUpper(r) != r {
				t.Fatalf("%q folds to %q, which has %U", name, once, r)
			}
		}
	})
}

// TestFoldIgnoresTheUnseen: what cannot be seen changes nothing, wherever it is
// put.
func TestFoldIgnoresTheUnseen(t *testing.T) {
	unseen := rapid.SampledFrom([]string{"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u202e", "\u2069", "\x00", "\ufe0f"})
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "pieces"), "")
		var with strings.Builder
		for _, r := range name {
			for range rapid.IntRange(0, 2).Draw(t, "how many") {
				with.WriteString(unseen.Draw(t, "unseen"))
			}
			with.WriteRune(r)
		}
		if a, b := similar.Fold(strings.ToValidUTF8(name, "\ufffd")), similar.Fold(with.String()); a != b {
			t.Fatalf("%q folds to %q, and with what cannot be seen to %q", name, a, b)
		}
	})
}
