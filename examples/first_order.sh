#!/bin/sh
# Sends an order, pays it, and reads it back: KEY=sk_… examples/first_order.sh [http://127.0.0.1:8080]
#
# Run it twice and nothing happens twice: the Idempotency-Key gets the first answer again.
set -eu

: "${KEY:?make one first: ./run key create --shop NAME}"
api=${1:-http://127.0.0.1:8080}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

post() {
    curl --silent --show-error --fail-with-body "$api$1" \
        --header "Authorization: Bearer $KEY" \
        --header "Content-Type: application/json" \
        --header "Idempotency-Key: $2" \
        --data "@$here/$3"
}

order=$(post /v1/orders first-order order.json)
id=$(printf '%s' "$order" | sed 's/^{"id":\([0-9]*\),.*/\1/')
printf 'accepted: order %s\n' "$id" >&2

post "/v1/orders/$id/payments" first-payment payment.json >/dev/null
printf 'paid\n' >&2

curl --silent --show-error --fail-with-body "$api/v1/orders/$id" \
    --header "Authorization: Bearer $KEY"
echo
