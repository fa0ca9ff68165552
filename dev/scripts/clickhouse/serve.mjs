// The engine of ClickHouse, as the library chdb has it, behind as much of ClickHouse's HTTP interface as Headgate's driver uses:
// parameters of the address become settings, the server's error codes become headers and statuses. It is not the server:
// it has no users but one, no cluster, and runs one query at a time.
//
// serve.mjs FOLDER USER PASSWORD PORT   prints its address and runs until standard input ends
import { createServer } from "node:http";
import { Session } from "chdb";
import { decompress } from "fzstd";

const [folder, user, password, port] = process.argv.slice(2);
const session = new Session(folder);
const statuses = { 60: 404, 81: 404, 516: 403, 497: 403, 27: 400, 26: 400, 117: 400, 62: 400, 16: 404, 41: 400, 115: 404 };
const ours = new Set(["query", "database", "default_format", "user", "password"]);

const text = (s) => "'" + s.replaceAll("\\", "\\\\").replaceAll("'", "\\'") + "'";

// Inserts take their settings before FORMAT; others are told by SET, which lasts.
function statement(params, body) {
  const settings = [...params].filter(([name]) => !ours.has(name) && !name.startsWith("param_"))
    .map(([name, value]) => `${name} = ${text(value)}`).join(", ");
  const query = params.get("query");
  if (!query) return body;
  return query.replace(/ FORMAT (\w+)$/, (settings ? " SETTINGS " + settings : "") + " FORMAT $1") + "\n" + body;
}

function answer(response, status, code, message) {
  response.writeHead(status, code ? { "X-ClickHouse-Exception-Code": String(code) } : {});
  response.end(message);
}

function run(request, response, body) {
  if (request.headers["x-clickhouse-user"] !== user || request.headers["x-clickhouse-key"] !== password) {
    answer(response, 403, 516, `Code: 516. DB::Exception: ${request.headers["x-clickhouse-user"]}: Authentication failed: password is incorrect`);
    return;
  }
  const params = new URL(request.url, "http://localhost").searchParams;
  try {
    for (const [name, value] of params) {
      if (name.startsWith("param_")) session.query(`SET ${name} = ${text(value)}`);
    }
    if (params.get("database")) session.query("USE `" + params.get("database").replaceAll("`", "\\`") + "`");
    answer(response, 200, 0, session.query(statement(params, body), params.get("default_format") ?? "TabSeparated"));
  } catch (e) {
    const message = String(e.message).replace(/^[^]*?(?=Code: \d+)/, "");
    const code = Number(/Code: (\d+)/.exec(message)?.[1] ?? e.clickhouseCode ?? 0);
    answer(response, statuses[code] ?? 500, code, message);
  }
}

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    let body = Buffer.concat(parts);
    if (request.headers["content-encoding"] === "zstd") body = Buffer.from(decompress(body));
    run(request, response, body.toString());
  });
});
server.keepAliveTimeout = 0; // a client on a busy machine would meet the end of a connection that it is about to use
server.listen(Number(port ?? 0), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on("end", () => process.exit(0)).resume();
