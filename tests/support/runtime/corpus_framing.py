"""Raw requests whose end two parties could see in different places (smuggling), each with its source."""

from __future__ import annotations

from support.runtime.corpus_item import CVE, ECHO, HIDDEN, JSON, Item, post
from support.runtime.raw import chunked, message

CL_TE = "RFC 9112, 6.3 item 3: both lengths in one request ought to be an error"
KETTLE_2019 = "J. Kettle, HTTP Desync Attacks (2019): a Transfer-Encoding that only one of two servers sees"
KETTLE_2022 = "J. Kettle, Browser-Powered Desync Attacks (2022): a server that forgets to read the body (CL.0)"
KETTLE_2025 = "J. Kettle, HTTP/1.1 must die (2025): an Expect header that only one of two servers obeys"
FUNKY = "J. Wiegers, Funky chunks (2025): line ends inside a chunk's head that parsers disagree on"
LENGTH = "RFC 9110, 8.6: Content-Length is digits only, and one value"
CHUNK = "RFC 9112, 7.1: chunk-size is hexadecimal digits, each chunk ends in CRLF"
BLANK = "RFC 9112, 5.1: no blank between a field's name and its colon"


def coded(*fields: str, body: bytes = b"0\r\n\r\n" + HIDDEN) -> bytes:
    """A POST of no known length but what `fields` say, with a second request hidden behind its end."""
    return message("POST", "/echo", JSON, *fields) + body


def chunks(body: bytes) -> bytes:
    """A POST in chunks with this body, taken literally."""
    return message("POST", "/echo", JSON, "Transfer-Encoding: chunked") + body


