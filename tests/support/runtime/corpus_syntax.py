"""Raw requests with bad lines, targets, hosts, sizes and bodies, and other protocols, with their sources."""

from __future__ import annotations

import gzip

from support.runtime.corpus_item import CVE, ECHO, JSON, Item, post
from support.runtime.raw import message

LINE = "RFC 9112, 2.2: lines end in CRLF; a bare CR is invalid, a bare LF may be refused"
REQUEST_LINE = "RFC 9112, 3: method, target and version, one blank between them"
FIELD = "RFC 9110, 5.1 and 5.5: names are tokens, values have no CR, LF or NUL"
TARGET = "RFC 9112, 3.2: four forms of the request target"
AUTHORITY = "RFC 3986, 3.2: what a Host may be"
HOST = "RFC 9112, 3.2: exactly one valid Host header, else 400"
URL = "`new URL(target, base)` throws: an uncaught exception in a naive node:http service"
PERCENT = "`decodeURIComponent` throws: an uncaught exception in a naive node:http service"
TRAVERSAL = "OWASP, Path Traversal"
PROTOTYPE = "OWASP, Prototype Pollution Prevention"
OTHER = "a scanner or a wrong port: another protocol's first bytes"
SIZE = "RFC 9110, 2.3 and RFC 6585, 5: a recipient limits what it takes"
HALF = "RFC 9112, 8: the client leaves half-way"
PIPELINE = "RFC 9112, 9.3.2: answers in the order of the requests"
MEDIA = "RFC 9110, 8.3: an odd media type is 415 or read as what it says"


def first_line(line: bytes) -> bytes:
    """A request with this request line, taken literally."""
    return line + b"\r\nHost: localhost\r\n\r\n"


def field(line: bytes) -> bytes:
    """A GET with this header line, taken literally."""
    return b"GET / HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\n\r\n"


def get(target: str) -> bytes:
    """A GET of this target."""
    return message(target=target)


def host(value: str) -> bytes:
    """A GET with this Host."""
    return message("GET", "/", f"Host: {value}", host=False)


