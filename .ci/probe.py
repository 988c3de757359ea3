#!/usr/bin/env python3
"""What .ci/probe needs beside the tools themselves. Python 3 alone.

    probe.py prepare URL CODES FOLDER   signs in, reports a little, writes one request a file for sqlmap
    probe.py front URL FOLDER           a page of links and forms before the API, for wapiti
    probe.py judge FOLDER REPORT…       says what wapiti found; fails if it is anything
    probe.py flawed FOLDER              a page that has what the tools look for, so that it is seen that they do

The operations that are probed stand in TARGETS: one or more for every way that a text takes into a query. Which
parameters and members they have is read from /api/v1/openapi.json: one that has no value here fails the probe, so
that none is left out in silence.
"""

import base64
import hashlib
import hmac
import html
import http.server
import json
import pathlib
import sqlite3
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

API, CAMPAIGN, UNIT = "/api/v1", "winter-2023", "jixian"
PASSWORD = "示例 probe 纸船 8 只 qm!"
TOKENS = {
    "jixian": "draft edit_draft submit withdraw add_evidence read_own hint export_own hand_in keep_company import read_published",
    "handler": "read_own read_others examine enter_for score read_ranking read_published export_own urge keep_company",
    "reviewer": "read_own read_others recognise settle read_ranking read_published extend",
    "auditor": "read_own read_others read_audit read_published",
}

# Each target is who asks, the operation, and the values that its parts have. MARK is where the tools put their own.
# Numbers, true and false in a body are not marked: whatever stands in their place is no JSON any more, and refused
# before it is looked at.
MARK = "*"
# A cursor is a text in base64: sqlmap is told so, and then needs no marks.
BASE64 = base64.urlsafe_b64encode(b"o-aaaaaaaaaaaaaaaa").decode().rstrip("=")
class Fixed(str):
    """A value that keeps to itself: under one idempotency key all but one content is refused."""


ENTRY = {
    "unit": UNIT, "kind": "domestic_lead", "name": "示例线索", "fields": {"target_company": "示例公司", "content": "示例", "amount_yi": "1.5"},
}
PAGE = {"cursor": "", "limit": "2"}
LISTED = {"unit": UNIT, "state": "submitted", **PAGE}
TARGETS = [
    # quick?, name, who (+ c: by the session's cookie), operation, path, query, body, headers
    (1, "records", "handler", "records", {}, {"unit": UNIT, "kind": "domestic_lead", "state": "submitted", "filter": "target_company^=示", "sort": "-target_company", **PAGE}, None, {}),
    (0, "records by number", "handler+c", "records", {}, {"unit": UNIT, "kind": "domestic_lead", "state": "submitted", "filter": "amount_yi>=1", "sort": "amount_yi", **PAGE}, None, {}),
    (0, "records by name", "jixian", "records", {}, {"unit": UNIT, "kind": "domestic_lead", "state": "submitted", "filter": "name^=示例", "sort": "name", **PAGE}, None, {}),
    (1, "record", "jixian+c", "record", {"id": "RECORD"}, {}, None, {}),
    (0, "list as csv", "handler", "export_list", {}, {"format": "csv", "unit": UNIT, "kind": "domestic_lead", "state": "submitted", "filter": "target_company^=示", "sort": "target_company", "reason": "示例"}, None, {}),
    (0, "drafts", "jixian", "drafts", {}, {"unit": UNIT}, None, {}),
    (0, "draft", "jixian", "one_draft", {"id": "DRAFT"}, {}, None, {}),
    (0, "hint", "jixian", "duplicate_hint", {"id": "DRAFT"}, {}, None, {}),
    (0, "edit draft", "jixian+c", "edit_draft", {"id": "DRAFT"}, {}, {**ENTRY, "amends": "", "id": "", "seen": ""}, {}),
    (1, "report", "jixian", "report", {}, {}, {**ENTRY, "id": "", "received_at": "", "received_number": ""}, {}),
    (0, "accept", "handler", "accept", {"id": "RECORD"}, {}, None, {"If-Match": '"v1"'}),
    (0, "under a key", "handler", "accept", {"id": Fixed("OTHER")}, {}, None, {"Idempotency-Key": "probe"}),
    (0, "settle", "reviewer", "settle", {}, {}, {"records": ["RECORD", "OTHER"], "same": False, "reason": "示例", "holder": ""}, {}),
    (1, "companies", "handler", "companies", {}, {"unit": "", "class": "", "name": "示例", "like": "", **PAGE}, None, {}),
    (0, "keep company", "handler+c", "keep_company", {}, {}, {"name": "示例企业", "class": "", "credit_code": "", "id": "", "region": "示例", "remarks": "示例", "unit": ""}, {}),
    (1, "audit", "auditor", "audit", {}, {"journal": "", "person": "", "action": "", "event": "signed_in", "campaign": CAMPAIGN, "from": "2023-01-01", "until": "2100-01-01", **PAGE}, None, {}),
    (0, "objections", "handler", "objections", {}, LISTED, None, {}),
    (0, "settlements", "handler+c", "settlements", {}, LISTED, None, {}),
    (0, "cursor in base64", "handler", "objections", {}, {**LISTED, "cursor": BASE64}, None, {}),
    (0, "figures", "handler", "figures", {}, LISTED, None, {}),
    (1, "events", "handler", "events", {}, {"from": "0", "limit": "2"}, None, {}),
    (0, "duties", "jixian", "duties", {}, {"unit": UNIT}, None, {}),
    (0, "urgings", "handler", "urgings", {}, {"unit": UNIT}, None, {}),
    (0, "announcements", "handler", "announcements", {}, {"about": "示例"}, None, {}),
    (0, "score", "jixian", "own_score", {"id": UNIT}, {}, None, {}),
    (0, "scoring", "handler", "score", {}, {}, {"cutoff": "2024-01-25", "round": ""}, {}),
    (0, "receipt", "jixian", "receipt", {"journal": CAMPAIGN, "position": "POSITION"}, {}, None, {}),
    (0, "upload", "jixian", "upload", {"id": "x"}, {}, None, {}),
    (0, "rows", "jixian", "import_rows", {"id": "x"}, {"verdict": "", **PAGE}, None, {}),
    (0, "role", "handler", "records", {}, {}, None, {"Qiaomen-Role": "handler"}),
    (1, "campaign", "handler", "records", {"campaign": CAMPAIGN}, {}, None, {}),
    (1, "session", "+c", "campaigns", {}, {}, None, {"Cookie": "SESSION"}),
    (0, "token", "", "campaigns", {}, {}, None, {"Authorization": "TOKEN"}),
]
# What is answered other than 2xx, and why that is where the path ends that the text takes.
OTHERWISE = {
    "accept": 409,  # it was accepted the first time; the id is looked up before
    "under a key": 409,
    "settle": 202,
    "keep company": 422,  # a company of the same name is there: it was looked for
    "cursor in base64": 404,  # nothing has that id: the place in the list was looked for
    "upload": 404,  # an id of nobody's, looked for among those that are there
    "rows": 404,
}


