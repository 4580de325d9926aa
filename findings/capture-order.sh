#!/usr/bin/env bash
# In Chromium a capturing listener at a WebSocket is not called before one that was added earlier and does not capture.
#
# One would expect: the DOM standard calls the capturing listeners of an event's target first, then the others. So
# whoever wants to see a WebSocket's close before the MQTT library does adds a capturing listener and stops the event.
# What happens: that holds for elements. At everything else (WebSocket, window, MessagePort, XMLHttpRequest, a bare
# EventTarget) the listeners are called in the order in which they were added, as if none captured.
# Presence: a library that adds its listeners as it makes the socket, as MQTT.js does, cannot be outrun by a capturing
# one. What it throws away at a close, such as a refused login that came just before, is lost all the same.
# What helps: add the listener before the library adds its own (a class in place of WebSocket), or read what came by a
# `message` listener of one's own, and judge the close by that.
# Versions: Qt WebEngine 6.11.2 (Chromium 140.0.7339.225); Chromium 156 does the same. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib PyQt6==6.11.0 PyQt6-sip==13.13.0 \
    PyQt6-Qt6==6.11.2 PyQt6-WebEngine==6.11.0 PyQt6-WebEngine-Qt6==6.11.2
cat > play.py <<'PY'
import json
from PyQt6.QtWebEngineCore import QWebEnginePage, qWebEngineChromiumVersion
from PyQt6.QtWidgets import QApplication

ORDER = """(() => {
    const order = (target) => {
        const called = [];
        target.addEventListener('news', () => called.push('plain'));
        target.addEventListener('news', () => called.push('capturing'), { capture: true });
        target.dispatchEvent(new Event('news'));
        return called.join(', ');
    };
    return JSON.stringify({
        element: order(document.createElement('p')), window: order(window), EventTarget: order(new EventTarget()),
        MessagePort: order(new MessageChannel().port1), XMLHttpRequest: order(new XMLHttpRequest()),
        WebSocket: order(new WebSocket('ws://127.0.0.1:9/')),
    });
})()"""
seen = {}

def take(text):
    seen.update(json.loads(text))
    application.quit()

application = QApplication(["play"])
page = QWebEnginePage()
page.loadFinished.connect(lambda _: page.runJavaScript(ORDER, take))
page.setHtml("<p>")
application.exec()
print("Chromium", qWebEngineChromiumVersion())
for target, order in seen.items():
    print(f"  {target}: {order}")
assert seen.pop("element") == "capturing, plain", "elements call them in another order now"
assert len(seen) == 5 and set(seen.values()) == {"plain, capturing"}, "capturing listeners come first now"
PY
QTWEBENGINE_DISABLE_SANDBOX=1 QT_QPA_PLATFORM=offscreen PYTHONPATH=lib timeout 120 python3 play.py 2>errors ||
    { cat errors; exit 1; }
