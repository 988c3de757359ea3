package main

import "strings"

// An industry is what a project may be of: the trades in its companies'
// names, products, what is built for them, and scales, # being the number.
type industry struct {
	trades, products, works, scales []string
}

// industries are drawn from evenly. Some 170 products.
var industries = []industry{
	trade("石墨新材料 石墨科技 碳材料 新材料科技 石墨制品", "球形石墨 石墨负极材料 高纯石墨 可膨胀石墨 石墨烯导电浆料 石墨双极板 等静压石墨 石墨散热膜 石墨密封件 鳞片石墨精粉 人造金刚石", "生产线 深加工 产业园 综合利用 精深加工基地", "年产#万吨 年产#吨 年加工#万吨 投资#亿元"),
	trade("煤化工 化工 能源化工 精细化工 化学", "煤制乙二醇 煤制烯烃 焦炉煤气制LNG 煤焦油加氢 针状焦 合成氨 尿素 炭黑 煤基活性炭 甲醇制芳烃 PVC树脂 腐植酸肥料", "生产线 综合利用 建设 深加工 循环经济产业园", "年产#万吨 年处理#万吨 投资#亿元 日处理#吨"),
	trade("食品 食品工业 食品科技 食品饮料", "速冻玉米 鲜食玉米 酸菜 冷鲜猪肉 牛肉制品 速冻水饺 山野菜罐头 蓝莓果汁 黑木耳饮品 蜂蜜制品 烘焙食品 预制菜 矿泉水", "加工 生产线 深加工 加工基地 产业园", "年产#万吨 年加工#吨 年产#万箱 投资#亿元"),
	trade("豆业 大豆科技 粮油 大豆食品 蛋白科技", "大豆分离蛋白 大豆组织蛋白 非转基因大豆油 豆浆粉 腐竹 大豆卵磷脂 大豆异黄酮 豆制休闲食品 酱油酿造", "生产线 深加工 加工 产业园 精深加工", "年产#万吨 年加工#万吨 年处理#万吨 投资#亿元"),
	trade("米业 粮食 农业 谷物科技 农业发展", "鲜米 胚芽米 米糠油 稻壳发电 留胚米 大米蛋白粉 玉米淀粉 玉米酒精 赖氨酸 谷氨酸 杂粮礼盒", "加工 生产线 深加工 仓储加工基地 产业园", "年产#万吨 年加工#万吨 日处理#吨 投资#亿元"),
	trade("木业 林业 家居 木制品", "实木家具 集成材 木质地板 细木工板 木结构房屋 木门窗 木质玩具 秸秆板材 竹木餐具", "加工 生产线 加工基地 产业园 建设", "年产#万立方米 年产#万套 占地#亩 投资#亿元"),
	trade("风电 新能源 风力发电 清洁能源 能源", "风力发电 分散式风电 风电叶片 风电塔筒 风机主轴 风电制氢 风储一体化", "建设 场区 制造基地 装备基地 示范", "#MW 装机#MW #兆瓦 年产#套 投资#亿元"),
	trade("光伏 太阳能 电力 新能源科技 光电", "光伏发电 农光互补 渔光互补 光伏组件 光伏支架 储能电站 锂电池 钠离子电池 充电桩", "建设 生产线 制造基地 示范 产业园", "#MW #MWp 年产#万套 投资#亿元"),
	trade("生物质能 环保能源 热电 环保科技", "生物质热电联产 生物质颗粒燃料 秸秆沼气 生物天然气 秸秆制乙醇 垃圾焚烧发电 污泥处置 有机肥 废旧轮胎热解 粉煤灰砖", "建设 综合利用 生产线 处理中心 示范", "年处理#万吨 日处理#吨 #MW 投资#亿元"),
	trade("药业 制药 生物医药 中药 生物科技", "刺五加口服液 中药饮片 中药配方颗粒 人参皂苷提取 鹿茸制品 医用敷料 一次性注射器 原料药 疫苗冻干制剂 兽用疫苗 体外诊断试剂", "生产线 产业园 生产基地 提取 研发基地", "年产#吨 年产#万盒 年产#万支 投资#亿元"),
	trade("机械 智能装备 重工 装备制造 机械制造", "大型农机 玉米收获机 插秧机 液压支架 采煤机 除雪车 电动叉车 工业机器人 数控机床 轴承 汽车零部件 变压器 矿山皮带机", "制造 生产线 制造基地 产业园 再制造", "年产#台 年产#台套 年产#万件 投资#亿元"),
	trade("物流 供应链 冷链物流 仓储 国际贸易", "冷链物流 粮食仓储 跨境电商 煤炭物流 快递分拨 农产品批发市场 对俄木材交易 多式联运 保税仓储", "中心 园区 产业园 基地 建设", "#万平方米 年吞吐#万吨 占地#亩 投资#亿元"),
	trade("数据 信息技术 云计算 数字科技 大数据", "云计算数据中心 智算中心 呼叫中心 数据标注 软件外包 直播电商 智慧矿山平台 无人机物流 卫星遥感服务", "建设 基地 产业园 运营中心 孵化基地", "#个机柜 #个坐席 #万平方米 投资#亿元"),
	trade("文化旅游 旅游开发 文旅 文化传媒 旅业", "湿地旅游度假 温泉康养 赫哲风情小镇 知青文化园 乡村民宿 房车营地 红色研学 影视拍摄 森林康养 影视动漫", "开发 建设 度假区 基地 综合体", "占地#亩 #万平方米 投资#亿元"),
	trade("冰雪体育 冰雪旅游 体育产业 冰雪文化", "滑雪场 冰雪大世界 雪地摩托 冰雪装备 室内滑冰馆 冬季汽车试驾 雪雕主题公园 造雪机", "建设 制造 开发 产业园 综合体", "占地#亩 #万平方米 年产#台 投资#亿元"),
	trade("建材 新型建材 水泥 玻璃 建筑科技", "装配式建筑 蒸压加气混凝土砌块 岩棉保温板 玄武岩纤维 商品混凝土 机制砂石 LED节能灯具 PE管材 铝塑门窗 石膏板", "生产线 生产基地 产业园 加工 建设", "年产#万立方米 年产#万平方米 年产#万吨 投资#亿元"),
	trade("牧业 养殖 农牧 畜牧科技 牧业科技", "肉牛养殖 奶牛牧场 生猪育肥 种猪繁育 肉羊养殖 蛋鸡养殖 白羽肉鸡 大鹅养殖 梅花鹿养殖 冷水鱼养殖 饲料加工 肉驴养殖", "基地 建设 示范基地 产业园 繁育中心", "#头 #只 年出栏#万头 存栏#头 投资#亿元"),
	trade("纺织 服装 亚麻 皮革 服饰", "亚麻纺纱 汉麻纤维 羽绒服装 皮革手套 无纺布 毛毡 羊毛地毯 劳保鞋靴", "生产线 加工 产业园 生产基地 建设", "年产#万件 年产#万米 年产#吨 投资#亿元"),
}

