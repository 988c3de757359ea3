#!/usr/bin/env python3
"""Checks what qiaomen's journal hands out, with nothing but the standard library.

    verify.py receipt FILE [LEAF] --vkey KEY [--openssl DIR]
    verify.py journal FILE --vkey KEY [--openssl DIR]

A second opinion, written from README.md beside it. It exits with 0 where all
holds, else with 1. Signatures are left to openssl: --openssl writes message,
signature and public key into DIR and prints the command.
"""

import argparse, base64, datetime, hashlib, json, pathlib, re, shlex, sys

MAX_SIZE, MAX_LEAF, MAX_DEPTH, MAX_FAULTS = 1 << 40, 8 << 20, 32, 100
ID, NUMBER, ORIGIN = rb"[!#-\[\]-~]{1,128}", rb"0|[1-9][0-9]{0,12}", rb"[!#-*,-\[\]-~]{1,128}"
LEAF = re.compile(
    rb'\{"v":1,"installation":"(?P<installation>%(id)s)","journal":"(?P<journal>%(id)s)",'
    rb'"position":(?P<position>%(n)s),"at":"(?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z)",'
    rb'"person":"(?P<person>(?:%(id)s)?)","account":"(?P<account>(?:%(id)s)?)","grant":(?P<grant>%(n)s),'
    rb'"key":"(?:%(id)s)?","event":"[a-z][a-z0-9_]{0,127}","version":(?P<version>%(n)s),"data":(?P<data>\{.*\}),'
    rb'"previous":"(?P<previous>[0-9a-f]{64})","salt":"[0-9a-f]{32}"\}' % {b"id": ID, b"n": NUMBER}
)


class Refused(Exception):
    """What does not hold, as a Chinese sentence."""


def need(holds, sentence):
    if not holds:
        raise Refused(sentence)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text, what):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    need(raw and base64.b64encode(raw) == text, what + "不是规范的base64")
    return raw


class Number(str):
    """A number of JSON as it was written: never a binary float."""


def spell(value, depth=0):
    """The one spelling of a value; objects come as tuples of pairs."""
    if isinstance(value, Number):
        need(re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", value) and value != "-0", "数据里的数字写法不规范")
        return str(value)
    need(depth < MAX_DEPTH or not isinstance(value, (tuple, list)), "数据嵌套太深")
    if isinstance(value, tuple):
        need(len({name for name, _ in value}) == len(value), "数据里有重名")
        return "{" + ",".join(spell(name) + ":" + spell(v, depth + 1) for name, v in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spell(v, depth + 1) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def open_leaf(leaf):
    """The members of a leaf, once every byte of it is as it must be."""
    e = LEAF.fullmatch(leaf) if len(leaf) <= MAX_LEAF else None
    need(e, "不是规定写法的日志条目")
    e = e.groupdict()
    e.update((name, int(e[name])) for name in ("position", "grant", "version"))
    need(1 <= e["position"] <= MAX_SIZE and e["grant"] <= MAX_SIZE and 1 <= e["version"] <= 1000000, "条目里的数超出范围")
    need(bool(e["person"]) == bool(e["account"]), "人员和账号应同时有或同时没有")
    need((e["previous"] == b"0" * 64) == (e["position"] == 1), "前一条的摘要只在第1条为零")
    try:
        need(datetime.datetime.strptime(e["at"].decode(), "%Y-%m-%dT%H:%M:%S.%fZ").year >= 2000, "时间早于2000年")
        data = e["data"].decode("utf-8")
        numbers = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), Number)
        need(spell(json.loads(data, object_pairs_hook=tuple, **numbers)) == data, "数据不是规定的写法")
    except (ValueError, RecursionError):
        raise Refused("时间或数据不合格") from None
    return e


def parse_vkey(vkey):
    name, number, key = (vkey.encode().split(b"+", 2) + [b"", b""])[:3]
    key = unbase64(key, "公钥")
    right = sha256(name, b"\n", key)[:4]
    need(len(key) == 33 and key[0] == 1 and right.hex().encode() == number, "公钥的编号不符，或不是Ed25519公钥")
    return name, right, key[1:]


def parse_checkpoint(note, vkey, openssl):
    """Origin, size and root; the signature is handed to openssl."""
    lines = note.split(b"\n")
    need(len(note) <= 1 << 16 and len(lines) >= 6 and lines[3] == b"" and lines[-1] == b"", "检查点的写法不对")
    origin, digits, root = lines[0], lines[1], unbase64(lines[2], "检查点的根")
    need(re.fullmatch(ORIGIN, origin) and re.fullmatch(NUMBER, digits) and len(root) == 32, "检查点的写法不对")
    signatures = {}
    for line in lines[4:-1]:
        parts = line.split(b" ")
        need(len(parts) == 3 and parts[0] == "—".encode(), "签名的写法不对")
        number_and_signature = unbase64(parts[2], "签名")
        need(len(number_and_signature) > 4, "签名的写法不对")
        signatures.setdefault((parts[1], number_and_signature[:4]), number_and_signature[4:])
    name, number, key = parse_vkey(vkey)
    need(name == origin, "这是另一本日志的检查点")
    need(len(signatures.get((name, number), b"")) == 64, "检查点上没有所给公钥的签名")
    if openssl:
        hand_over(pathlib.Path(openssl), b"\n".join(lines[:3]) + b"\n", signatures[name, number], key)
    return origin.decode(), int(digits), root


