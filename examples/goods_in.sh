#!/bin/sh
# Announces teapots, takes them in, puts them away and asks for a count:
#     KEY=sk_… BADGE=B-02 PIN=… examples/goods_in.sh [http://127.0.0.1:8080]
#
# The badge is a planner's. Run it twice and nothing happens twice.
set -eu

: "${KEY:?make one first: ./run key create --shop NAME}"
: "${BADGE:?enter a planner first: ./run staff add --role planner}"
: "${PIN:?staff add printed it}"
api=${1:-http://127.0.0.1:8080}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
run=$(date +%s)-$$

# post PATH TOKEN IDEMPOTENCY-KEY BODY
post() {
    curl --silent --show-error --fail-with-body "$api$1" \
        --header "Authorization: Bearer $2" \
        --header "Content-Type: application/json" \
        --header "Idempotency-Key: $3" \
        --data "$4"
}

# The number or the word that a JSON answer has under its first such name.
field() {
    sed 's/"'"$1"'":"\{0,1\}\([^",}]*\).*/\n\1/; s/.*\n//'
}

# What a handheld sends: scan STEP input|action WHAT; the next screen comes back.
scan() {
    post /handheld/scans "$token" "$run-$1" "{\"id\": \"$run-$1\", \"$2\": \"$3\"}"
}

shipment=$(post /v1/inbound-shipments "$KEY" first-shipment "@$here/inbound.json" | field id)
printf 'announced: shipment %s\n' "$shipment" >&2

token=$(post /handheld/sessions "" sign-in \
    "{\"badge\": \"$BADGE\", \"pin\": \"$PIN\", \"device\": \"example\"}" | field token)

post "/v1/inbound-shipments/$shipment/receipts" "$token" first-receipt "@$here/receipt.json" \
    >/dev/null
printf 'received\n' >&2

# As somebody with a handheld does it: go there, scan one, bring them to where the screen says.
screen=$(scan start action move)
round=0
while [ "$(printf '%s' "$screen" | field step)" = from ]; do
    round=$((round + 1))
    scan "$round-from" input "$(printf '%s' "$screen" | field target)" >/dev/null
    bin=$(scan "$round-item" input 9520000000042 | field target)
    screen=$(scan "$round-to" input "$bin")
    printf 'put away: %s\n' "$bin" >&2
done
scan end action menu >/dev/null

count=$(post /v1/counts "$token" first-count "@$here/count.json" | field id)
printf 'asked for: count %s\n' "$count" >&2

curl --silent --show-error --fail-with-body "$api/v1/inventory/levels" \
    --header "Authorization: Bearer $KEY"
echo
