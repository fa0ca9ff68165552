package hostile_test

import (
	"fmt"
	"strings"
)

// body is an event that would be taken.
const forged = `{"name":"forged"}`

// post is a request with a body and more headers, each with its line end.
func post(path, headers, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: t.shop.example\r\n%sContent-Length: %d\r\n\r\n%s", path, headers, len(body), body)
}

// raw is a POST of an event whose headers are given whole.
func raw(headers, body string) string {
	return "POST /e HTTP/1.1\r\nHost: t.shop.example\r\n" + headers + "\r\n" + body
}

const (
	chunked = "Transfer-Encoding: chunked\r\n"
	inside  = "POST /e HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: 17\r\n\r\n" + forged // what is smuggled
)

// smuggling are requests that two parsers read differently: RFC 9112, sections 6 and 11.2.
func smuggling() []attack {
	length := fmt.Sprintf("Content-Length: %d\r\n", len(inside)+5)
	list := []attack{
		{"length and encoding", raw(length+chunked, "0\r\n\r\n"+inside)},
		{"encoding and length", raw(chunked+length, "0\r\n\r\n"+inside)},
		{"length of zero and encoding", raw("Content-Length: 0\r\n"+chunked, "0\r\n\r\n")},
		{"two lengths", raw("Content-Length: 0\r\n"+length, inside)},
		{"two equal lengths", raw("Content-Length: 0\r\nContent-Length: 0\r\n", "")},
		{"a list of lengths", raw("Content-Length: 0, 60\r\n", inside)},
		{"a list of equal lengths", raw("Content-Length: 0, 0\r\n", "")},
		{"two encodings", raw(chunked+chunked, "0\r\n\r\n"+inside)},
	}
	for _, encoding := range []string{"identity", "gzip, chunked", "chunked, identity", "chunked;q=1", "xchunked", "chunked, chunked", "CHUNKED x", "", "\x0bchunked",
		"chunked\x00", `"chunked"`, "deflate"} {
		list = append(list, attack{fmt.Sprintf("encoding %q", encoding), raw("Transfer-Encoding: "+encoding+"\r\n"+length, "0\r\n\r\n"+inside)})
	}
	for _, line := range []string{"Transfer-Encoding : chunked", " Transfer-Encoding: chunked", "Transfer-Encoding:\r\n chunked", "Transfer-Encoding:\n\tchunked",
		"X: y\r\n Transfer-Encoding: chunked", "X: y\rTransfer-Encoding: chunked", "Transfer_Encoding: chunked", "Transfer-Encoding\x00: chunked",
		"Transfer-Encoding\t: chunked", "\x00Transfer-Encoding: chunked"} {
		list = append(list, attack{fmt.Sprintf("line %q", line), raw(line+"\r\n"+length, "0\r\n\r\n"+inside)})
	}
	for _, number := range []string{"-1", "+17", "0x11", "17 ", "1 7", "17.0", "1e1", "99999999999999999999", "9223372036854775807", "", "seventeen", "\u0661\u0667", "017"} {
		list = append(list, attack{fmt.Sprintf("length %q", number), raw("Content-Length: "+number+"\r\n", `{"name": 17}`)})
	}
	return list
}

// chunks are chunked bodies that are not as RFC 9112, section 7.1, has them.
func chunks() []attack {
	var list []attack
	for _, body := range []string{
		"-1\r\n" + forged + "\r\n0\r\n\r\n", "0x11\r\n" + forged + "\r\n0\r\n\r\n", "+11\r\n" + forged + "\r\n0\r\n\r\n", "g\r\n" + forged + "\r\n0\r\n\r\n",
		"fffffffffffffffff\r\n" + forged, "7fffffffffffffff\r\n" + forged, "ffffffff\r\n" + forged, "5\r\n" + forged + "\r\n0\r\n\r\n", "\r\n" + forged, " 11\r\n" + forged + "\r\n0\r\n\r\n",
		"11\n" + forged + "\n0\n\n", "11\r" + forged, "11\r\n" + forged + "0\r\n\r\n", "11 ;x\r\n" + forged + "XX0\r\n\r\n", "000000000000000000000011\r\n" + forged + "0\r\n\r\n",
		"1_1\r\n" + forged + "\r\n0\r\n\r\n",
	} {
		list = append(list, attack{fmt.Sprintf("chunks %.24q", body), raw(chunked, body)})
	}
	return append(list,
		attack{"chunks beyond the limit", raw(chunked, strings.Repeat("10000\r\n"+strings.Repeat("x", 0x10000)+"\r\n", 20)+"0\r\n\r\n")},
		attack{"a chunk extension beyond the limit", raw(chunked, "11;"+strings.Repeat("x", 2<<20)+"\r\n"+forged+"XX0\r\n\r\n")},
		attack{"50,000 empty lines of a trailer", raw(chunked, "0\r\n"+strings.Repeat("X: y\r\n", 50000)+"\r\n")},
	)
}