class Client:
    """Somebody at the API: first with a session, then with a token as well."""

    def __init__(self, url):
        self.url, self.cookie, self.token = url, "", ""

    def call(self, method, path, body=None, **headers):
        if self.cookie:
            headers["Cookie"] = self.cookie
        if body is not None:
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.url + API + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                for line in answer.headers.get_all("Set-Cookie") or []:
                    if line.startswith("qiaomen="):
                        self.cookie = line.split(";")[0]
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")


def totp(secret, moment):
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", int(moment) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def sign_in(url, login, code):
    c = Client(url)
    secret = c.call("POST", "/first-sign-in", {"login": login, "first_code": code, "password": PASSWORD}).get("secret", "")
    c.call("POST", "/session", {"login": login, "password": PASSWORD, "code": totp(secret, time.time()) if secret else ""})
    until = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 86400))
    path = f"/campaigns/{CAMPAIGN}/tokens"
    c.token = c.call("POST", path, {"name": "probe", "scope": TOKENS[login].split(), "until": until})["token"]
    return c


def prepare(url, codes, folder):
    folder = pathlib.Path(folder)
    codes = dict(line.split() for line in pathlib.Path(codes).read_text().splitlines())
    people = {login: sign_in(url, login, codes[login]) for login in TOKENS}
    at, reporter = f"/campaigns/{CAMPAIGN}", people["jixian"]
    done = [reporter.call("POST", at + "/records", {**ENTRY, "name": f"示例线索{i}"}) for i in range(4)]
    draft = reporter.call("POST", at + "/drafts", ENTRY)
    people["handler"].call("POST", at + "/companies", {"name": "示例企业", "region": "示例"})
    for one in done[:2]:
        people["handler"].call("POST", f"{at}/records/{one['id']}/acceptance", **{"If-Match": '"v1"'})
    real = {"RECORD": done[0]["id"], "OTHER": done[1]["id"], "DRAFT": draft["id"], "POSITION": str(done[0]["first"])}
    real |= {"SESSION": people["handler"].cookie, "TOKEN": "Bearer " + people["handler"].token}
    known = {
        "people": {login: {"cookie": c.cookie, "token": c.token} for login, c in people.items()},
        "real": real,
    }
    (folder / "known.json").write_text(json.dumps(known))
    write_requests(url, known, folder)


