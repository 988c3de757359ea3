#!/usr/bin/env python3
"""Report a signed project with its contract, and read the unit's score.

    QIAOMEN_URL=https://qiaomen.example:8443  QIAOMEN_TOKEN=qm_…  QIAOMEN_CA=tls.crt \
        ./report.py winter-2023 jixian 示例风电装备制造项目 1.5 2024-01-05 contract.pdf

Nothing but Python 3 is needed. The token is issued by whoever reports (README.md)
for the actions add_evidence, submit and read_own. Sent again with the same
arguments the program does nothing twice: the key is made of them.
"""

import hashlib
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ.get("QIAOMEN_URL", "https://127.0.0.1:8443").rstrip("/") + "/api/v1"
TOKEN = os.environ.get("QIAOMEN_TOKEN", "")
TRUST = ssl.create_default_context(cafile=os.environ.get("QIAOMEN_CA")) if URL.startswith("https") else None


class Refused(Exception):
    """What the server told was wrong, every fault of it (RFC 9457)."""

    def __init__(self, problem):
        faults = [f"{f.get('field', '')}: {f['text']} {f.get('fix', '')}".strip(": ") for f in problem.get("errors", [])]
        super().__init__("\n".join([f"{problem['title']}（{problem.get('detail', '')}）"] + faults))


def call(method, path, body=None, kind="application/json", key=None, tries=5):
    """One request. Where it is not known what became of it, the same is sent once more."""
    headers = {"Authorization": "Bearer " + TOKEN, "Content-Type": kind}
    if key:
        headers["Idempotency-Key"] = key
    for left in reversed(range(tries)):
        request = urllib.request.Request(URL + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, context=TRUST, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            again = error.code in (409, 429, 503) and (error.code != 409 or key)
            wait = int(error.headers.get("Retry-After", "1"))
            try:
                problem = json.load(error)
            except ValueError:
                problem = {"title": f"HTTP {error.code}"}
            if not (again and left):
                raise Refused(problem) from None
        except (urllib.error.URLError, TimeoutError):
            wait = 1
            if not left:
                raise
        time.sleep(wait)


def main(campaign, unit, name, amount, signed_on, contract):
    base = "/campaigns/" + urllib.parse.quote(campaign)
    with open(contract, "rb") as f:
        content = f.read()
    query = urllib.parse.urlencode({"type": "contract", "name": os.path.basename(contract)})
    evidence = call("POST", f"{base}/files?{query}", content, "application/octet-stream")

    record = {
        "unit": unit,
        "kind": "signed_project",
        "name": name,
        "fields": {"amount_yi": amount, "signed_on": signed_on},
        "evidence": [evidence],
    }
    body = json.dumps(record, ensure_ascii=False, sort_keys=True).encode()
    done = call("POST", base + "/records", body, key="report-" + hashlib.sha256(body).hexdigest()[:32])
    print("已上报：", done["id"], "（先前已经报过）" if done.get("again") else "")
    if done.get("receipt"):
        with open(done["id"] + ".receipt", "w", encoding="utf-8") as f:
            f.write(done["receipt"])
        print("存证回执：", f.name, "（怎样核验见 docs/verify）")

    score = call("GET", base + "/scores/" + urllib.parse.quote(unit))
    print(f"{score['name']} 现在 {score['total']} 分")
    for line in score["lines"]:
        print(f"  {line['name']}：{line['sentence']}")
    for lack in score.get("lacks", []):
        print("  还差：", lack["says"])


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except Refused as refused:
        sys.exit(str(refused))
