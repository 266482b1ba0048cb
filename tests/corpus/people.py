"""Invented applicants: everything the six annexes say of one institution, consistent and seeded.

Place names and administrative codes are real; companies, people, codes and numbers are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
KINDS = (
    "数字化转型",
    "技术创新",
    "品牌提升",
    "融资促进",
    "创业创新",
    "知识产权保护",
    "政务服务",
    "市场开拓",
    "其它服务",
)
TYPES = ("事业单位", "民非组织", "社会团体", "私人企业", "国有企业", "其他企业")
PREMISES = ("租用", "自有")

COUNTIES = (
    ("长沙市", "岳麓区", "430104", "0731"), ("长沙市", "芙蓉区", "430102", "0731"),
    ("长沙市", "雨花区", "430111", "0731"), ("长沙市", "浏阳市", "430181", "0731"),
    ("长沙市", "长沙县", "430121", "0731"), ("株洲市", "天元区", "430211", "0731"),
    ("株洲市", "醴陵市", "430281", "0731"), ("湘潭市", "岳塘区", "430304", "0731"),
    ("衡阳市", "蒸湘区", "430408", "0734"), ("邵阳市", "大祥区", "430503", "0739"),
    ("岳阳市", "平江县", "430626", "0730"), ("常德市", "武陵区", "430702", "0736"),
    ("张家界市", "永定区", "430802", "0744"), ("益阳市", "赫山区", "430903", "0737"),
    ("郴州市", "北湖区", "431002", "0735"), ("永州市", "冷水滩区", "431103", "0746"),
    ("怀化市", "鹤城区", "431202", "0745"), ("娄底市", "娄星区", "431302", "0738"),
)  # fmt: skip
SURNAMES = "麻粟谷符殷邬田罗谌谭晏米卜游滕储廖聂舒邓易向瞿彭龚戴"
GIVEN = (
    "潇秋",
    "朔梦",
    "禾波",
    "筱燕",
    "煜强",
    "雅",
    "栖敏",
    "榆瑶",
    "峥瑶",
    "霁敏",
    "琪",
    "筠霞",
    "洲",
    "澧斌",
    "昀怡",
    "沅敏",
    "榆宇",
    "屿军",
    "砚悦",
    "烨宇",
    "澄宁",
    "峤霞",
    "旻昊",
    "楚楠",
    "岚清",
    "亦辰",
    "书屹",
    "云舟",
)
BRANDS = (
    "青穗桥",
    "瓷岸舟",
    "橘洲云",
    "沅澧汇",
    "岳麓帆",
    "湘江桨",
    "雪峰岭",
    "九嶷星",
    "莽山溪",
    "洣水源",
    "浏河湾",
    "芷兰台",
    "云阳渡",
    "壶瓶山",
    "资水岸",
    "东江雾",
)
FIELDS = {
    "数字化转型": "企业数字化服务", "技术创新": "技术创新服务", "品牌提升": "品牌策划", "融资促进": "金融信息服务",
    "创业创新": "创业孵化服务", "知识产权保护": "知识产权服务", "政务服务": "政务信息咨询",
    "市场开拓": "市场拓展服务", "其它服务": "法律政策咨询",
}  # fmt: skip
SUFFIX = {
    "事业单位": ("12", "中心"), "民非组织": ("52", "中心"), "社会团体": ("51", "协会"),
    "私人企业": ("91", "有限公司"), "国有企业": ("91", "有限责任公司"), "其他企业": ("91", "股份有限公司"),
}  # fmt: skip
POSITIONS = (
    "主任",
    "副主任",
    "总经理",
    "副总经理",
    "部长",
    "项目经理",
    "咨询师",
    "综合干事",
    "会计",
    "服务专员",
    "工程师",
)
EDUCATIONS = ("博士研究生", "硕士研究生", "本科", "大学本科", "大专", "中专")
TITLES = (
    "高级经济师",
    "初级会计",
    "知识产权师",
    "高级工程师",
    "工程师",
    "助理工程师",
    "中级会计师",
    "人力资源管理师（中级）",
    "经济师",
)
INDUSTRIES = (
    "生物医药",
    "现代农业",
    "食品加工",
    "文化旅游",
    "纺织服装",
    "陶瓷",
    "烟花爆竹",
    "装备制造",
    "电子信息",
    "新材料",
)
COMPANIES = (
    "机械制造有限公司",
    "食品有限公司",
    "瓷业有限公司",
    "服饰有限公司",
    "信息技术有限公司",
    "商贸有限公司",
    "建材有限责任公司",
    "新材料科技有限公司",
    "电子有限公司",
)
SYLLABLES = "堃纬宸澈润茗通瑞栩禾璟科隆湜创昱垚恒泽翎朗沛"
SERVICES = (
    "研发费用加计扣除辅导",
    "技术成果转化对接",
    "高新技术企业申报辅导",
    "产品检测与工艺改进",
    "产学研合作撮合",
    "数字化诊断",
    "上云用云培训",
    "商标注册与维权",
    "银企对接",
    "专精特新申报辅导",
)
RELIEFS = ("按8折收取", "减免0.5万元", "优惠20%", "免费", "减免1万元", "全额减免")
MOBILES = ("13800", "13900", "15000", "16600", "17300", "18700", "19900")


def organisation_code(rng: Random, start: str = "") -> str:
    """Nine characters of GB 11714, the last its check character."""
    body = start + "".join(rng.choice(ALPHABET) for _ in range(8 - len(start)))
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    total = sum(digits.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    check = (11 - total % 11) % 11
    return body + ("X" if check == 10 else str(check))


def uscc(rng: Random, prefix: str, region: str) -> str:
    """Eighteen characters of GB 32100 with both check characters right."""
    body = prefix + region + organisation_code(rng, "MA" if prefix == "91" else "MJ")
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


def person(rng: Random) -> str:
    return rng.choice(SURNAMES) + rng.choice(GIVEN)


def mobile(rng: Random) -> str:
    return rng.choice(MOBILES) + f"{rng.randint(0, 9999):06d}"


def landline(rng: Random, area: str) -> str:
    """Eight digits where the area has them, seven elsewhere."""
    return f"{area}-8{rng.randint(1000000, 9999999) if area == '0731' else rng.randint(100000, 999999)}"


def money(rng: Random, low: float, high: float) -> float | int:
    """An amount in 万元 with 0–2 decimals, whole numbers as int."""
    value = round(rng.uniform(low, high), rng.choice((0, 1, 2, 2)))
    return int(value) if value == int(value) else value


@dataclass(frozen=True)
class Applicant:
    """`annexes`: `{"1": {...}, … "6": {...}}` in the shape of the contract."""

    annexes: dict[str, dict[str, Any]]
    city: str
    area: str


def applicant(rng: Random, staff: int = 0, clients: int = 0, nominees: int = 0) -> Applicant:
    """Invent one institution; the counts are chosen where they are 0."""
    city, county, region, area = rng.choice(COUNTIES)
    kind, form, brand = rng.choice(KINDS), rng.choice(TYPES), rng.choice(BRANDS)
    prefix, suffix = SUFFIX[form]
    name = rng.choice((city, county)) + brand + FIELDS[kind] + suffix
    year = rng.choice((2024, 2025))
    filled = date(year, 9, rng.randint(1, 30))
    staff_rows = _staff(rng, staff or rng.randint(10, 15))
    client_rows = _clients(rng, clients or rng.randint(5, 9), city, year - 1)
    head = {"organisation": name, "filled_on": filled.isoformat()}
    one = _application(
        rng,
        name,
        kind,
        form,
        uscc(rng, prefix, region),
        city,
        county,
        area,
        filled,
        brand,
        staff_rows,
    )
    return Applicant(
        annexes={
            "1": one,
            "2": {"organisation": name, **_report(rng, one)},
            "3": {**head, "staff": staff_rows},
            "4": {**head, "clients": client_rows},
            "5": {"applicant": name, "sealed": None, "signed": None, "dated": filled.isoformat(), "text_intact": True},
            "6": {"organisation": f"{city}工业和信息化局", "nominees": _nominees(rng, one, nominees or rng.randint(2, 8))},
        },
        city=city,
        area=area,
    )  # fmt: skip


def _application(
    rng: Random, name: str, kind: str, form: str, code: str, city: str, county: str, area: str,
    filled: date, brand: str, staff: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    head, second = staff[0]["name"], staff[1]["name"]
    site = f"s{rng.randint(10, 99)}svc.example.com"
    place = rng.choice(("自有", "租用"))
    total = money(rng, 600, 3000)
    capital = money(rng, 100, 1000)
    established = date(rng.randint(2008, 2020), rng.randint(1, 12), rng.randint(1, 28))
    floor = rng.choice((260, 320.5, 486, 1200, 750.8))
    served = rng.randint(60, 400)
    return {
        "applicant": name,
        "filled_on": filled.isoformat(),
        "name": name,
        "institution_type": form,
        "uscc": code,
        "address": f"{city}{county}{rng.choice(('金洲大道', '麓谷大道', '文昌路', '建设北路'))}{rng.randint(1, 399)}号{brand}{rng.choice(('大厦', '科技园'))}{rng.randint(1, 9)}栋",
        "county": county,
        "legal_representative": head,
        "established_on": established.isoformat(),
        "principal": head if rng.random() < 0.5 else second,
        "principal_phone": mobile(rng),
        "contact": staff[2]["name"],
        "contact_phone": landline(rng, area) if rng.random() < 0.5 else mobile(rng),
        "email": f"{rng.choice(('office', 'service', 'info'))}@{site}",
        "website": f"www.{site}",
        "staff_count": len(staff),
        "insured_staff_count": sum(1 for row in staff if row["insured"]),
        "qualified_staff_count": sum(1 for row in staff if qualified(row)),
        "registered_capital": capital,
        "total_assets": total,
        "service_assets": money(rng, 110, 500),
        "equipment_count": rng.randint(20, 200),
        "equipment_asset_share": rng.choice((12, 35.2, 8.5, 20)),
        "floor_area": floor,
        "premises": [place],
        "owned_area_share": 100 if place == "自有" else 0,
        "profile": _profile(rng, name, kind, city, established, floor),
        "main_service": kind,
        "achievements": _achievements(rng, kind, filled.year),
        "operations": [
            {
                "year": filled.year - 2 + i,
                "service_income": money(rng, 300, 950),
                "service_profit": money(rng, 20, 160),
                "enterprises_served": served + 20 * i,
                "activities_held": rng.randint(20, 80),
            }
            for i in range(2)
        ],
        "recommendation": {
            "opinion": rng.choice(("同意推荐。", "经初审，申报材料真实完整，同意推荐。")),
            "dated": (filled + timedelta(days=rng.randint(16, 30))).isoformat(),
        },
    }


def qualified(row: dict[str, Any]) -> bool:
    title = row["title"] or ""
    return (
        "研究生" in row["education"]
        or "本科" in row["education"]
        or any(word in title for word in ("高级", "中级", "经济师", "知识产权师"))
        or title == "工程师"
    )


def _staff(rng: Random, count: int) -> list[dict[str, Any]]:
    names: list[str] = []
    while len(names) < count:
        name = person(rng)
        if name not in names or len(names) >= len(SURNAMES) * len(GIVEN) // 2:
            names.append(name)
    return [
        {
            "no": i + 1,
            "name": name,
            "age": rng.randint(23, 57),
            "position": rng.choice(POSITIONS),
            "education": rng.choice(EDUCATIONS[:4]) if i % 4 else rng.choice(EDUCATIONS),
            "title": rng.choice(TITLES) if rng.random() < 0.75 else None,
            "insured": i < 4 or rng.random() < 0.85,
        }
        for i, name in enumerate(names)
    ]


def _clients(rng: Random, count: int, city: str, year: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    names: set[str] = set()
    for i in range(count):
        name = ""
        while not name or name in names:
            name = (
                rng.choice((city, "湖南"))
                + "".join(rng.sample(SYLLABLES, 2))
                + rng.choice(COMPANIES)
            )
        names.add(name)
        start = rng.randint(1, 9)
        end = start + rng.randint(1, 3)
        signed = rng.random() < 0.5
        own = rng.random() < 0.75
        rows.append(
            {
                "no": i + 1,
                "enterprise": name,
                "industry": rng.choice(INDUSTRIES),
                "service": rng.choice(SERVICES),
                "period": f"{year}.{start}-{year}.{end}",
                "by_self": own,
                "by_partner": not own,
                "uncontracted_fee": None if signed else rng.choice((0, 0.5, 0.8, 2, 1.25)),
                "contract_fee": rng.choice((1.5, 2, 3.8, 5, 8.6, 12)) if signed else None,
                "contract_term": f"{year}.{start}.1-{year}.{end}.30" if signed else None,
                "fee_relief": rng.choice(RELIEFS),
                "contact": person(rng),
                "contact_phone": mobile(rng),
            }
        )
    return rows


def _nominees(rng: Random, one: dict[str, Any], count: int) -> list[dict[str, Any]]:
    rows = [{k: one[k] for k in ("name", "contact", "contact_phone", "main_service")}]
    while len(rows) < count:
        city, county, _code, area = rng.choice(COUNTIES)
        kind = rng.choice(KINDS)
        name = (
            rng.choice((city, county))
            + rng.choice(BRANDS)
            + FIELDS[kind]
            + SUFFIX[rng.choice(TYPES)][1]
        )
        if any(row["name"] == name for row in rows):
            continue
        phone = mobile(rng) if rng.random() < 0.6 else landline(rng, area)
        rows.append(
            {"name": name, "contact": person(rng), "contact_phone": phone, "main_service": kind}
        )
    return [{"no": i + 1, **row} for i, row in enumerate(rows)]


def _profile(rng: Random, name: str, kind: str, city: str, founded: date, floor: float) -> str:
    sentences = [
        f"{name}成立于{founded.year}年，注册地位于{city}，是一家面向中小微企业开展{kind}服务的专业服务机构。",
        f"现有办公及服务场地{floor}平方米，设有综合部、服务部、技术部、市场部等内设机构，配备培训教室、路演厅和洽谈室。",
        "始终坚持“企业有需求、服务有回应”的宗旨，建立了服务受理、任务分派、过程跟踪、满意度回访的闭环流程。",
        "重视人才培养，每年组织内部培训不少于20场次，建立了与服务质量挂钩的薪酬激励机制。",
        f"依托自主开发的“{name[3:6]}云服务”系统（V3.2版），注册企业用户超过2,600家。",
        "财务制度健全，近三年无违法违规、失信及被列入经营异常名录等情况，依法为员工缴纳社会保险。",
    ]
    chosen = [sentences[0], *rng.sample(sentences[1:], rng.randint(3, 5))]
    return (
        "".join(chosen)
        if rng.random() < 0.6
        else "\n".join(["".join(chosen[:2]), "".join(chosen[2:])])
    )


def _achievements(rng: Random, kind: str, year: int) -> str:
    sentences = [
        f"建立企业诉求快速响应机制，{year - 1}年受理企业诉求{rng.randint(100, 400)}件，办结率100%，平均办理时限2.6个工作日。",
        f"累计培育省级专精特新中小企业{rng.randint(3, 20)}家、创新型中小企业36家，带动就业1,500余人。",
        "承办了“一起益企”“中小企业服务月”“创客湖南”等公共性服务活动17场，受到主管部门和企业的好评。",
        "典型案例一：为某装备制造企业提供诊断与实施方案，帮助企业生产效率提升18%，单位产品能耗下降7.5%。",
        "典型案例二：协助某食品加工企业完成申报材料的梳理和辅导，企业当年新增销售收入1260万元。",
        "其中公益性活动占比超过40%，为45家小微企业减免服务费用合计93万元。",
    ]
    first = f"{year - 2}年至{year - 1}年，共开展各类{kind}服务活动{rng.randint(20, 70)}场次，参加企业{rng.randint(100, 400)}家次，培训人员3,800余人次。"
    return "\n".join([first, *rng.sample(sentences, rng.randint(2, 4))])


def _report(rng: Random, one: dict[str, Any]) -> dict[str, Any]:
    name, kind, year = one["name"], one["main_service"], int(one["filled_on"][:4])
    parts = {
        "background": [
            f"{name}成立于{one['established_on'][:4]}年，住所地为{one['address']}，法定代表人{one['legal_representative']}。",
            f"现有专职服务人员{one['staff_count']}人，其中本科及以上学历或中级以上技术职称专业人员{one['qualified_staff_count']}人。",
            f"发展目标：立足本地、服务全省，力争三年内成为在{kind}领域有影响力的专业服务机构。",
        ],
        "management": [
            "先后制定了《服务管理办法》《收费公示制度》《投诉处理办法》等12项制度，做到有章可循。",
            "服务流程分为需求登记、方案制定、组织实施、跟踪回访四个环节，全部线上留痕。",
            "每季度开展一次能力提升培训，对年度优秀员工给予奖励。",
        ],
        "services": [
            f"{year - 2}年以来，共为{one['operations'][1]['enterprises_served']}家中小微企业提供{kind}服务，服务方式包括上门诊断、专题培训和线上咨询。",
            "收费坚持公益性与市场化相结合，公益服务占比不低于40%，其余按公示标准的8折收取。",
        ],
        "achievements": [
            "典型案例：协助湖南某瓷业企业完成产线改造，生产效率提升18%，当年新增销售收入1260万元。",
            f"累计辅导{rng.randint(3, 20)}家企业通过省级专精特新中小企业认定，自测服务满意度98.6%。",
        ],
        "support": [
            f"{year - 1}年获得市级中小企业发展专项资金支持30万元，全部用于服务平台升级。",
            "连续两年被评为市级中小企业服务先进单位。",
        ],
        "plans": [
            f"{year - 1}年，完成年初确定的各项任务，开展活动{one['operations'][1]['activities_held']}场，服务收入{one['operations'][1]['service_income']}万元。",
            f"{year}年，计划新增服务企业100家，组织培训20场，完善线上服务系统。",
        ],
    }  # fmt: skip
    return {key: "\n".join(lines[: rng.randint(2, len(lines))]) for key, lines in parts.items()}
