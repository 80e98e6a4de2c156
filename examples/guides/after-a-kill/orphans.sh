#!/bin/sh
# Lists the certificates that a control plane in Konnect trusts and no state knows.
#
#   KONNECT_TOKEN=... KONNECT_SERVER_URL=https://eu.api.konghq.com \
#     sh orphans.sh CONTROL_PLANE_ID KNOWN.json...
#
# Each KNOWN.json is the output of "terraform output -json trusted_certificates_pem"
# in one of the configurations that upload to this control plane. Leave none out.
# One line for each orphan: ID, title, and when it was uploaded. Needs curl and jq.
set -eu
control_plane=$1
shift
for known in "$@"; do
  [ -s "$known" ] || { echo "orphans.sh: $known is empty or missing: every upload would look like an orphan" >&2; exit 2; }
done
[ $# -gt 0 ] || { echo "orphans.sh: name at least one file of known certificates" >&2; exit 2; }

uploaded=$(printf 'header = "Authorization: Bearer %s"\n' "$KONNECT_TOKEN" |
  curl --fail --silent --show-error --config - \
    "$KONNECT_SERVER_URL/v2/control-planes/$control_plane/dp-client-certificates")

# Certificates are compared without line breaks, since not everybody keeps those.
cat "$@" | jq --slurp --raw-output --argjson uploaded "$uploaded" '
  def certificates: [scan("-----BEGIN CERTIFICATE-----([^-]+)")[0] | gsub("\\s"; "")];
  ([.. | strings | certificates[]]) as $known
  | $uploaded.items[]
  | select(.cert | certificates | all(IN($known[])) | not)
  | [.id, .title // "-", (.created_at | todate)] | @tsv'
