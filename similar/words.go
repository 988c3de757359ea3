package similar

import (
	"strings"
	"sync"
)

// A kind is what a word of a name counts as.
type kind uint8

const (
	placeWord  kind = 1 + iota // a province, a city, a county by its full name
	countyWord                 // a county by its short name, which may be a brand
	zoneWord                   // a development zone
	legalWord                  // 有限公司
	tradeWord                  // 石墨, 新材料: what a company deals in
	looseWord                  // 科技, 实业: a trade that says little
	fillerWord                 // 关于, 拟投资, 项目
	introWord                  // 拟引进: what stands before a company's name
	formWord                   // 生产线, 基地: what a project builds
	plainWord                  // a word that is what it says, and no place or number
	aliasWord                  // another way to write something: 风力发电 for 风电
)

// What zones are.
var zones = []string{
	"", "经济技术开发区 经济开发区 经济技术开发 经开区 经技开区", "高新技术产业开发区 高新技术开发区 高新技术产业园区 高新产业开发区 高新区",
	"综合保税区 保税区 综保区", "边境经济合作区 经济合作区 合作区 边合区", "自由贸易试验区 自贸试验区 自贸片区 自贸区", "化工园区 化工园", "开发区 省级开发区 国家级开发区", "新区", "产业转移示范区 产业示范区 临港产业园 临港工业园 临港产业园区 临空产业园 高新产业园",
	"循环经济产业园 循环经济园", "农业科技园 农业科技园区", "工业集中区 产业集聚区 产业集中区 产业集聚园区 集聚区 集中区 工业聚集区",
}

const legalForms = "有限责任公司 有限公司 股份有限公司 股份公司 股份有限 集团股份有限公司 集团有限公司 集团有限责任公司 集团公司 集团股份 集团 股份 控股集团 控股有限公司 控股 公司 总公司 分公司 子公司 母公司 有限合伙 普通合伙 合伙企业 个人独资企业 独资企业 农民专业合作社 专业合作社 合作社 联合社 总厂 工厂 商行 筹建处 筹建 责任公司 有限 个体工商户 LTD COLTD INC CO LLC"

// Trades. Each line is words for one, so that 新材 is 新材料.
const trades = `
新材料 新材
新能源
石墨新材料 石墨新材
石墨烯
石墨
碳素 炭素
材料
能源
生物科技 生物技术 生物
生物质
农业 农牧 农林 农垦
食品 食业
化工 化学 精细化工 石油化工 石化
机械 机电
矿业 矿产
煤业 煤炭 煤化工
建材 建筑材料
电力 电气 电器
环保 环境 环境科技
智能 智能科技 人工智能 AI
智能装备 装备 重工 设备
装备制造 机械制造
医药 药业 制药 药材 中药 中药材 医药科技
医疗 医疗器械 器械
旅游 文旅 文化旅游
文化 文化传媒 传媒 影视
物流 仓储 供应链 冷链 仓储物流
粮油 粮食 粮业 谷物
米业
畜牧 牧业 养殖 牧养
乳业 乳品
林业 林产
木业 家具 木材
纺织 服装 服饰 制衣
电子 电子科技 微电子 光电
信息 信息技术 信息科技 软件 数据 云计算 大数据 网络 通信 网络科技
汽车 汽配 汽车零部件 新能源汽车
航空 航天
钢铁 钢业 金属 有色 有色金属 冶金 铝业 铜业
光伏 太阳能
风电 风能
储能 电池 锂电 锂业
氢能 氢业
热电 热力 供热 燃气
水务 水利
建设 建筑 建工 建设工程 市政
房地产 地产 置业
商贸 贸易 商业 进出口 经贸
餐饮 酒店 酒店管理
酒业 饮品 饮料 酿酒 酿造
饲料
肥业 肥料 化肥
种业 种子
渔业 水产
塑料 塑业 橡胶 橡塑
陶瓷 玻璃 水泥
包装 印刷 纸业 造纸
生态 园林 生态科技
养老 健康 康养 大健康 健康科技
教育 体育 培训
半导体 芯片 集成电路
电缆 线缆
仪器 仪表
模具 精密 精工 精密制造
铸造 锻造
冰雪 滑雪
豆业 大豆
菌业 食用菌
蜂业 蜂产品
人参 参业
`

