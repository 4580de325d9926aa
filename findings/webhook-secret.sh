#!/usr/bin/env bash
# standardwebhooks 1.1.0: a secret that is a text is taken for base64, whatever is in it.
#
# One would expect: a receiver of webhooks gives the shared secret to Webhook("..."). The prefix whsec_ says that base64
# follows; a text without it is the key, as its bytes stand, or else is refused.
# What happens: every text is decoded as base64, with or without the prefix. What is no base64 is not refused: blanks,
# hyphens, dots and all that is not of its alphabet are dropped (an error comes only where one letter is left over).
# "river stone lamp window" is a key of 15 other bytes, the same as that of "river-stone-lamp-window". Each call that
# is signed with the bytes of the text fails with "No matching signature found", which sounds like a forgery.
# Presence: a sender that takes any text for a key, as plain HMAC does, cannot be heard with the library of the standard
# itself: the receiver refuses each change, the sender tries again until it gives up.
# What helps: whsec_ and base64 on both sides, and no other form; or bytes in the receiver: Webhook(b"...") (run here).
# Versions: standardwebhooks 1.1.0 (svix 2.9.1 verifies by it). The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib standardwebhooks==1.1.0
cat > play.py <<'PY'
import base64, hashlib, hmac, sys, time
from importlib.metadata import version
from standardwebhooks import Webhook
BODY = '{"changes":[{"id":"17","type":"online"}]}'

def call(key):
    """The headers of a call that is signed with these bytes, as Standard Webhooks 1.0 says."""
    stamp = str(int(time.time()))
    mark = hmac.new(key, ("17-17." + stamp + "." + BODY).encode(), hashlib.sha256).digest()
    sign = "v1," + base64.b64encode(mark).decode()
    return {"webhook-id": "17-17", "webhook-timestamp": stamp, "webhook-signature": sign}

def heard(secret, key):
    try:
        Webhook(secret).verify(BODY, call(key))
        return "taken"
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)

text, random = "river stone lamp window", bytes(range(24))
other = base64.b64decode("riverstonelampwindow")
print("standardwebhooks", version("standardwebhooks"))
seen = []
for title, secret, key in (
    ("whsec_ and base64", "whsec_" + base64.b64encode(random).decode(), random),
    ("a text, signed with its bytes", text, text.encode()),
    ("the same, given as bytes", text.encode(), text.encode()),
    ("the text, signed with %d other bytes" % len(other), text, other),
    ("the text with hyphens for blanks, signed with these", text.replace(" ", "-"), other),
):
    seen.append(heard(secret, key))
    print("%s: %s" % (title, seen[-1]))
sys.exit(seen != ["taken", "WebhookVerificationError: No matching signature found", "taken", "taken", "taken"])
PY
PYTHONPATH=lib python3 play.py
