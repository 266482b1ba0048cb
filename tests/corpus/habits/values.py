"""How people write a value: digits, units, dates, phones, blanks, doubts."""

from __future__ import annotations

from datetime import date
from typing import Any

from ..case import Case, by_key, dates, get, leaves
from ..people import landline, mobile, organisation_code
from .registry import habit

MONEY = (
    "registered_capital",
    "total_assets",
    "service_assets",
    "service_income",
    "service_profit",
    "uncontracted_fee",
    "contract_fee",
)
COUNTS = (
    "staff_count",
    "insured_staff_count",
    "qualified_staff_count",
    "equipment_count",
    "enterprises_served",
    "activities_held",
)
SHARES = ("equipment_asset_share", "owned_area_share")
PHONES = ("principal_phone", "contact_phone")
CODES = ("uscc", "email", "website", *PHONES)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def full_width(text: str) -> str:
    return text.translate(WIDE)


# --- digits and numerals ---------------------------------------------------------------------


@habit("fullwidth-digits", "digits, codes, dates, phones, e-mail in full width", "1346", count=3)
def fullwidth_digits(case: Case) -> None:
    keys = (*MONEY, *COUNTS, *SHARES, *CODES, "age", "no", "floor_area", "year")
    for pointer, _ in by_key(case, *keys):
        case.write(pointer, full_width(case.doc.values(pointer)[0].text))
    for pointer, iso in dates(case):
        y, m, d = (int(x) for x in iso.split("-"))
        case.write(pointer, full_width(f"{y}年{m}月{d}日"))


@habit("thousands", "thousands separators, half and full width", "14", count=3)
def thousands(case: Case) -> None:
    comma = case.rng.choice((",", "，"))
    for pointer, value in by_key(case, *MONEY, *COUNTS, "floor_area"):
        times = (10 if case.doc.annex == "1" else 100) if pointer.rsplit("/", 1)[-1] in MONEY else 1
        big = round(value * times, 2)
        case.write(pointer, f"{big:,}".replace(",", comma), big)


def chinese(value: int) -> str:
    """A whole number under 100 million in words: 1050 → 一千零五十."""
    if value >= 10000:
        high, low = divmod(value, 10000)
        return chinese(high) + "万" + (("零" if low < 1000 else "") + chinese(low) if low else "")
    text, zero = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, power)
        if digit:
            text += ("零" if zero and text else "") + "一二三四五六七八九"[digit - 1] + unit
            zero = False
        else:
            zero = True
    text = text or "零"
    return text[1:] if text.startswith("一十") else text


@habit("chinese-numerals", "numbers in words: 十三, 五百零八万元", "1", count=3)
def chinese_numerals(case: Case) -> None:
    for pointer, value in by_key(case, *COUNTS):
        case.write(pointer, chinese(value))
    for pointer, _ in by_key(case, "registered_capital", "total_assets"):
        whole = case.rng.choice((508, 320) if "capital" in pointer else (1050, 2000, 10500))
        case.write(pointer, chinese(whole) + case.rng.choice(("万元", "万元整", "万")), whole)


@habit("chinese-ages", "ages in words: 三十五岁", "3")
def chinese_ages(case: Case) -> None:
    for pointer, value in by_key(case, "age"):
        case.write(pointer, chinese(value) + case.rng.choice(("岁", "")))


# --- units ------------------------------------------------------------------------------------


@habit("unit-yuan", "amounts in 元 where the form asks 万元", "14", count=3)
def unit_yuan(case: Case) -> None:
    for pointer, value in by_key(case, *MONEY):
        yuan = round(value * 10000)
        shown = f"{yuan:,}元" if case.rng.random() < 0.5 else f"{yuan}元"
        case.write(pointer, shown, may=value == 0)


@habit("unit-wan", "amounts with their unit: 508.6万元, 508.6万", "14", count=2)
def unit_wan(case: Case) -> None:
    for pointer, value in by_key(case, *MONEY):
        case.write(
            pointer, f"{value}{case.rng.choice(('万元', '万', ' 万元', '万元整', '万元人民币'))}"
        )


@habit("unit-large", "amounts in 亿元 and 百万元", "1", count=3)
def unit_large(case: Case) -> None:
    case.write(
        "/registered_capital",
        *case.rng.choice((("1.2亿元", 12000), ("0.5亿", 5000), ("5百万元", 500))),
    )
    case.write("/total_assets", *case.rng.choice((("1.35亿元", 13500), ("2亿元", 20000))))
    case.write("/service_assets", *case.rng.choice((("3百万元", 300), ("0.12亿元", 1200))))