const loose = "科技 技术 科学技术 高科技 科学 高新技术 实业 发展 产业 投资 投资管理 产业投资 工业 开发 管理 服务 企业 企业管理 制造 工程 技术工程 研究院 研究所 设计 咨询 运营 经营 加工 国际 中国 新型 资本 资产 贸易发展 科技发展 实业发展 投资发展 开发建设 产业发展 研发 生产 销售 经销"

const fillers = "关于 拟投资 拟投资建设 拟建设 拟建 拟引进 拟在 新建 建设 建设项目 项目 项目建设 投资 投资建设 投资项目 招商 招商引资 招商引资项目 引进 引入 落户 落地 签约 签约项目 合作 合作项目 暂定名 暂定 暂名 计划 计划投资 推进 开展 实施 工程 建设工程 工程项目 建造 总投资 年产 年加工 年处理 年生产 日产 日处理 日加工 产能 年产能 设计产能 规模 建设规模 装机 装机容量 总装机 容量 一个 重点 重大 重大项目 重点项目 储备 储备项目 谋划 前期 示范 示范项目 配套 配套设施 及配套 及配套设施 相关 以及 的建设 申报 申请 上报 名称 项目名称 有关 情况 事宜 报告 方案 意向 意向项目 洽谈 在谈 续报 补报 该 本 首批 产业园 产业园区 产业园项目 产业项目 开工 开工建设 我市 我县 我区 辖区 境内 左右 以上 约为 共计 合计 建成 建立 打造 选址 位于 坐落 投产 达产 示例 某某 现代化 标准化 高标准 大型 新上 占地 占地面积 用地 用地面积 总占地 总用地 征地 面积 建筑面积 总建筑面积 总产能 总规模 总投资额 投资额 固定资产投资 资金 注册资本 产值 年产值 年销售 预计 达到 规划 拟选址 请示 备案 汇报 报备 立项 核准 审批 批复 通知 说明 事项 建议书 可研 可行性研究 可行性研究报告 推进情况 进展 进展情况 落实 对接 上马 启动 关于推进 关于申报 的请示 的备案 的汇报 的报告 的函 跟踪 跟进 信息 线索 入驻 兴建 筹建 承建 实施方案 一批 若干 存栏 出栏 年存栏 年出栏 吞吐 年吞吐 年处理量 处理能力 生产能力 拟引进 拟设立 1个 1座 1处 1条 完成"

// What is built. Each line is ways to say one.
const forms = `
生产 制造 生产制造 加工制造 生产加工
加工 深加工 精深加工 精加工 初加工 加工厂
生产线 产线
基地 生产基地 产业基地 加工基地 制造基地 研发基地
园区 科技园 科技产业园 工业园 工业园区 示范园 示范园区 创业园 孵化园
物流园 物流中心 物流基地 物流园区
厂房 车间 工厂 标准厂房 标准化厂房
综合体
一体化 综合利用 开发 开发利用 综合开发
研发 研发中心 研究院 研究中心
产业化
产业链 产业集群 集群 全产业链
平台 系统 体系
交易中心 市场 批发市场
中心 服务中心
总部 总部基地 区域总部
升级 提升 升级改造 改造 改造提升
电站 发电站 发电厂 电厂 发电 发电场
养殖 种植 养殖场 种植基地 养殖基地 种养殖
仓储 仓库 储备库
服务 运营
`