def described(url):
    """The operations of the description by their ids: method, path, names of query parameters, of texts in a body."""
    with urllib.request.urlopen(url + API + "/openapi.json", timeout=60) as answer:
        page = json.load(answer)
    schemas = page["components"]["schemas"]
    for path, operations in page["paths"].items():
        for method, one in operations.items():
            if not isinstance(one, dict) or "operationId" not in one:
                continue
            query = [p["name"] for p in one.get("parameters", []) if p["in"] == "query"]
            body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            members = schemas.get(body.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
            texts = [name for name, s in members.items() if s.get("type") == "string"]
            yield one["operationId"], method.upper(), path, query, texts


def filled(value, real):
    if isinstance(value, dict):
        return {k: filled(v, real) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, real) for v in value]
    return type(value)(real.get(value, value)) if isinstance(value, str) else value


def marked(value):
    if isinstance(value, dict):
        return {k: marked(v) for k, v in value.items()}
    if isinstance(value, list):
        return [marked(v) for v in value]
    return value + MARK if isinstance(value, str) and not isinstance(value, Fixed) else value


def requests(url, known):
    """Every target: its name, whether it is quick, and a way to make it with marks or without."""
    operations = {name: rest for name, *rest in described(url)}
    for quick, name, who, operation, ids, query, body, headers in TARGETS:
        method, path, parameters, texts = operations[operation]
        if query:
            missing = set(parameters) - set(query)
            assert not missing, f"{operation}: no value for {missing}"
        missing = set(texts) - set(body or {}) if texts else set()
        assert not missing, f"{operation}: no value for {missing}"
        login, by_cookie = who.removesuffix("+c"), who.endswith("+c")

        def make(mark, path=path, login=login, by_cookie=by_cookie, ids=ids, query=query, body=body, headers=headers, method=method):
            change = marked if mark else (lambda v: v)
            ids = {"campaign": CAMPAIGN, **change(filled(ids, known["real"]))}
            for key, value in ids.items():
                path = path.replace("{" + key + "}", urllib.parse.quote(value, safe=MARK))
            if query:
                path += "?" + urllib.parse.urlencode(change(filled(query, known["real"])), safe=MARK)
            h = change(filled(headers, known["real"]))
            if login and by_cookie:
                h["Cookie"] = known["people"][login]["cookie"]
            elif login:
                h["Authorization"] = "Bearer " + known["people"][login]["token"]
            text = None
            if body is not None:
                text, h["Content-Type"] = json.dumps(change(filled(body, known["real"]))), "application/json"
            return method, API + path, h, text

        yield quick, name, make


