#!/usr/bin/env bash
# Makes examples/web/bundle.js: the page's script, the client and MQTT.js in one file.
#
#     scripts/bundle-web.sh [file]
#
# One classic script, and not the modules themselves: mosquitto serves files without a Content-Type,
# and browsers run no module without one. MQTT.js is Debian's, or that of `npm install mqtt@4` with
# NODE_PATH at its node_modules.
set -euo pipefail
cd "$(dirname "$0")/.."

# Paths are resolved from here, the checkout.
NODE_PATH=${NODE_PATH:-/usr/share/nodejs} exec esbuild examples/web/app.js --bundle --minify \
    --platform=browser --target=es2022 --format=iife --define:global=globalThis \
    --inject:scripts/web/globals.js --alias:ws=./scripts/web/ws.js --log-level=warning \
    --outfile="${1:-examples/web/bundle.js}"