@habit("unit-yen-sign", "amounts with ￥ or ¥ and unit", "14", count=3)
def unit_sign(case: Case) -> None:
    for pointer, value in by_key(case, *MONEY):
        case.write(
            pointer, case.rng.choice(("￥{}", "¥{}", "￥{}万元", "人民币{}万元")).format(value)
        )


@habit(
    "unit-counts",
    "counts, ages, areas and shares with their unit: 13人, 35岁, 147台, 260㎡, 12％, 265家, 32场",
    "13",
    count=3,
)
def unit_counts(case: Case) -> None:
    units = {
        "staff_count": "人", "insured_staff_count": "名", "qualified_staff_count": "人", "equipment_count": "台",
        "enterprises_served": "家", "activities_held": "场", "floor_area": "㎡", "equipment_asset_share": "%",
        "owned_area_share": "％", "age": "岁",
    }  # fmt: skip
    for pointer, value in by_key(case, *units):
        case.write(pointer, f"{value}{units[pointer.rsplit('/', 1)[-1]]}")


@habit("loss-minus", "a loss with a minus sign, half or full width", "1", count=3)
def loss_minus(case: Case) -> None:
    case.write(
        "/operations/1/service_profit",
        case.rng.choice(("-12.5", "－12.5", "−12.5", "-12.5万元")),
        -12.5,
    )


@habit("loss-parenthesis", "a loss in parentheses: pointed at", "1", count=2)
def loss_parenthesis(case: Case) -> None:
    pointer = "/operations/1/service_profit"
    case.write(pointer, case.rng.choice(("(12.5)", "（12.5）")), -12.5, accept=(None,), must=True)


@habit("approximate", "约, 余, 多, 近, 左右: pointed at", "14", count=4)
def approximate(case: Case) -> None:
    ways = ("约{}", "{}余", "近{}", "{}左右", "{}多", "大约{}", "约{}万元", "{}万元左右")
    for i, (pointer, value) in enumerate(by_key(case, *MONEY)[:6]):
        case.write(
            pointer, ways[(i + case.rng.randint(0, 7)) % 8].format(value), accept=(None,), must=True
        )
    for i, (pointer, value) in enumerate(by_key(case, *COUNTS)[:4]):
        case.write(
            pointer, ways[(i + case.rng.randint(0, 5)) % 6].format(value), accept=(None,), must=True
        )


@habit("ranges", "a range where one number is asked: null and pointed at", "14", count=2)
def ranges(case: Case) -> None:
    for pointer, value in by_key(
        case, "registered_capital", "staff_count", "enterprises_served", "contract_fee"
    )[:4]:
        shown = f"{int(value)}{case.rng.choice(('-', '~', '～', '至', '—'))}{int(value) + 50}"
        case.write(pointer, shown, None, must=True)


@habit("foreign-currency", "another currency: null and pointed at", "1", count=2)
def foreign_currency(case: Case) -> None:
    for key in ("registered_capital", "total_assets"):
        case.write(
            "/" + key,
            case.rng.choice(("100万美元", "USD 500,000", "300万港元", "$120万", "80万欧元")),
            None,
            must=True,
        )


@habit(
    "half-people",
    "half a person, or words where a count is asked: null and pointed at",
    "13",
    count=2,
)
def half_people(case: Case) -> None:
    for pointer, _ in by_key(case, "staff_count", "insured_staff_count", "age")[:2]:
        case.write(
            pointer,
            case.rng.choice(("12.5人", "若干", "12.5", "见附表", "未统计")),
            None,
            must=True,
        )


# --- dates ------------------------------------------------------------------------------------

DIGITS = "〇一二三四五六七八九"


def chinese_date(y: int, m: int, d: int, zero: str = "〇") -> str:
    year = "".join(DIGITS[int(c)] for c in str(y)).replace("〇", zero)
    return f"{year}年{chinese(m)}月{chinese(d)}日"


def _date_habit(name: str, note: str, *patterns: str) -> None:
    @habit(name, note, "1345", count=2)
    def change(case: Case) -> None:
        for pointer, iso in dates(case):
            y, m, d = (int(part) for part in iso.split("-"))
            case.write(pointer, case.rng.choice(patterns).format(y=y, m=m, d=d, s=y % 100))