ITEMS = [
    Item("CL.TE", coded("Content-Length: 6", "Transfer-Encoding: chunked"), "400", CL_TE),
    Item("TE.CL", coded("Transfer-Encoding: chunked", "Content-Length: 4"), "400", CL_TE),
    Item(
        "CL.TE on GET",
        message("GET", "/", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        "400",
        CL_TE,
    ),
    Item("TE xchunked", coded("Transfer-Encoding: xchunked"), "400", KETTLE_2019),
    Item("TE blank colon", coded("Transfer-Encoding : chunked"), "400", BLANK),
    Item("TE tab colon", coded("Transfer-Encoding\t: chunked"), "400", BLANK),
    Item(
        "TE after tab",
        message("POST", "/echo", JSON, "Transfer-Encoding:\tchunked") + chunked(ECHO),
        "200",
        KETTLE_2019,
    ),
    Item("TE vertical tab", coded("Transfer-Encoding: \x0bchunked"), "400", KETTLE_2019),
    Item("TE twice", coded("Transfer-Encoding: chunked", "Transfer-Encoding: x"), "400", KETTLE_2019),
    Item(
        "TE identity last",
        coded("Transfer-Encoding: chunked, identity"),
        "400",
        CVE("2022-32214", "Node: transfer codings not checked"),
    ),
    Item(
        "TE chunked twice",
        coded("Transfer-Encoding: chunked, chunked"),
        "400",
        "RFC 9112, 6.1: chunked is applied once",
    ),
    Item(
        "TE folded",
        coded("Transfer-Encoding: chunked\r\n , identity"),
        "400",
        CVE("2022-32215", "Node: multi-line Transfer-Encoding"),
    ),
    Item(
        "TE folded first",
        coded("Transfer-Encoding:\r\n chunked"),
        "400",
        CVE("2022-35256", "Node: folded header value not ended by CRLF"),
    ),
    Item(
        "TE bare LF",
        coded("Transfer-Encoding:\n chunked"),
        "400",
        CVE("2022-32213", "Node: Transfer-Encoding parsed past a bare LF"),
    ),
    Item("TE NUL", coded("Transfer-Encoding: chunked\x00"), "400", KETTLE_2019),
    Item("TE quoted", coded('Transfer-Encoding: "chunked"'), "400", KETTLE_2019),
    Item(
        "TE after CR",
        coded("X: y\rTransfer-Encoding: chunked"),
        "400",
        CVE("2023-30589", "llhttp: a bare CR ended a header"),
    ),
    Item(
        "TE in HTTP/1.0",
        coded("Transfer-Encoding: chunked").replace(b"HTTP/1.1", b"HTTP/1.0", 1),
        "400",
        "RFC 9112, 6.1: Transfer-Encoding in HTTP/1.0 has faulty framing",
    ),
    Item(
        "TE with an underscore",
        message("POST", "/echo", JSON, "Transfer_Encoding: chunked") + HIDDEN,
        "400|400 404",
        KETTLE_2019,
        two_because="fastify closes after a body it refuses, the others go on",
    ),
    Item("CL twice equal", coded("Content-Length: 2", "Content-Length: 2", body=b"{}"), "400", LENGTH),
    Item("CL twice other", coded("Content-Length: 2", "Content-Length: 20", body=b"{}" + HIDDEN), "400", LENGTH),
    Item("CL list", coded("Content-Length: 2, 2", body=b"{}"), "400", LENGTH),
    Item("CL plus", coded("Content-Length: +2", body=b"{}"), "400", LENGTH),
    Item("CL minus", coded("Content-Length: -1", body=b"{}"), "400", LENGTH),
    Item("CL hexadecimal", coded("Content-Length: 0x2", body=b"{}"), "400", LENGTH),
    Item("CL empty", coded("Content-Length:", body=b"{}"), "400", LENGTH),
    Item(
        "CL blank inside",
        coded("Content-Length: 2 0", body=b"{}"),
        "400",
        CVE("2018-7159", "Node: blanks inside Content-Length were ignored"),
    ),
    Item(
        "CL folded",
        coded("X: y\r\n Content-Length: 2", body=b"{}"),
        "400",
        CVE("2024-27982", "Node: a blank before Content-Length hid it"),
    ),
    Item("CL too large for 64 bits", coded("Content-Length: 18446744073709551617", body=b"{}"), "400", LENGTH),
    Item("CL of the limit plus one", coded("Content-Length: 102401", body=b""), "413", "RFC 9110, 15.5.14"),
    Item("CL of a terabyte", coded("Content-Length: 1099511627776", body=b"{}"), "413", "RFC 9110, 15.5.14"),
    Item(
        "CL longer than the body",
        coded("Content-Length: 50", body=b"{}"),
        "400",
        "RFC 9112, 8: an incomplete message",
    ),
    Item(
        "CL shorter than the body",
        coded("Content-Length: 2", body=b"{}" + HIDDEN),
        "400 404",
        "RFC 9112, 9.3.2: the rest is the next request",
    ),
    Item("CL.0 on GET", message(body=HIDDEN), "200", KETTLE_2022),
    Item("CL.0 on HEAD", message("HEAD", "/livez", body=HIDDEN), "200", KETTLE_2022),
    Item("CL.0 on 404", message("POST", "/nothing", body=HIDDEN), "404", KETTLE_2022),
    Item("CL.0 on 405", message("DELETE", "/", body=HIDDEN), "405", KETTLE_2022),
    Item("CL.0 on 415", message("POST", "/echo", body=HIDDEN), "415", KETTLE_2022),
    Item(
        "TE.0 on OPTIONS",
        message("OPTIONS", "/", "Transfer-Encoding: chunked") + chunked(HIDDEN),
        "204",
        "P. Arteau and others, TE.0 (2024): chunks on a method without a body",
    ),
    Item("TE on GET", message("GET", "/", "Transfer-Encoding: chunked") + chunked(HIDDEN), "200", KETTLE_2022),
    Item("Expect", post(ECHO, "Expect: 100-continue"), "200", "RFC 9110, 10.1.1"),
    Item("Expect on GET", message("GET", "/", "Expect: 100-continue", body=HIDDEN), "200", KETTLE_2025),
    Item(
        "Expect in disguise",
        message("GET", "/", "Expect: y 100-continue", body=HIDDEN),
        "200",
        KETTLE_2025,
    ),
    Item(
        "Expect nonsense",
        message("GET", "/", "Expect: the-unexpected"),
        "200",
        "RFC 9110, 10.1.1: 417 is allowed, a crash is not",
    ),
    Item("chunk extension, bare LF", chunks(b"2;\nxx\r\n{}\r\n0\r\n\r\n"), "400", FUNKY),
    Item("chunk head, bare LF", chunks(b"2\n{}\r\n0\r\n\r\n"), "400", FUNKY),
    Item("chunk head, bare CR", chunks(b"2\r{}\r\n0\r\n\r\n"), "400", FUNKY),
    Item("chunk data, bare LF", chunks(b"2\r\n{}\n0\r\n\r\n"), "400", FUNKY),
    Item("last chunk, bare LF", chunks(b"2\r\n{}\r\n0\n\n" + HIDDEN), "400", FUNKY),
    Item("chunk size blank", chunks(b"2 \r\n{}\r\n0\r\n\r\n"), "400", CHUNK),
    Item("chunk size 0x", chunks(b"0x2\r\n{}\r\n0\r\n\r\n"), "400", CHUNK),
    Item("chunk size minus", chunks(b"-2\r\n{}\r\n0\r\n\r\n"), "400", CHUNK),
    Item("chunk size empty", chunks(b"\r\n{}\r\n0\r\n\r\n"), "400", CHUNK),
    Item("chunk size overflow", chunks(b"FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n"), "400", CHUNK),
    Item("chunk of 2^63 bytes", chunks(b"7FFFFFFFFFFFFFFF\r\n{}"), "400", CHUNK),
    Item("chunk longer than its size", chunks(b"1\r\n{}\r\n0\r\n\r\n"), "400", CHUNK),
    Item("chunk shorter than its size", chunks(b"5\r\n{}\r\n0\r\n\r\n"), "400", CHUNK),
    Item("chunk without its end", chunks(b"2\r\n{}0\r\n\r\n"), "400", CHUNK),
    Item("chunks without the last", chunks(b"2\r\n{}\r\n"), "400", "RFC 9112, 8: an incomplete message"),
    Item(
        "chunk extension of 20 KB",
        chunks(b"2;" + b"x" * 20_000 + b"\r\n{}\r\n0\r\n\r\n"),
        "400",
        CVE("2024-22019", "Node: unbounded chunk extensions"),
    ),
    Item(
        "many empty extensions",
        chunks(b"2" + b";" * 1_000 + b"\r\n{}\r\n0\r\n\r\n"),
        "400",
        CVE("2024-22019", "Node: unbounded chunk extensions"),
    ),
    Item(
        "thousands of chunks",
        chunks(b"1\r\n \r\n" * 20_000 + b"10\r\n" + ECHO + b"\r\n0\r\n\r\n"),
        "200",
        CHUNK,
    ),
    Item("trailer", chunks(b"10\r\n" + ECHO + b"\r\n0\r\nX: y\r\n\r\n"), "200", "RFC 9112, 7.1.2"),
    Item(
        "trailer with a length",
        chunks(b"10\r\n" + ECHO + b"\r\n0\r\nContent-Length: 50\r\n\r\n"),
        "400",
        "RFC 9110, 6.5.1: no framing in trailers",
    ),
    Item(
        "trailer of 20 KB",
        chunks(b"10\r\n" + ECHO + b"\r\n0\r\nX: " + b"y" * 20_000 + b"\r\n\r\n"),
        "431",
        "RFC 6585, 5",
    ),
    Item(
        "trailer without colon",
        chunks(b"10\r\n" + ECHO + b"\r\n0\r\nGET /hidden HTTP/1.1\r\n\r\n"),
        "400",
        "RFC 9112, 7.1.2",
    ),
]