def write_requests(url, known, folder):
    """One file for each target, which is asked once as it is: a probe of what is refused at the door probes nothing."""
    host = urllib.parse.urlsplit(url).netloc
    for quick, name, make in requests(url, known):
        method, path, headers, text = make(False)
        request = urllib.request.Request(url + path, text and text.encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status, why = error.code, error.read().decode()
        if status != OTHERWISE.get(name, 200):
            sys.exit(f"{name}: {status} {why if status >= 400 else ''}")
        encoded = "base64" in name
        method, path, headers, text = make(not encoded)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{k}: {v}" for k, v in headers.items()), "", text or ""]
        file = folder / "requests" / ("quick" if quick else "full") / (name.replace(" ", "-") + (".cursor" if encoded else ".http"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines))


class Front(http.server.BaseHTTPRequestHandler):
    """A page with a link or a form for every target, in place of the pages that a crawler reads; what is asked through
    it is asked of the API, in the name of the target's person, with a form's fields as members of JSON. Addresses that
    the tools want to be fetched are here, too: who comes to one of them is written down."""

    protocol_version = "HTTP/1.1"
    timeout = 120
    url, known, folder = "", {}, pathlib.Path()
    targets: dict = {}

    def log_message(self, *_):
        pass

    def say(self, status, content, kind="text/html; charset=utf-8", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def page(self):
        out = ["<!doctype html><title>probe</title>"]
        for n, make in self.targets.items():
            method, path, _, text = make(False)
            path, _, query = path.partition("?")
            at = html.escape(f"/{n}{path}")
            if method == "GET":
                out.append(f'<a href="{at}?{html.escape(query)}">{n}</a>' if query else f'<a href="{at}">{n}</a>')
                continue
            if method != "POST":
                continue
            fields = "".join(f'<input name="{html.escape(k)}" value="{html.escape(v)}">' for k, v in flat(json.loads(text or "{}")))
            out.append(f'<form method="post" action="{at}">{fields}<input type="submit"></form>')
        return "\n".join(out).encode()

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        if path == "/":
            return self.say(200, self.page())
        if path in ("/get_ssrf.php", "/get_xxe.php"):
            return self.say(200, b"[]", "application/json")
        number, _, rest = path[1:].partition("/")
        make = self.targets.get(int(number)) if number.isdigit() else None
        if make is None:
            if path.startswith(("/ssrf/", "/xxe", "/external")):
                with (self.folder / "fetched").open("a") as f:
                    f.write(f"{self.command} {self.path}\n")
            return self.say(404, b"not here")
        method, _, headers, text = make(False)
        if text is not None and "json" not in self.headers.get("Content-Type", ""):
            given = dict(urllib.parse.parse_qsl(sent.decode("utf-8", "replace"), keep_blank_values=True))
            sent = json.dumps(nested(json.loads(text), given)).encode()
        headers = {k: v for k, v in headers.items() if k != "Idempotency-Key"}
        for name in ("User-Agent", "Referer"):
            if name in self.headers:
                headers[name] = self.headers[name]
        whole = self.url + "/" + rest + ("?" + query if query else "")
        command = self.command if self.command != "GET" or method == "GET" else method
        try:
            request = urllib.request.Request(whole, sent or None, headers, method=command)
            with opener.open(request, timeout=60) as got:
                return self.say(got.status, got.read(), got.headers.get("Content-Type", ""), passed(got))
        except urllib.error.HTTPError as got:
            return self.say(got.code, got.read(), got.headers.get("Content-Type", ""), passed(got))
        except (ValueError, OSError) as error:  # what Python's client will not send
            return self.say(400, str(error).encode(), "text/plain; charset=utf-8")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = answer


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(Stay, urllib.request.ProxyHandler({}))


def passed(answer):
    keep = ("Location", "Set-Cookie", "Content-Disposition", "X-Content-Type-Options", "Content-Security-Policy", "Refresh", "Link")
    return [(name, value) for name, value in answer.headers.items() if name.title() in keep or name.lower().startswith("wapiti")]


def flat(value, at=""):
    if isinstance(value, dict):
        for k, v in value.items():
            yield from flat(v, f"{at}.{k}" if at else k)
    elif isinstance(value, list):
        for i, v in enumerate(value):
            yield from flat(v, f"{at}.{i}")
    elif isinstance(value, str):
        yield at, value


def nested(value, given, at=""):
    if isinstance(value, dict):
        return {k: nested(v, given, f"{at}.{k}" if at else k) for k, v in value.items()}
    if isinstance(value, list):
        return [nested(v, given, f"{at}.{i}") for i, v in enumerate(value)]
    return given.get(at, value) if isinstance(value, str) else value


def front(url, folder):
    Front.url, Front.folder = url, pathlib.Path(folder)
    Front.known = json.loads((Front.folder / "known.json").read_text())
    Front.targets = {i: make for i, (_, _, make) in enumerate(requests(url, Front.known))}
    http.server.ThreadingHTTPServer.handle_error = lambda *_: None  # the tools hang up when they have seen enough
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    (Front.folder / "front").write_text(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


class Flawed(http.server.BaseHTTPRequestHandler):
    """A page that asks with what it is told, and shows it."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        told = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)).get("id", "1")
        database = sqlite3.connect(":memory:")
        database.execute("create table t as select 1 as id, 'one' as name")
        try:
            status, rows = 200, database.execute(f"select name from t where id = {told}").fetchall()
        except sqlite3.Error as error:
            status, rows = 500, error
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f'<a href="/?id=1">one</a> {told} {rows}'.encode())


def flawed(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Flawed)
    file = pathlib.Path(folder) / "requests" / "quick" / "flawed.http"
    file.parent.mkdir(parents=True)
    file.write_text(f"GET /?id=1{MARK} HTTP/1.1\nHost: 127.0.0.1:{server.server_port}\n\n")
    (pathlib.Path(folder) / "front").write_text(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


# What wapiti reports and is none: category, a part of its words, and why.
EXPLAINED = [
    ("HTTP Secure Headers", "X-XSS-Protection is not set", "browsers have dropped it, and its filter opened holes of its own; answers are no pages, and sandboxed"),
]


def judge(folder, *reports):
    found = 0
    for report in reports:
        page = json.loads(pathlib.Path(report).read_text())
        for sort in ("vulnerabilities", "anomalies"):
            for category, all_of_it in page[sort].items():
                for one in all_of_it:
                    why = [why for c, words, why in EXPLAINED if c == category and words in one["info"]]
                    if why:
                        print(f"wapiti: {one['path']}: {one['info']}: {why[0]}")
                        continue
                    found += 1
                    print(f"wapiti: {category}: {one['method']} {one['path']} {one['parameter']}: {one['info']}\n{one['http_request']}")
    fetched = pathlib.Path(folder) / "fetched"
    if fetched.exists():
        found += 1
        print("the server fetched what it was told to:", fetched.read_text())
    sys.exit(found > 0)


if __name__ == "__main__":
    {"prepare": prepare, "front": front, "flawed": flawed, "judge": judge}[sys.argv[1]](*sys.argv[2:])