// Other ways to write what stands first.
const aliases = `
风电 风力发电 风能发电 风力发电场 风电场
光伏 光伏发电 太阳能发电 太阳能光伏 太阳能光伏发电 光伏电站 光伏发电站
热电 热电联产 热电厂
抽蓄 抽水蓄能 抽水蓄能电站
石化 石油化工
储能 储能电站 电化学储能
聚乙烯 PE
聚氯乙烯 PVC
聚丙烯 PP
聚酯 PET
碳化硅 SIC
氮化镓 GAN
集成电路 IC
线路板 PCB 印制电路板 印刷电路板 电路板 PCB线路板 PCB电路板
多层陶瓷电容 MLCC 多层陶瓷电容器 片式多层陶瓷电容器
己内酰胺 CPL
无人机 UAV 无人飞机
体外诊断 IVD 体外诊断试剂
液化天然气 LNG 液化气
发光二极管 LED
垃圾发电 垃圾焚烧发电 垃圾焚烧 生活垃圾焚烧发电 生活垃圾发电
固态电池 固态电芯
动力电池 动力电芯
钕铁硼 钕铁硼磁材 钕铁硼永磁 钕铁硼永磁材料
原料药 原料药及中间体 原料药中间体
新材料 新型材料
新能源汽车 新能源车 电动汽车
农产品 农副产品
物流 现代物流 智慧物流
装备 装备制造
中药 中医药
生物质 生物质能 生物质发电 生物质热电
AI 人工智能
碳素 炭素
数据 大数据
`

// Words that hold what looks like a place or a number.
const plainWords = "大理石 温泉 资源 再生资源 高密度 白银 复合肥 海盐 三元 三元锂 三元前驱体 五金 六氟磷酸锂 四氧化三钴 八角 大同小异 中药材 中药 上下游 内外 前驱体 后市场 中间体 中试 中水 中央厨房 东北大米 外贸 内衣 外墙 上市 下游 前处理 后处理 南瓜 西瓜 冬瓜 南药 北药 西药 西红柿 西洋参 海南 一次性 零食 零部件 二手车 二次 二氧化 一氧化"

// A vocabulary is the words of companies, and of projects.
type vocabulary struct {
	company, project lexicon
	tradeNames       []string // the first word of each trade, by number
	related          [][]bool // whether a word of one trade holds a word of the other
	formNames        []string
	aliases          [][]rune // what each alias stands for
	zoneNames        []string
}

var words = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{company: lexicon{}, project: lexicon{}}
	add := func(l lexicon, text string, k kind, value int) {
		for w := range strings.FieldsSeq(text) {
			if f := Fold(w); len([]rune(f)) > 1 {
				l.add(f, k, int32(value))
			}
		}
	}
	for i, z := range zones {
		first, _, _ := strings.Cut(z, " ")
		v.zoneNames = append(v.zoneNames, first)
		add(v.company, z, zoneWord, i)
		add(v.project, z, zoneWord, i)
	}
	add(v.company, legalForms, legalWord, 0)
	add(v.project, legalForms, legalWord, 0)
	for line := range strings.Lines(strings.TrimSpace(trades)) {
		first, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		add(v.company, line, tradeWord, len(v.tradeNames))
		v.tradeNames = append(v.tradeNames, first)
	}
	v.related = relate(strings.Split(strings.TrimSpace(trades), "\n"))
	add(v.company, loose, looseWord, 0)
	add(v.company, "示例 某某 暂定名 暂名 暂定 项目公司 全资子公司", fillerWord, 0)
	add(v.company, "招商企业 引进企业 投资企业 投资方 外来企业 客商 拟设立 拟新设 新设立 拟引进 拟引入 拟招引", introWord, 0)
	add(v.project, plainWords, plainWord, 0)
	add(v.project, fillers, fillerWord, 0)
	for line := range strings.Lines(strings.TrimSpace(forms)) {
		first, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		add(v.project, line, formWord, len(v.formNames))
		v.formNames = append(v.formNames, first)
	}
	for line := range strings.Lines(strings.TrimSpace(aliases)) {
		first, _, _ := strings.Cut(line, " ")
		add(v.project, line, aliasWord, len(v.aliases))
		v.aliases = append(v.aliases, []rune(Fold(first)))
	}
	return v
})

func relate(lines []string) [][]bool {
	out := make([][]bool, len(lines))
	for i, a := range lines {
		out[i] = make([]bool, len(lines))
		for j, b := range lines {
			for x := range strings.FieldsSeq(a) {
				for y := range strings.FieldsSeq(b) {
					out[i][j] = out[i][j] || strings.Contains(x, y) || strings.Contains(y, x)
				}
			}
		}
	}
	return out
}