LINES = [
    Item("bare LF everywhere", b"GET / HTTP/1.1\nHost: localhost\n\n", "400", LINE),
    Item("bare CR everywhere", b"GET / HTTP/1.1\rHost: localhost\r\r", "400", LINE),
    Item("blank lines first", b"\r\n\r\n" + message(), "200", LINE),
    Item("LF lines first", b"\n\n" + message(), "200", LINE),
    Item("a blank line of 100 KB", b"\r\n" * 50_000 + message(), "200", LINE),
    Item("no blank line", b"GET / HTTP/1.1\r\nHost: localhost\r\n", "400", HALF),
    Item("lower case method", first_line(b"get / HTTP/1.1"), "400", "RFC 9110, 9.1: methods are case-sensitive"),
    Item("unknown method", first_line(b"FROB / HTTP/1.1"), "400", "RFC 9110, 9.1"),
    Item("method of 20 KB", first_line(b"A" * 20_000 + b" / HTTP/1.1"), "400", SIZE),
    Item("two blanks", first_line(b"GET  / HTTP/1.1"), "200", REQUEST_LINE),
    Item("tabs for blanks", first_line(b"GET\t/\tHTTP/1.1"), "400", REQUEST_LINE),
    Item("no version", first_line(b"GET /"), "505", "HTTP/0.9, which RFC 9112 no longer has"),
    Item("version 2.0", first_line(b"GET / HTTP/2.0"), "505", REQUEST_LINE),
    Item("version 1.10", first_line(b"GET / HTTP/1.10"), "400", REQUEST_LINE),
    Item("version in lower case", first_line(b"GET / http/1.1"), "400", REQUEST_LINE),
    Item("NUL in the method", first_line(b"G\x00T / HTTP/1.1"), "400", FIELD),
    Item("NUL in the target", first_line(b"GET /\x00 HTTP/1.1"), "400", TARGET),
    Item("NUL in a name", field(b"X\x00Y: z"), "400", FIELD),
    Item("NUL in a value", field(b"X: y\x00z"), "400", FIELD),
    Item("no colon", field(b"nonsense"), "400", FIELD),
    Item("no name", field(b": x"), "400", FIELD),
    Item("blank in a name", field(b"X Y: z"), "400", FIELD),
    Item("bytes over 127 in a name", field(b"X\xff: y"), "400", FIELD),
    Item("bytes over 127 in a value", field(b"X: \xff\xfe\x80"), "200", "RFC 9110, 5.5: obs-text"),
    Item("ESC in a value", field(b"X: \x1b[31m"), "400", "log injection by terminal codes"),
    Item("folded value", field(b"X: y\r\n z"), "400", "RFC 9112, 5.2: obs-fold is refused or joined"),
    Item("blank before the first field", b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", "400", LINE),
    Item("every byte", bytes(range(256)), "400", OTHER),
    Item(
        "h2 preface",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        "400",
        "RFC 9113, 3.4",
    ),
    Item(
        "h2c upgrade",
        field(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__"),
        "200",
        "Bishop Fox, h2c Smuggling (2020)",
    ),
    Item(
        "websocket upgrade",
        field(b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA=="),
        "200",
        "RFC 9110, 7.8: a server may ignore Upgrade",
    ),
    Item("TLS", bytes.fromhex("16030100a5010000a10303") + b"\x00" * 154, "400", OTHER),
    Item("PROXY protocol", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + message(), "400", OTHER),
    Item("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", "400", OTHER),
    Item("SIP", b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n", "400", OTHER),
    Item("SMTP", b"EHLO localhost\r\n", "400", OTHER),
]
TARGETS = [
    Item("two slashes", get("//"), "404", URL),
    Item("three slashes", get("///etc/passwd"), "404", TRAVERSAL),
    Item("network path", get("//localhost:1/x"), "404", URL),
    Item(
        "bad percent",
        get("/%"),
        "400|404",
        PERCENT,
        two_because="fastify decodes the path, express and node:http compare it as it is",
    ),
    Item(
        "bad UTF-8",
        get("/%E0%A4%A"),
        "400|404",
        PERCENT,
        two_because="fastify decodes the path, express and node:http compare it as it is",
    ),
    Item("bad percent in a query", get("/?a=%E0%A4%A"), "200", PERCENT),
    Item("encoded NUL", get("/%00"), "404", TRAVERSAL),
    Item("encoded CRLF", get("/%0d%0aSet-Cookie:%20a=b"), "404", "OWASP, HTTP Response Splitting"),
    Item("dots", get("/../../etc/passwd"), "404", TRAVERSAL),
    Item("encoded dots", get("/%2e%2e/%2e%2e/etc/passwd"), "404", TRAVERSAL),
    Item("backslashes", get("/..\\..\\etc\\passwd"), "404", TRAVERSAL),
    Item("route semicolon", get("/livez;a=b"), "404", "path parameters that one of two servers strips"),
    Item("route in upper case", get("/LIVEZ"), "404", "a route that a proxy's rule for the lower case misses"),
    Item("route with a slash", get("/echo/"), "404", "a route that a proxy's exact rule misses"),
    Item("prototype path", get("/__proto__"), "404", PROTOTYPE),
    Item("constructor path", get("/constructor"), "404", PROTOTYPE),
    Item(
        "prototype query",
        get("/?__proto__[a]=1&constructor[prototype][a]=1"),
        "200",
        CVE("2022-24999", "qs: a query that hangs or pollutes"),
    ),
    Item(
        "array query",
        get("/?" + "a[]=1&" * 1_500),
        "200",
        CVE("2022-24999", "qs: a query that hangs or pollutes"),
    ),
    Item(
        "fragment",
        get("/#x"),
        "200|404",
        TARGET,
        two_because="express and fastify cut a fragment off, node:http takes it for the path",
    ),
    Item("no leading slash", get("livez"), "400", TARGET),
    Item("asterisk", get("*"), "400", TARGET),
    Item("OPTIONS asterisk", message("OPTIONS", "*"), "400", TARGET),
    Item("absolute", get("http://localhost/livez"), "200", TARGET),
    Item("absolute, bad port", get("http://host:99999/livez"), "400", URL),
    Item("absolute, no host", get("http:///livez"), "400", URL),
    Item("absolute, bad IPv6", get("http://[::1/livez"), "400", URL),
    Item("other scheme", get("file:///etc/passwd"), "400", TRAVERSAL),
    Item("authority", message("CONNECT", "localhost:22"), "", TARGET),
    Item("authority for GET", get("localhost:22"), "400", TARGET),
    Item("bytes over 127", first_line(b"GET /\xff\xfe HTTP/1.1"), "400", TARGET),
    Item(
        "ESC in the target",
        first_line(b"GET /\x1b[31m HTTP/1.1"),
        "400",
        "log injection by terminal codes",
    ),
    Item("target of 10 KB", get("/" + "x" * 10_000), "404", SIZE),
    Item("target of 20 KB", get("/" + "x" * 20_000), "431", SIZE),
    Item("Host twice", message("GET", "/", "Host: other"), "400", HOST),
    Item("Host twice, equal", message("GET", "/", "Host: localhost"), "400", HOST),
    Item("Host missing", message(host=False), "400", HOST),
    Item("Host missing in 1.0", b"GET / HTTP/1.0\r\n\r\n", "200", "HTTP/1.0 had none"),
    Item("Host empty", host(""), "400", HOST),
    Item("Host empty, twice", message("GET", "/", "Host: ", "Host: ", host=False), "400", HOST),
    Item("Host with a port alone", host(":3000"), "400", AUTHORITY),
    Item("Host with a blank", host("a b"), "400", AUTHORITY),
    Item("Host with a user", host("user@localhost"), "400", AUTHORITY),
    Item("Host with a query", host("localhost?a"), "400", AUTHORITY),
    Item("Host with a fragment", host("localhost#a"), "400", AUTHORITY),
    Item("Host with two ports", host("a:b:c"), "400", AUTHORITY),
    Item("Host with a port that is no number", host("localhost:port"), "400", AUTHORITY),
    Item("Host with a port over 65535", host("localhost:65536"), "400", AUTHORITY),
    Item("Host, an IPv6 address without brackets", host("::1"), "400", AUTHORITY),
    Item("Host, a name in brackets", host("[localhost]"), "400", AUTHORITY),
    Item("Host with a bad percent", host("a%zz"), "400", AUTHORITY),
    Item("Host with a backslash", host("localhost\\@evil"), "400", AUTHORITY),
    Item("Host with bytes over 127", host("b\xfccher.example"), "400", AUTHORITY),
    Item("Host with a port", host("localhost:3000"), "200", AUTHORITY),
    Item("Host with an empty port", host("localhost:"), "200", AUTHORITY),
    Item("Host, an IPv4 address", host("127.0.0.1:3000"), "200", AUTHORITY),
    Item("Host, an IPv6 address", host("[::1]:3000"), "200", AUTHORITY),
    Item("Host, a name in Punycode", host("xn--bcher-kva.example"), "200", AUTHORITY),
    Item("Host with an underscore", host("my_service"), "200", AUTHORITY),
    Item("Host with a dot at the end", host("example.com."), "200", AUTHORITY),
    Item("absolute, with a user", get("http://user@localhost/"), "400", AUTHORITY),
    Item("absolute, IPv6", get("http://[::1]:80/livez"), "200", AUTHORITY),
    Item("absolute, no path", get("http://localhost"), "200", AUTHORITY),
    Item("absolute, no path but a query", get("http://localhost?a"), "200", AUTHORITY),
    Item("Host list", host("a, b"), "400", HOST),
    Item("Host with a path", host("localhost/x"), "400", AUTHORITY),
    Item("Host, half an IPv6", host("[::1"), "400", AUTHORITY),
    Item(
        "Host with markup",
        host("<script>"),
        "400",
        "J. Kettle, Practical HTTP Host header attacks (2013)",
    ),
]
SIZES = [
    Item("header of 15 KB", message("GET", "/", "Cookie: " + "x" * 15_000), "200", SIZE),
    Item("header of 17 KB", message("GET", "/", "Cookie: " + "x" * 17_000), "431", SIZE),
    Item("header of 1 MB", message("GET", "/", "Cookie: " + "x" * 1_000_000), "431", SIZE),
    Item("name of 20 KB", field(b"x" * 20_000 + b": y"), "431", SIZE),
    Item("99 headers", message("GET", "/", *(f"X-{n}: y" for n in range(98))), "200", SIZE),
    Item("101 headers", message("GET", "/", *(f"X-{n}: y" for n in range(100))), "431", SIZE),
    Item("5000 empty headers", message("GET", "/", *["X:"] * 5_000), "431", SIZE),
    Item("100 pipelined", message() * 100, " ".join(["200"] * 100), PIPELINE),
    Item("pipelined, then nonsense", message() + b"nonsense\r\n\r\n", "200", PIPELINE),
    Item("pipelined behind close", message("GET", "/", "Connection: close") + message(), "200", "RFC 9112, 9.6"),
    Item("pipelined POST and GET", post(ECHO) + message(), "200 200", PIPELINE),
    Item("nothing", b"", "", HALF),
    Item("half a method", b"GE", "400", HALF),
    Item("half a header", b"GET / HTTP/1.1\r\nHos", "400", HALF),
    Item("half a body", post(ECHO)[:-3], "400", HALF),
    Item(
        "many ranges",
        message("GET", "/", "Range: bytes=" + ",".join(f"{n}-" for n in range(1_000))),
        "200",
        CVE("2011-3192", "Apache: overlapping ranges eat memory"),
    ),
    Item(
        "many languages",
        message("GET", "/", "Accept-Language: " + "a-b;q=1.000," * 800),
        "200",
        CVE("2016-10539", "negotiator: quadratic parsing"),
    ),
    Item(
        "media type of blanks",
        post(ECHO).replace(b"application/json", b"application/json;" + b" " * 10_000),
        "200",
        CVE("2017-16137", "a class of quadratic header parsing"),
    ),
    Item(
        "ETag of 10 KB",
        message("GET", "/", "If-None-Match: " + "W/" * 5_000),
        "200",
        CVE("2017-16119", "fresh: quadratic parsing"),
    ),
    Item(
        "hop-by-hop list",
        message("GET", "/", "Connection: keep-alive, Host, X-Request-Id"),
        "200",
        "N. Davison, hop-by-hop abuse (2019)",
    ),
    Item(
        "lookup string",
        message("GET", "/", "User-Agent: ${jndi:ldap://127.0.0.1/a}"),
        "200",
        CVE("2021-44228", "log4j: a log line that is evaluated"),
    ),
]
BODIES = [
    Item("50,000 brackets", post(b"[" * 50_000), "400", "a recursive parser runs out of stack"),
    Item(
        "50,000 closed brackets",
        post(b"[" * 50_000 + b"]" * 50_000),
        "400",
        "a recursive parser runs out of stack",
    ),
    Item("prototype", post(b'{"message":"hi","__proto__":{"a":1}}'), "400", PROTOTYPE),
    Item("constructor", post(b'{"message":"hi","constructor":{"prototype":{}}}'), "400", PROTOTYPE),
    Item("toString", post(b'{"message":{"toString":1}}'), "400", PROTOTYPE),
    Item("bad UTF-8 in JSON", post(b'{"message":"\xff"}'), "200", "RFC 8259, 8.1"),
    Item("half a surrogate", post(b'{"message":"\\ud800"}'), "200", "RFC 8259, 8.2"),
    Item("NUL in JSON", post(b'{"message":"\x00"}'), "400", "RFC 8259, 7"),
    Item(
        "byte order mark",
        post(b"\xef\xbb\xbf" + ECHO),
        "200|400",
        "RFC 8259, 8.1",
        two_because="RFC 8259, 8.1 lets a parser ignore the mark; node:http's JSON.parse refuses it",
    ),
    Item("NaN", post(b'{"message":NaN}'), "400", "RFC 8259, 6"),
    Item("huge number", post(b'{"message":' + b"9" * 50_000 + b"}"), "400", "RFC 8259, 6"),
    Item("key twice", post(b'{"message":1,"message":"hi"}'), "200", "RFC 8259, 4"),
    Item("null", post(b"null"), "400", "a property of null throws"),
    Item(
        "UTF-16",
        post(ECHO.decode().encode("utf-16"), "X: y").replace(b"json", b"json; charset=utf-16"),
        "200|400",
        MEDIA,
        two_because="express obeys charset, which JSON does not have; the others read UTF-8",
    ),
    Item(
        "unknown charset",
        post(ECHO).replace(b"json", b"json; charset=evil"),
        "200|415",
        MEDIA,
        two_because="express obeys charset, which JSON does not have; the others read UTF-8",
    ),
    Item(
        "tab in the type",
        post(b'{"message":1}').replace(b"json", b"json\t; charset=utf-8"),
        "400",
        CVE("2025-32442", "fastify: a media type that skipped validation"),
    ),
    Item(
        "type in upper case",
        post(b'{"message":1}').replace(b"application/json", b"APPLICATION/JSON"),
        "400",
        CVE("2025-32442", "fastify: a media type that skipped validation"),
    ),
    Item(
        "type twice",
        message("POST", "/echo", JSON, "Content-Type: text/plain", body=ECHO),
        "415",
        MEDIA,
    ),
    Item("type of semicolons", post(ECHO).replace(b"json", b"json;;;;"), "200", MEDIA),
    Item(
        "multipart without boundary",
        post(ECHO).replace(b"application/json", b"multipart/form-data"),
        "415",
        MEDIA,
    ),
    Item(
        "gzip bomb",
        post(gzip.compress(b" " * 10_000_000), "Content-Encoding: gzip"),
        "415",
        "a body that grows a thousandfold when unpacked",
    ),
    Item(
        "bomb in a bomb",
        post(gzip.compress(gzip.compress(b" " * 10_000_000)), "Content-Encoding: gzip, gzip"),
        "415",
        "a body that grows a thousandfold when unpacked",
    ),
    Item("unknown encoding", post(ECHO, "Content-Encoding: evil"), "415", "RFC 9110, 8.4"),
]
ITEMS = [*LINES, *TARGETS, *SIZES, *BODIES]