_date_habit(
    "date-dots", "2024.9.1, 2024.09.01", "{y}.{m}.{d}", "{y}.{m:02}.{d:02}", "{y}．{m}．{d}"
)
_date_habit(
    "date-short-year",
    "24.9.1, 24年9月1日",
    "{s:02}.{m}.{d}",
    "{s:02}年{m}月{d}日",
    "{s:02}/{m}/{d}",
)
_date_habit("date-slashes", "2024/9/1, 2024/09/01", "{y}/{m}/{d}", "{y}/{m:02}/{d:02}")
_date_habit("date-iso", "2024-09-01, 2024-9-1", "{y}-{m:02}-{d:02}", "{y}-{m}-{d}", "{y}－{m}－{d}")
_date_habit(
    "date-spaced",
    "2024 年 9 月 1 日, 2024年 9月1日",
    "{y} 年 {m} 月 {d} 日",
    "{y}年 {m}月{d}日",
    "{y}年　{m}月　{d}日",
)
_date_habit("date-compact", "20240901", "{y}{m:02}{d:02}")
_date_habit(
    "date-with-time",
    "2024-09-01 00:00:00, as pasted from a sheet",
    "{y}-{m:02}-{d:02} 00:00:00",
    "{y}/{m}/{d} 0:00",
)
_date_habit(
    "date-no-day-word", "2024年9月1, 2024年09月01号", "{y}年{m}月{d}", "{y}年{m:02}月{d:02}号"
)


@habit("date-chinese", "二〇二四年九月一日, 二零二四年, 二O二四年", "1345", count=3)
def date_chinese(case: Case) -> None:
    for pointer, iso in dates(case):
        y, m, d = (int(part) for part in iso.split("-"))
        case.write(pointer, chinese_date(y, m, d, case.rng.choice("〇零○Ｏ")))


@habit("date-year-month", "2020年8月, 2020.08, 2020-8: given as YYYY-MM", "1345", count=2)
def date_year_month(case: Case) -> None:
    for pointer, iso in dates(case)[:2]:
        y, m, _ = (int(part) for part in iso.split("-"))
        case.write(
            pointer,
            case.rng.choice(
                ("{y}年{m}月", "{y}.{m:02}", "{y}-{m:02}", "{y}/{m}", "{y} 年 {m} 月")
            ).format(y=y, m=m),
            iso[:7],
        )


@habit("date-impossible", "2024年2月30日, 2024.13.1: null and pointed at", "1345", count=2)
def date_impossible(case: Case) -> None:
    for pointer, _ in dates(case)[:2]:
        case.write(
            pointer,
            case.rng.choice(("2024年2月30日", "2024.13.1", "2023-02-29", "2024年9月31日")),
            None,
            must=True,
        )


@habit(
    "date-cells",
    "xlsx date cells and date serials in cells of General format",
    "1",
    "xlsx",
    count=3,
)
def date_cells(case: Case) -> None:
    for pointer in ("/established_on",):
        real = date.fromisoformat(get(case.data, pointer))
        typed = real if case.rng.random() < 0.5 else (real - date(1899, 12, 30)).days
        case.write(pointer, "x", typed=typed)


# --- codes, phones, addresses -------------------------------------------------------------------


@habit(
    "phones-several", "two numbers in a cell, parted by 、 / ； , a blank or a line", "146", count=4
)
def phones_several(case: Case) -> None:
    for pointer, value in by_key(case, *PHONES)[:3]:
        other = (
            mobile(case.rng) if value.startswith("0") else landline(case.rng, case.applicant.area)
        )
        mark = case.rng.choice(("、", "/", "；", "，", "  ", "\n", ";", "或"))
        both = f"{value}{mark}{other}"
        case.write(pointer, both, both, loose=True)


@habit("phones-extension", "an extension: -801, 转801, ext. 801", "146", count=3)
def phones_extension(case: Case) -> None:
    for pointer, _ in by_key(case, *PHONES)[:3]:
        shown = landline(case.rng, case.applicant.area) + case.rng.choice(
            ("-801", "转801", " 转 801", "ext.801")
        )
        case.write(pointer, shown, shown, loose=True)