// lines are request lines and headers that are no HTTP/1.1, or too much of it.
func lines() []attack {
	host := "Host: t.shop.example\r\n"
	var list []attack
	for _, line := range []string{
		"GET /e?e=forged HTTP/2.0", "PRI * HTTP/2.0", "GET /e", "GET /e HTTP/0.9", "GET /e HTTP/1.2", "GET /e HTTP/9.9", "GET /e http/1.1", "GET  /e  HTTP/1.1", "GET\t/e\tHTTP/1.1",
		"GET http://t.shop.example/e HTTP/1.1", "GET https://evil.example/p.gif?e=forged HTTP/1.1", "CONNECT evil.example:443 HTTP/1.1", "OPTIONS * HTTP/1.1",
		"GET //evil.example/%2e%2e HTTP/1.1", "GET /../../etc/passwd HTTP/1.1", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1", "GET /\x00 HTTP/1.1", "GET /%00 HTTP/1.1", "GET /%zz HTTP/1.1",
		"GET /e%0d%0aX:%20y HTTP/1.1", "GET /%ff%fe HTTP/1.1", "GET \\e HTTP/1.1", "GET ?e HTTP/1.1", "GET # HTTP/1.1", " GET /e HTTP/1.1",
		"TRACE /e HTTP/1.1", "DELETE /e HTTP/1.1", "PUT /e HTTP/1.1", "PATCH /e HTTP/1.1", "PROPFIND / HTTP/1.1", "get /e HTTP/1.1", "P\xc3\x96ST /e HTTP/1.1", "G@T /e HTTP/1.1",
		strings.Repeat("A", 10000) + " /e HTTP/1.1", "GET /api/status HTTP/1.1", "GET /metrics HTTP/1.1", "POST /api/reload HTTP/1.1", "GET /.env HTTP/1.1", "GET /r/tp2?u=https://evil.example HTTP/1.1",
		"GET /e?" + strings.Repeat("x", 17<<10) + " HTTP/1.1", "GET /p.gif?e=a&" + strings.Repeat("x=1&", 5000) + " HTTP/1.1", "GET /" + strings.Repeat("a/", 40000) + " HTTP/1.1",
	} {
		list = append(list, attack{fmt.Sprintf("%.60q", line), line + "\r\n" + host + "\r\n"})
	}
	for _, headers := range []string{
		"", "Host:\r\n", host + host, "Host: t.shop.example\r\nHost: evil.example\r\n", "Host: evil.example\r\n", "Host: t.shop.example@evil.example\r\n", "Host: t.shop.example/x\r\n",
		"Host: t.shop.example:99999999\r\n", "Host: t.shop.example evil.example\r\n", "Host: t.shop.example\x00\r\n", "Host: \u0442.shop.example\r\n", "Host: " + strings.Repeat("a", 300) + "\r\n",
		host + "no colon\r\n", host + ": no name\r\n", host + "X: " + strings.Repeat("y", 40<<10) + "\r\n", host + strings.Repeat("X: y\r\n", 6000), host + "X\x00: y\r\n", host + "X: \x00\r\n",
		host + "X: a\rb\r\n", host + "\xff\xfe: y\r\n", host + "Cookie: " + strings.Repeat("a=b; ", 6000) + "\r\n", host + strings.Repeat("Cookie: a=b\r\n", 2000),
		host + "Expect: 100-continue\r\n", host + "Expect: 200-ok\r\n", host + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
		host + "Upgrade: websocket\r\nConnection: Upgrade\r\n", host + "Range: bytes=0-18446744073709551615\r\n", host + "Content-Type: " + strings.Repeat("a", 9000) + "\r\n",
	} {
		list = append(list, attack{fmt.Sprintf("headers %.60q", headers), "GET /healthz HTTP/1.1\r\n" + headers + "\r\n"})
	}
	return append(list,
		attack{"TLS on the plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\xaa", 500)},
		attack{"a Redis command", "*1\r\n$4\r\nPING\r\n"}, attack{"an SSH greeting", "SSH-2.0-OpenSSH_9.6\r\n"}, attack{"nothing but line ends", strings.Repeat("\r\n", 5000)},
		attack{"nothing but zeros", strings.Repeat("\x00", 5000)}, attack{"a SOCKS5 greeting", "\x05\x01\x00"}, attack{"a PROXY line", "PROXY TCP4 198.51.100.66 10.0.0.1 1 80\r\n"},
		attack{"a multipart body", post("/e", "Content-Type: multipart/form-data; boundary=x\r\n", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nforged\r\n--x--\r\n")},
	)
}

// slow are clients that keep a connection as long as they may.
func slow() []attack {
	return []attack{
		{"half a request line", "POST /e HT"}, {"half the headers", "POST /e HTTP/1.1\r\nHost: t.shop.example\r\nX: "},
		{"a body that does not come", "POST /e HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: 900\r\n\r\n"},
		{"half a body", "POST /e HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: 900\r\n\r\n" + forged},
		{"a chunk that does not come", raw(chunked, "11\r\n")}, {"chunks without an end", raw(chunked, "11\r\n"+forged+"\r\n")},
	}
}