func trade(trades, products, works, scales string) industry {
	return industry{strings.Fields(trades), strings.Fields(products), strings.Fields(works), strings.Fields(scales)}
}

// brandRunes are what brands are made of.
var brandRunes = []rune("盛恒鑫华辰宏龙泰源丰瑞祥佳金信兴利诚安通天海江宇宝富德明光永新立汇远东北方圆正大中和合顺达凯威博创科美康健欣荣昌茂林森木松柏山川河湖溪润泽雨露云峰岭岳嵩秦晋齐鲁燕赵楚汉唐宋元亨贞吉庆福禄寿禧春夏秋冬晨曦旭阳星月辉耀亮晶莹玉珠翠碧青蓝紫红丹朱赤白素洁清澄澜浩瀚广博智慧睿哲思卓越超群英杰俊豪雄伟壮强")

// alike are characters taken for each other: the first lines sound alike, the
// last ones look alike. Within one word every character may stand for another.
var alike = strings.Fields(`盛晟 恒衡 鑫馨 华桦 辰晨 宏鸿 龙隆 源原 泰太 丰锋 瑞锐 祥翔 佳嘉 金锦 信芯 兴星 利莉 诚城 安桉 通同
天添 江疆 宇羽 宝保 富福 德得 明铭 光广 永咏 新欣 立力 汇惠 远沅 正政 和禾 合河 顺舜 达答 凯恺 威巍 博搏 创窗 美镁 康糠
荣蓉 昌倡 茂懋 林琳 森淼 松嵩 润闰 泽择 云芸 峰烽 晶精 玉育 青清 蓝兰 红虹 丹单 智志 慧绘 睿蕊 卓桌 英瑛 杰洁 豪毫 伟炜
强蔷 木本 未末 己已 侯候 人入 土士 千干 王玊 亨享 晴睛 析折 昊吴 阳扬 治冶 炼练 莹茔 禄碌 洋详 宜宣 科料 幸辛`)

// traditional are characters of names and projects as they are written
// elsewhere.
var traditional = couples(`龙龍 华華 业業 产產 万萬 吨噸 头頭 东東 云雲 兴興 达達 丰豐 创創 区區 县縣 农農 风風 电電 发發 设設 园園 场場 线線 综綜
仓倉 储儲 养養 饮飲 药藥 车車 机機 数數 据據 软軟 协協 双雙 鸭鴨 岭嶺 宝寶 饶饒 亿億 资資 项項 体體 医醫 装裝 备備 锦錦 锐銳 鸿鴻
诚誠 顺順 远遠 庆慶 汇匯 伟偉 强強 荣榮 润潤 泽澤 胶膠 热熱 联聯 冻凍 贸貿 际際 运運 态態 环環 绿綠 矿礦 废廢 轮輪 钢鋼 铁鐵 铝鋁
门門 开開 关關 无無 为爲 书書 会會 网網 纺紡 织織 纤纖 维維 丝絲 级級 红紅 蓝藍 辉輝 亚亞 肠腸 鸡雞 鱼魚 马馬 鹅鵝 乡鄉 游遊 术術`)

