"""What mails say, in English and Chinese: a subject and paragraphs, as Jinja templates each.

Every variable is a text on one line; `tracking`, `codes` and `items` are lists. A paragraph that
comes to nothing is left out. HTML is made of the same words, each escaped.
"""

from wms.notice.notice import Kind

# Of each language: the greeting, with the name and without, and the words at the end.
HELLO = {
    "en": "{% if name %}Dear {{ name }},{% else %}Hello,{% endif %}",
    "zh": "{% if name %}{{ name }}，您好：{% else %}您好：{% endif %}",
}
# Where a human can be asked, in every mail that brings no other page.
HELP = {
    "en": "{% if help %}Is something not right? Write to us here: {{ help }}{% endif %}",
    "zh": "{% if help %}如有问题，请在此联系我们：{{ help }}{% endif %}",
}
FAREWELL = {"en": "{{ shop }}", "zh": "{{ shop }}"}

_EN: dict[Kind, tuple[str, ...]] = {
    Kind.ACCEPTED: (
        "Your order {{ number }}",
        "Thank you, we have your order {{ number }}.",
        "{% if date %}We expect it to be with you by {{ date }}.{% endif %}",
        "{% if expected %}Some of it is on its way to us, expected on {{ expected }}.{% endif %}",
    ),
    Kind.SHIPPED: (
        "Your order {{ number }} is on its way",
        "Your order {{ number }} was handed over to the carrier.",
        "{% for one in tracking %}Tracking number: {{ one }}\n{% endfor %}",
    ),
    Kind.DELAYED: (
        "Your order {{ number }} will be later",
        "We are sorry: something of your order {{ number }} is not here yet.",
        "{% if expected %}We expect it on {{ expected }} and send your order then.{% endif %}",
    ),
    Kind.ARRIVING: (
        "Your order {{ number }} is arriving",
        "Your order {{ number }} arrives on {{ date }} between {{ earliest }} and {{ latest }}.",
        (
            "{% if tracking %}Tracking number{{ 's' if tracking | length > 1 }}: "
            "{{ tracking | join(', ') }}{% endif %}"
        ),
    ),
    Kind.DELIVERED: (
        "Your order {{ number }} was delivered",
        "A parcel of your order {{ number }} was delivered{% if date %} on {{ date }}{% endif %}.",
        "{% if tracking %}Tracking number: {{ tracking | join(', ') }}{% endif %}",
    ),
    Kind.CANCELLED: (
        "Your order {{ number }} was cancelled",
        "Your order {{ number }} was cancelled. Nothing of it will be sent.",
    ),
    Kind.ADDRESS: (
        "Please check the address of your order {{ number }}",
        "We are not sure that a parcel finds you at the address of your order {{ number }}.",
        "Please look at it here: {{ link }}",
        "{% if date %}Your order waits for you until {{ date }}.{% endif %}",
    ),
    Kind.REFUND: (
        "Money back for your order {{ number }}",
        "You have paid more for order {{ number }} than what we send of it costs.",
        "You are to get that back{% if amount %}: {{ amount }}{% endif %}.",
    ),
    Kind.DIGITAL: (
        "Your order {{ number }}: your codes",
        "Here is what you bought with order {{ number }}.",
        (
            "{% for one in codes %}{{ one.name }}: {{ one.code }}"
            "{% if one.until %} (valid until {{ one.until }}){% endif %}\n{% endfor %}"
        ),
    ),
    Kind.DIGITAL_REVOKED: (
        "Your order {{ number }}: a code is no longer valid",
        "A code of your order {{ number }} was taken back: {{ items | join(', ') }}.",
        "{% if reason %}Reason: {{ reason }}{% endif %}",
    ),
    Kind.HANDOFF: (
        "An answer about your order {{ number }}",
        "You asked us about your order {{ number }}. This is our answer:",
        "{% for one in answer.lines %}{{ one }}\n{% endfor %}",
    ),
}
_ZH: dict[Kind, tuple[str, ...]] = {
    Kind.ACCEPTED: (
        "您的订单 {{ number }}",
        "感谢您的订购，我们已收到订单 {{ number }}。",
        "{% if date %}预计{{ date }}前送达。{% endif %}",
        "{% if expected %}部分商品正在补货途中，预计{{ expected }}到货。{% endif %}",
    ),
    Kind.SHIPPED: (
        "您的订单 {{ number }} 已发货",
        "订单 {{ number }} 已交给承运商。",
        "{% for one in tracking %}运单号：{{ one }}\n{% endfor %}",
    ),
    Kind.DELAYED: (
        "您的订单 {{ number }} 将延迟",
        "非常抱歉，订单 {{ number }} 中有商品尚未到货。",
        "{% if expected %}预计{{ expected }}到货，届时立即发出。{% endif %}",
    ),
    Kind.ARRIVING: (
        "您的订单 {{ number }} 即将送达",
        "订单 {{ number }} 预计于{{ date }} {{ earliest }} 至 {{ latest }} 之间送达。",
        "{% if tracking %}运单号：{{ tracking | join('、') }}{% endif %}",
    ),
    Kind.DELIVERED: (
        "您的订单 {{ number }} 已送达",
        "订单 {{ number }} 的包裹已{% if date %}于{{ date }}{% endif %}送达。",
        "{% if tracking %}运单号：{{ tracking | join('、') }}{% endif %}",
    ),
    Kind.CANCELLED: (
        "您的订单 {{ number }} 已取消",
        "订单 {{ number }} 已取消，不会再发出任何商品。",
    ),
    Kind.ADDRESS: (
        "请核对订单 {{ number }} 的收货地址",
        "我们不确定包裹能否送达订单 {{ number }} 所填的地址。",
        "请在此核对：{{ link }}",
        "{% if date %}订单将为您保留至{{ date }}。{% endif %}",
    ),
    Kind.REFUND: (
        "订单 {{ number }} 的退款",
        "您为订单 {{ number }} 支付的金额高于实际发出商品的金额。",
        "差额将退还给您{% if amount %}：{{ amount }}{% endif %}。",
    ),
    Kind.DIGITAL: (
        "您的订单 {{ number }}：兑换码",
        "以下是您在订单 {{ number }} 中购买的内容。",
        (
            "{% for one in codes %}{{ one.name }}：{{ one.code }}"
            "{% if one.until %} （有效期至{{ one.until }}）{% endif %}\n{% endfor %}"
        ),
    ),
    Kind.DIGITAL_REVOKED: (
        "您的订单 {{ number }}：有兑换码已失效",
        "订单 {{ number }} 的兑换码已被收回：{{ items | join('、') }}。",
        "{% if reason %}原因：{{ reason }}{% endif %}",
    ),
    Kind.HANDOFF: (
        "关于您的订单 {{ number }} 的答复",
        "您就订单 {{ number }} 联系了我们，以下是我们的答复：",
        "{% for one in answer.lines %}{{ one }}\n{% endfor %}",
    ),
}
WORDS = {"en": _EN, "zh": _ZH}
