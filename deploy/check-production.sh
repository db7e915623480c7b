#!/usr/bin/env bash
# Django's own deployment check, with the settings production would give: `check-production.sh PYTHON`.
# The secrets are made up on the spot and used for nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:?usage: check-production.sh PYTHON}
secret() { "$python" -c 'import secrets; print(secrets.token_urlsafe(64))'; }

unset DJANGO_DEBUG DJANGO_DEMO
export DJANGO_SECRET_KEY SEAL_KEYS SEAL_INDEX_KEY
DJANGO_SECRET_KEY=$(secret)
SEAL_INDEX_KEY=$(secret)
SEAL_KEYS=check:$("$python" -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')
export DJANGO_ALLOWED_HOSTS=guanhuai.example REDIS_URL=redis://127.0.0.1/0
exec "$python" manage.py check --deploy --fail-level WARNING