// letters look like others of other scripts, and full width.
var letters = map[rune][]rune{
	'A': []rune("ＡАΑ"), 'B': []rune("ＢВΒ"), 'C': []rune("ＣС"), 'D': []rune("Ｄ"), 'E': []rune("ＥЕΕ"), 'G': []rune("Ｇ"),
	'L': []rune("Ｌ"), 'M': []rune("ＭМΜ"), 'N': []rune("ＮΝ"), 'P': []rune("ＰРΡ"), 'V': []rune("Ｖ"), 'W': []rune("Ｗ"), 'p': []rune("ｐр"),
}

// invisible are zero-width space, non-joiner, joiner, word joiner, byte order
// mark, soft hyphen and marks of direction.
var invisible = []rune("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202c")

// shorter are words with what offices write for them.
var shorter = pairs(`经济技术开发区 经开区 新材料 新材 深加工 加工 生产线 产线 生产基地 基地 制造基地 基地 示范基地 基地 加工基地 基地 循环经济产业园 产业园
装备制造 装备 平方米 平 立方米 方 风力发电 风电 光伏发电 光伏 热电联产 热电 冷链物流 冷链 农产品 农品 生物天然气 生物气 度假区 景区
污泥处置 污泥 云计算数据中心 数据中心 年产 产 年处理 处理 年加工 加工 总投资 投 医用 医 配方颗粒 颗粒 研发基地 研发`)

// couples reads words of two characters each.
func couples(text string) (out [][2]string) {
	for _, word := range strings.Fields(text) {
		r := []rune(word)
		out = append(out, [2]string{string(r[0]), string(r[1])})
	}
	return out
}

// pairs reads words two by two.
func pairs(text string) (out [][2]string) {
	words := strings.Fields(text)
	for i := 0; i+1 < len(words); i += 2 {
		out = append(out, [2]string{words[i], words[i+1]})
	}
	return out
}

// A place is a county or district, or a whole city if that is empty.
type place struct{ province, city, county string }

// zone is an economic zone, which is named after its city.
const zone = "经济技术开发区"

// homes are where projects are; those of the city itself come first.
var homes = places(`黑龙江 双鸭山 集贤县 宝清县 友谊县 饶河县 尖山区 岭东区 四方台区 宝山区 ` + zone + ` -
黑龙江 哈尔滨 香坊区 呼兰区 宾县 方正县 -
黑龙江 齐齐哈尔 龙江县 讷河市 克山县
黑龙江 牡丹江 宁安市 林口县
黑龙江 佳木斯 桦南县 富锦市 汤原县 -
黑龙江 鸡西 密山市 鸡东县
黑龙江 鹤岗 萝北县 绥滨县
黑龙江 七台河 勃利县 -
黑龙江 大庆 肇源县 林甸县
黑龙江 绥化 肇东市 海伦市 望奎县
黑龙江 黑河 嫩江市 孙吴县
吉林 长春 农安县 德惠市
辽宁 大连 庄河市
山东 青岛 即墨区`)

// ours is how many of homes are of the city itself.
const ours = 10

// seats are where companies are registered.
var seats = places(`黑龙江 哈尔滨 -
黑龙江 双鸭山 -
黑龙江 佳木斯 -
黑龙江 牡丹江 -
黑龙江 大庆 -
吉林 长春 -
辽宁 沈阳 -
辽宁 大连 -
山东 济南 -
山东 青岛 -
江苏 南京 -
江苏 苏州 -
浙江 杭州 -
浙江 宁波 -
福建 厦门 -
福建 福州 -
广东 深圳 -
广东 广州 -
四川 成都 -
湖北 武汉 -
湖南 长沙 -
安徽 合肥 -
河南 郑州 -
陕西 西安 -
河北 唐山 -
? 北京 -
? 上海 -
? 天津 -
? 重庆 -`)

// places reads a province and a city a line, with its counties; - is the city
// itself.
func places(text string) (out []place) {
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		for _, county := range w[2:] {
			out = append(out, place{strings.Trim(w[0], "?"), w[1], strings.Trim(county, "-")})
		}
	}
	return out
}

// legals are legal forms with the forms that stand for them.
var legals = map[string][]string{
	"有限公司":     {"有限责任公司", "公司", "", "（有限）公司"},
	"有限责任公司":   {"有限公司", "公司", "责任有限公司", ""},
	"股份有限公司":   {"股份公司", "有限公司", "", "（股份）有限公司"},
	"集团有限公司":   {"集团", "集团公司", "有限公司", "（集团）有限公司"},
	"集团":       {"集团公司", "集团有限公司"},
	"集团股份有限公司": {"集团", "股份有限公司", "集团股份公司"},
	"合作社":      {"专业合作社", "农民专业合作社"},
}

// directions have opposites: a project in one is not the one in the other.
var directions = [][]string{
	strings.Fields("东区 西区 南区 北区"), strings.Fields("城东 城西 城南 城北"), strings.Fields("东部 西部 南部 北部"), strings.Fields("东片区 西片区 南片区 北片区"),
}
