#!/usr/bin/env bash
# Third-party clients of KIS, unchanged but for their addresses, against `gwanmun emulate kis`: tests/clients/run.sh PROGRAM
#
# Each client is installed from PyPI into its own virtual environment (python-kis and pykis both install a package called
# `pykis`), which is kept in $CLIENT_VENVS, target/clients by default. A server of its own is started for each. The
# vendor's own samples are on GitHub only, not on PyPI: samples_rules.py asserts the rules that they depend on.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:?usage: run.sh PROGRAM}")
venvs=${CLIENT_VENVS:-"$here/../../target/clients"}
python=${PYTHON:-python3}
scratch=$(mktemp -d)
server=

stop() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
        server=
    fi
}
trap 'stop; rm -rf "$scratch"' EXIT

# venv NAME PACKAGE...: made once, and again when the packages change.
venv() {
    local name=$1
    shift
    local made="$venvs/$name/made-of"
    if [ "$(cat "$made" 2>/dev/null)" != "$*" ]; then
        rm -rf "${venvs:?}/$name"
        "$python" -m venv "$venvs/$name"
        "$venvs/$name/bin/pip" install --quiet --disable-pip-version-check "$@"
        printf '%s' "$*" >"$made"
    fi
}

# trial NAME SCRIPT ARGUMENT...: the script under the environment NAME, against a server with these arguments.
trial() {
    local name=$1 script=$2
    shift 2
    local facts="$scratch/$name.json"
    "$program" emulate kis --port 0 --json "$@" >"$facts" 2>"$scratch/$name.err" &
    server=$!
    for _ in $(seq 200); do
        # The server prints its facts once it listens.
        if grep -q '^}' "$facts"; then break; fi
        if ! kill -0 "$server" 2>/dev/null; then
            cat "$scratch/$name.err" >&2
            exit 1
        fi
        sleep 0.05
    done
    # With TLS the server has written whom to trust.
    local trust=()
    if [ -f "$scratch/ca.pem" ]; then
        trust=("SSL_CERT_FILE=$scratch/ca.pem" "REQUESTS_CA_BUNDLE=$scratch/ca.pem")
    fi
    if ! env HOME="$scratch" "${trust[@]}" timeout 180 "$venvs/$name/bin/python" "$here/$script" "$facts"; then
        echo "FAILED: $script" >&2
        exit 1
    fi
    stop
}

venv python-kis "python-kis==2.1.6" "typing_extensions"
venv pykis "pykis==0.7.0"
venv samples "requests" "websockets" "pycryptodome"

trial python-kis python_kis.py --layout 2023
trial pykis pykis_070.py
trial samples samples_rules.py --layout mid-2026
trial python-kis python_kis.py --layout 2023 --tls --ca "$scratch/ca.pem"
trial pykis pykis_070.py --tls --ca "$scratch/ca.pem"
echo "all clients work"