def hand_over(folder, message, signature, key):
    """Writes what openssl needs, and prints how it is called."""
    der = bytes.fromhex("302a300506032b6570032100") + key  # RFC 8410
    pem = "-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der).decode() + "\n-----END PUBLIC KEY-----\n"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "key.pem").write_text(pem)
    (folder / "message").write_bytes(message)
    (folder / "signature").write_bytes(signature)
    paths = tuple(shlex.quote(str(folder / name)) for name in ("key.pem", "message", "signature"))
    print("核对签名请运行：\nopenssl pkeyutl -verify -pubin -inkey %s -rawin -in %s -sigfile %s" % paths)


def root_of_path(path, index, size, digest):
    """The root that a proof leads to (RFC 6962, 2.1.1)."""
    if size == 1:
        need(not path, "证明里有多余的摘要")
        return digest
    need(path, "证明里缺摘要")
    left = 1 << ((size - 1).bit_length() - 1)  # the largest power of two below size
    if index < left:
        return sha256(b"\1", root_of_path(path[:-1], index, left, digest), path[-1])
    return sha256(b"\1", path[-1], root_of_path(path[:-1], index - left, size - left, digest))


def check_receipt(text, leaf, vkey, openssl):
    head, blank, note = text.partition(b"\n\n")
    lines = head.split(b"\n")
    need(blank and lines.pop(0) == b"c2sp.org/tlog-proof@v1", "不是存证回执")
    if lines and lines[0].startswith(b"extra "):
        extra = unbase64(lines.pop(0)[6:], "回执里的条目")
        need(leaf in (None, extra), "所给的条目不是回执里的条目")
        leaf = extra
    need(leaf is not None, "回执里没有条目，请另给条目文件")
    need(lines and re.fullmatch(b"index (%s)" % NUMBER, lines[0]) and len(lines) <= 64, "回执的写法不对")
    index, path = int(lines[0][6:]), [unbase64(line, "证明") for line in lines[1:]]
    origin, size, root = parse_checkpoint(note, vkey, openssl)
    e = open_leaf(leaf)
    need(index < size <= MAX_SIZE and e["position"] == index + 1, "序号不在检查点之内，或与条目里的位置不符")
    need(all(len(h) == 32 for h in path) and root_of_path(path, index, size, sha256(b"\0", leaf)) == root, "证明不成立")
    print(f"回执成立：日志{origin}第{index + 1}条（共{size}条），{e['at'].decode()}；以签名核对通过为准")


def check_journal(text, _, vkey, openssl):
    lines = text.split(b"\n")
    need(lines.pop() == b"" and len(lines) > 6 and lines[0] == b"qiaomen-journal/1", "不是导出的存证日志，或文件不完整")
    need(lines[1] == vkey.encode(), "文件里的公钥不是所给的公钥")
    end = next((i for i, line in enumerate(lines) if i > 6 and line[:1] == b"{"), len(lines))
    origin, size, root = parse_checkpoint(b"\n".join(lines[2:end]) + b"\n", vkey, openssl)
    leaves, stack, before = lines[end:], [], None
    faults = [] if len(leaves) == size else [f"检查点签了{size}条，文件里有{len(leaves)}条"]
    for place, leaf in enumerate(leaves, 1):
        try:
            e = open_leaf(leaf)
            need(e["position"] == place, f"写的位置是{e['position']}")
            need(place == 1 or e["previous"].decode() == sha256(b"\0", leaves[place - 2]).hex(), "与前一条接不上")
            need(not before or before["at"] <= e["at"], "时间早于前一条")
            need(not before or all(before[k] == e[k] for k in ("installation", "journal")), "属于别的系统或日志")
            before = e
        except Refused as fault:
            faults.append(f"第{place}条：{fault}")
        height, digest = 0, sha256(b"\0", leaf)
        while stack and stack[-1][0] == height:
            height, digest = height + 1, sha256(b"\1", stack.pop()[1], digest)
        stack.append((height, digest))
    digest = stack.pop()[1] if stack else sha256()
    while stack:
        digest = sha256(b"\1", stack.pop()[1], digest)
    faults += [] if digest == root else ["各条算出的根与检查点不符"]
    need(not faults, f"日志有{len(faults)}处问题\n" + "\n".join(faults[:MAX_FAULTS]))
    print(f"日志成立：{origin}共{size}条；以签名核对通过为准")


def main():
    parser = argparse.ArgumentParser(description="核对存证回执和导出的存证日志")
    parser.add_argument("what", choices=["receipt", "journal"])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("leaf", type=pathlib.Path, nargs="?", help="条目文件，回执里没有条目时用")
    parser.add_argument("--vkey", required=True, help="日志公布的公钥")
    parser.add_argument("--openssl", metavar="DIR", help="把核对签名要用的三个文件写到这里")
    args = parser.parse_args()
    try:
        text, leaf = args.file.read_bytes(), args.leaf and args.leaf.read_bytes()
        (check_receipt if args.what == "receipt" else check_journal)(text, leaf, args.vkey, args.openssl)
    except (Refused, OSError) as fault:
        print("不成立：" + str(fault))
        sys.exit(1)


if __name__ == "__main__":
    main()
