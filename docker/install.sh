#!/bin/sh
# Install resmtnet into an environment of its own: the images and `make smoke` take the same steps.
#
#   docker/install.sh TARGET [EXTRAS]
#
# TARGET is made anew, without pip; EXTRAS are words of pyproject.toml with commas between. PYTHON names the interpreter.
# The wheel is built of this checkout, which is left untouched; every package comes at the version of pins.txt.
set -eu

[ $# -ge 1 ] && [ ! -e "$1" ] || { echo "install.sh: expected a TARGET that does not exist yet" >&2; exit 2; }
target=$1
extras=${2:-}
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/tools"
pip() { "$work/tools/bin/python" -m pip --disable-pip-version-check "$@"; }
into() { pip --python "$target/bin/python" "$@"; }

pip install --quiet --constraint "$root/pins.txt" setuptools
printf '[build]\nbuild_base = %s\n[egg_info]\negg_base = %s\n' "$work" "$work" > "$work/build.cfg"
DIST_EXTRA_CONFIG="$work/build.cfg" pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$work/wheel" "$root"

"$python" -m venv --without-pip "$target"
wheel=$(echo "$work"/wheel/resmtnet-*.whl)
into install --quiet --constraint "$root/pins.txt" "$wheel${extras:+[$extras]}"
into check

# what torch with CUDA brings along is pinned by torch itself
into list --format=freeze | sed 's/==.*//' | grep -Eiv '^(resmtnet|nvidia-.*|cuda-.*|triton)$' > "$work/installed"
sed 's/==.*//' "$root/pins.txt" > "$work/pinned"
if grep -Fivx -f "$work/pinned" "$work/installed" >&2; then
    echo "install.sh: these packages are not in pins.txt" >&2
    exit 1
fi