@habit(
    "phones-shapes", "187 0000 2519, 187-0000-2519, +86, （0731）8935…, 0731—8935…", "146", count=4
)
def phones_shapes(case: Case) -> None:
    for pointer, _ in by_key(case, *PHONES)[:4]:
        cell, desk = mobile(case.rng), landline(case.rng, case.applicant.area)
        a, b = desk.split("-")
        shown = case.rng.choice(
            (
                f"{cell[:3]} {cell[3:7]} {cell[7:]}",
                f"{cell[:3]}-{cell[3:7]}-{cell[7:]}",
                f"+86 {cell}",
                f"（{a}）{b}",
                f"({a}){b}",
                f"{a}—{b}",
                f"{a} {b}",
                f"{a}－{b}",
            )
        )
        case.write(pointer, shown, shown, loose=True)


@habit("phones-scientific", "a phone become 1.38E+10 in text: null and pointed at", "146", count=2)
def phones_scientific(case: Case) -> None:
    for pointer, _ in by_key(case, *PHONES)[:2]:
        case.write(pointer, case.rng.choice(("1.38E+10", "1.87E+10", "1.5E+10")), None, must=True)
    case.truth.may.add("")


@habit(
    "phones-as-numbers",
    "phones in number cells: 18700002519 as an integer or a float",
    "146",
    "xlsx",
    paper=False,
    count=2,
)
def phones_as_numbers(case: Case) -> None:
    for pointer, _ in by_key(case, *PHONES)[:4]:
        number = mobile(case.rng)
        case.write(
            pointer, number, number, typed=int(number) if case.rng.random() < 0.5 else float(number)
        )


@habit("uscc-spaced", "the credit code in groups, or in small letters", "1", count=3)
def uscc_spaced(case: Case) -> None:
    code = case.data["uscc"]
    shown = case.rng.choice(
        (
            f"{code[:8]} {code[8:17]} {code[17:]}",
            code.lower(),
            " ".join(code[i : i + 6] for i in (0, 6, 12)),
        )
    )
    case.write("/uscc", shown, accept=(shown,), may=True)


@habit(
    "uscc-wrong-check", "a wrong check character: read as it stands, and pointed at", "1", count=2
)
def uscc_wrong_check(case: Case) -> None:
    code = case.data["uscc"]
    wrong = code[:-1] + next(c for c in "123456789" if c != code[-1])
    case.write("/uscc", wrong, wrong)
    case.truth.check.add("/uscc")


@habit(
    "uscc-wrong-length",
    "17 or 19 characters, or the old nine: read as it stands, and pointed at",
    "1",
    count=3,
)
def uscc_wrong_length(case: Case) -> None:
    code = case.data["uscc"]
    shown = case.rng.choice((code[:-1], code + "1", organisation_code(case.rng)))
    case.write("/uscc", shown, shown)
    case.truth.check.add("/uscc")


@habit(
    "uscc-as-number",
    "a code of digits only, made a number by the sheet (9.14301E+17): null and pointed at",
    "1",
    "xlsx",
    count=1,
    paper=False,
)
def uscc_as_number(case: Case) -> None:
    case.write(
        "/uscc", "9.14301E+17", None, must=True, typed=case.rng.choice(("9.14301E+17", 9.14301e17))
    )
    case.truth.may.update(("", "/institution_type"))


@habit(
    "email-shapes",
    "e-mail with ＠, a mailto:, or blanks inside; web address with http://",
    "1",
    count=3,
)
def email_shapes(case: Case) -> None:
    mail, web = case.data["email"], case.data["website"]
    case.write(
        "/email",
        case.rng.choice((mail.replace("@", "＠"), mail.replace("@", " @ "), full_width(mail))),
        accept=(mail.replace("@", " @ "),),
    )
    shown = "http://" + web + case.rng.choice(("/", "/index.html", ""))
    case.write("/website", shown, shown)


# --- blanks and ditto ----------------------------------------------------------------------------


@habit("blanks-slashes", "/ — —— in the place of nothing", "134", count=3)
def blanks_slashes(case: Case) -> None:
    _blanks(case, ("/", "—", "——", "／", "-", "－－"))


@habit(
    "blanks-words",
    "无 and 不适用 in number, date, phone and e-mail fields; in text null or the word",
    "134",
    count=3,
)
def blanks_words(case: Case) -> None:
    _blanks(case, ("无", "不适用"))


