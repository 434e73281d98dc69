"""The words of buyers' pages, in English and Chinese."""

from wms.language import LANGUAGES

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Check your delivery address",
        "lead": "Your parcel is waiting. We were not sure that it would reach you at the address "
        "on your order, so please have a look at it.",
        "order": "Order",
        "wrong": "Please look at what is marked.",
        "name": "Name",
        "lines": "Street and house number",
        "lines_hint": "One line each, at most five",
        "district": "District",
        "city": "Town or city",
        "region": "State or province",
        "postal_code": "Postal code",
        "country": "Country",
        "phone": "Telephone, for the driver",
        "optional": "optional",
        "confirm": "This is right as it stands",
        "confirm_hint": "Some addresses are unusual. If you are sure, we send the parcel there.",
        "send": "Save the address",
        "ask": "Something else? Ask a human",
        "after": "Your parcel goes on as soon as you have saved it. Nothing else of your order "
        "changes.",
        "done_title": "Thank you",
        "done": "The address of your order is settled. There is nothing more to do.",
        "expired_title": "This link has expired",
        "expired": "Please write to the shop where you ordered; they can change the address.",
        "gone_title": "It is too late for this link",
        "gone": "Your parcel is packed and on its way already, or the order was cancelled. The "
        "shop where you ordered knows more.",
        "unknown_title": "This link does not work",
        "unknown": "A part of it may be missing. Open it from the message again, or write to the "
        "shop where you ordered.",
    },
    "zh": {
        "title": "请核对收货地址",
        "lead": "您的包裹正在等待发出。我们不确定订单上的地址能否送达，请您核对。",
        "order": "订单",
        "wrong": "请查看标出的内容。",
        "name": "收件人",
        "lines": "详细地址（街道、门牌号）",
        "lines_hint": "每行一条，最多五行",
        "district": "区/县",
        "city": "城市",
        "region": "省/州",
        "postal_code": "邮政编码",
        "country": "国家或地区",
        "phone": "联系电话（供派送员使用）",
        "optional": "选填",
        "confirm": "地址无误，请按此发货",
        "confirm_hint": "有些地址比较特殊。如果您确定无误，我们就发往此处。",
        "send": "保存地址",
        "ask": "还有其他问题？联系人工客服",
        "after": "保存后，包裹将立即继续处理，订单其他内容不变。",
        "done_title": "谢谢",
        "done": "您的订单地址已确认，无需再做任何操作。",
        "expired_title": "链接已过期",
        "expired": "请联系您下单的商店，由商店为您修改地址。",
        "gone_title": "链接已失效",
        "gone": "您的包裹已经打包发出，或订单已取消。详情请咨询您下单的商店。",
        "unknown_title": "链接无效",
        "unknown": "链接可能不完整。请从收到的消息中重新打开，或联系您下单的商店。",
    },
}

FINDINGS: dict[str, dict[str, str]] = {
    "en": {
        "unreadable": "We cannot read this.",
        "placeholder": "This does not look like a street.",
        "unknown_country": "We do not know this country.",
        "postal_code_missing": "Addresses there have a postal code.",
        "postal_code_form": "Postal codes there are written otherwise.",
        "postal_code_elsewhere": "This postal code lies in another state or province.",
        "house_number_missing": "The number of the house is missing.",
        "invalid": "This is empty, too long, or has characters that nobody can read.",
    },
    "zh": {
        "unreadable": "无法识别此内容。",
        "placeholder": "这不像是街道地址。",
        "unknown_country": "未知的国家或地区。",
        "postal_code_missing": "该地区的地址需要邮政编码。",
        "postal_code_form": "邮政编码格式不正确。",
        "postal_code_elsewhere": "该邮政编码属于其他省或州。",
        "house_number_missing": "缺少门牌号。",
        "invalid": "内容为空、过长，或含有无法识别的字符。",
    },
}

# Where nothing is left to mend, and there may be something to ask.
SETTLED = ("link_settled", "order_gone", "parcel_gone")
# Which page a refused link is answered with.
NOTICES = {
    "unknown_link": ("unknown", 404),
    "link_expired": ("expired", 410),
    "link_settled": ("done", 200),
    "order_gone": ("gone", 410),
    "parcel_gone": ("gone", 410),
}


def language_of(asked: str | None, accepted: str | None, otherwise: str) -> str:
    """The language that was asked for, else the first that the browser takes, else the order's."""
    wishes = [asked or ""]
    wishes += [part.partition(";")[0] for part in (accepted or "").split(",")]
    for wish in (*wishes, otherwise):
        found = wish.strip().lower().partition("-")[0]
        if found in LANGUAGES:
            return found
    return LANGUAGES[0]
