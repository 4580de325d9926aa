#!/usr/bin/env bash
# Builds the Debian packages, into .build/deb, and has lintian look at them; `make deb` calls it.
#
# The version is what the bridge says it is, with REVISION=1 (1 without it) behind it. DEBFULLNAME and
# DEBEMAIL are who maintains these packages, as Debian's own tools have it.
set -euo pipefail
cd "$(dirname "$0")/.."
CHECKOUT=$PWD
export CHECKOUT

version=$(.build/release/presence-bridge --version)-${REVISION:-1}
maintainer="${DEBFULLNAME:-presence-bridge} <${DEBEMAIL:-presence-bridge@example.org}>"
# The same sources make the same packages.
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
export SOURCE_DATE_EPOCH

folder=.build/deb
stage=$folder/source
rm -rf "$stage" "$folder"/*.deb "$folder"/*.buildinfo "$folder"/*.changes
mkdir -p "$stage"
cp -r packaging/debian "$stage/debian"
sed -i "s|@MAINTAINER@|$maintainer|" "$stage/debian/control"
cat >"$stage/debian/changelog" <<END
presence-bridge ($version) stable; urgency=medium

  * presence-bridge ${version%-*}, built from its sources.

 -- $maintainer  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
# Whoever passes on what is linked in passes these on, too.
for notice in .build/checkouts/*/NOTICE.txt; do
    printf '%s\n\n' "$(basename "$(dirname "$notice")")"
    cat "$notice"
done >"$stage/debian/NOTICES"

scripts/make-manual.py .build/release .build/manual
if ! (cd "$stage" && dpkg-buildpackage --build=binary --no-sign --jobs-try=auto) >"$folder/log" 2>&1; then
    tail -n 30 "$folder/log" >&2
    echo "The packages were not built; $folder/log has all of it" >&2
    exit 1
fi
lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$folder"/*.deb
ls -1 "$folder"/*.deb