def _blanks(case: Case, marks: tuple[str, ...]) -> None:
    strict = (
        "email",
        "principal_phone",
        "contact_phone",
        "equipment_count",
        "uncontracted_fee",
        "contract_fee",
        "service_assets",
        "age",
        "established_on",
    )
    text = ("website", "title", "contract_term", "fee_relief", "position")
    for keys in (strict, text):
        found = by_key(case, *keys, full=False)
        for pointer, _ in case.rng.sample(found, min(4, len(found))):
            mark = case.rng.choice(marks)
            exact = mark in ("/", "—", "——")  # these are blanks everywhere
            accept: tuple[Any, ...] = (mark,) if keys is text and not exact else ()
            case.write(pointer, mark, None, accept=accept)
            case.truth.may.add(pointer.rpartition("/")[0] or pointer)  # what hangs together with it
            case.truth.may.add(pointer)


@habit("fields-left-empty", "a third of the fields left empty", "134", count=2)
def fields_left_empty(case: Case) -> None:
    keys = (
        "title",
        "position",
        "email",
        "website",
        "equipment_asset_share",
        "owned_area_share",
        "contact",
        "principal_phone",
        "fee_relief",
        "industry",
    )
    for pointer, _ in by_key(case, *keys):
        if case.rng.random() < 0.5:
            case.write(pointer, "", None, may=True)
            case.truth.may.add("/" + pointer.split("/")[1])  # what hangs together with it


@habit("ditto", "同上 and 〃 in a column: what stands above", "346", count=3)
def ditto(case: Case) -> None:
    keys = (
        "position",
        "education",
        "title",
        "industry",
        "service",
        "period",
        "fee_relief",
        "main_service",
    )
    for key in keys:
        column = by_key(case, key, full=False)
        if len(column) < 3 or case.rng.random() < 0.3:
            continue
        at = case.rng.randint(1, len(column) - 2)
        above = column[at - 1][0]
        if get(case.data, above) is None:
            case.write(above, "工程师", "工程师")
        mark = case.rng.choice(("同上", "〃"))
        for pointer, _ in column[at : at + case.rng.randint(1, 2)]:
            case.write(pointer, mark, get(case.data, above))


# --- prose ----------------------------------------------------------------------------------------


@habit("prose-over-limit", "简介 longer than 1000 characters: read, and pointed at", "1", count=1)
def prose_over_limit(case: Case) -> None:
    long = (case.data["profile"].replace("\n", "") * 12)[:1180]
    case.write("/profile", long, long)
    case.truth.check.add("/profile")


@habit("prose-line-breaks", "Shift+Enter breaks inside the prose", "1", "docx", count=2)
def prose_line_breaks(case: Case) -> None:
    for key in ("profile", "achievements"):
        case.write("/" + key, case.data[key])


@habit("prose-indented", "paragraphs begun with two full-width blanks", "1", count=2)
def prose_indented(case: Case) -> None:
    for key in ("profile", "achievements"):
        lines = case.data[key].split("\n")
        shown = "\n".join("　　" + line for line in lines)
        case.write("/" + key, shown, accept=(shown.strip("　"),))


@habit(
    "prose-with-labels",
    "prose that holds the form's own words: 注册资本, 联系电话：…, □",
    "1",
    count=2,
)
def prose_with_labels(case: Case) -> None:
    said = "联系电话：0731-80000003。机构名称变更于2019年，注册资本（万元）由100增至500。\n主要服务项目：数字化转型、技术创新等。填报日期：2023年1月1日。"
    for key in ("profile", "achievements"):
        text = case.data[key] + "\n" + said
        case.write("/" + key, text, text)


@habit(
    "prose-fullwidth",
    "full-width digits and Latin letters in prose and names: kept as typed",
    "14",
    count=2,
)
def prose_fullwidth(case: Case) -> None:
    for pointer, value in leaves(case.data):
        key = pointer.rsplit("/", 1)[-1]
        if key in ("address", "profile", "enterprise", "service") and isinstance(value, str):
            text = value.replace("1", "１").replace("2", "２") + (
                "（Ａ区）" if key == "address" else ""
            )
            case.write(pointer, text, text)


@habit(
    "reordered-years",
    "the later year in the first column of 近两年经营情况: given as it stands, or by year",
    "1",
    count=2,
)
def reordered_years(case: Case) -> None:
    first, second = (dict(entry) for entry in case.data["operations"])
    for key in first:
        a, b = f"/operations/0/{key}", f"/operations/1/{key}"
        case.write(a, str(second[key]), second[key], accept=(first[key],))
        case.write(b, str(first[key]), first[key], accept=(second[key],))
