# Functions shared by the scripts. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
environments=$root/.build/environments
# Nothing may write bytecode beside the sources, which are built into the server.
export PYTHONDONTWRITEBYTECODE=1

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Installs Debian packages that are missing; on macOS says what to install.
ensure_system() {
    if [ "$(uname)" = Darwin ]; then
        command -v pkg-config >/dev/null && pkg-config --exists python3 && return
        fail "python3 and pkg-config are missing: brew install python3 pkgconf"
    fi
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null ||
        fail "these packages are missing, and there is no apt-get to install them: ${missing[*]}"
    say "installing ${missing[*]}"
    local run=()
    [ "$(id -u)" = 0 ] || run=(sudo)
    "${run[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
}

# Prints "minor<TAB>path" of every CPython from 3.11 on, each minor version once (its newest patch).
find_pythons() {
    local candidates=() python
    for folder in ${PATH//:/ } /usr/bin /usr/local/bin /opt/homebrew/bin \
        "$HOME"/.pyenv/versions/*/bin "$HOME"/.local/share/uv/python/*/bin; do
        for python in "$folder"/python3 "$folder"/python3.[0-9][0-9]; do
            case $python in */shims/*) continue ;; esac
            [ -x "$python" ] && candidates+=("$python")
        done
    done
    for python in "${candidates[@]}"; do
        "$python" -I -S -c '
import sys, sysconfig
version = sys.version_info
if (sys.implementation.name == "cpython" and version >= (3, 11)
        and not sysconfig.get_config_var("Py_GIL_DISABLED")):
    print("3.%d\t%03d\t%s" % (version.minor, version.micro, sys.executable))' 2>/dev/null
    done | sort -t "$(printf '\t')" -k1,1V -k2,2nr -k3,3 -u | awk -F '\t' '!seen[$1]++ {print $1 "\t" $3}'
}

# make_environment NAME PYTHON [REQUIREMENT…]: a virtual environment with exactly these, made once.
make_environment() {
    local folder=$environments/$1 python=$2
    shift 2
    local wanted="$python $*"
    [ "$(cat "$folder/.wanted" 2>/dev/null)" = "$wanted" ] && return
    say "making the virtual environment ${folder#"$root"/}: $*"
    rm -rf "$folder"
    mkdir -p "$environments"
    if [ $# -eq 0 ]; then
        "$python" -m venv --without-pip "$folder"
    else
        "$python" -m venv "$folder"
        "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    fi
    printf '%s' "$wanted" >"$folder/.wanted"
}

# The environment of the demo: COMPAS with numpy and scipy.
make_compas_environment() {
    local python
    python=$(find_pythons | head -1 | cut -f 2)
    [ -n "$python" ] || fail "no CPython from 3.11 on was found; install one"
    make_environment compas "$python" compas==1.17.10
}
