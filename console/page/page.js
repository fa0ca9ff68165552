// The admin page: what /api/status and /api/live say, as a person reads it. Everything that came from outside is put into
// the page as text, never as HTML.

const refreshEvery = 2000; // ms
const tracesKept = 100;

const $ = (id) => document.getElementById(id);
let token = sessionStorage.getItem("token") ?? "";
let watching = null; // AbortController of the live view

// ask sends a request; the words of a refusal are the error's message.
async function ask(path, options = {}) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(path, { ...options, headers });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({ error: answer.statusText }));
  throw Object.assign(new Error(said.error), { status: answer.status });
}

// make is an element with text or elements in it.
function make(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

const count = (n) => n.toLocaleString("en");
const size = (bytes) => (bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`);
const span = (s) => (s < 1 ? "" : s < 120 ? `${Math.round(s)} s` : s < 7200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`);

function showStatus(status) {
  const loaded = new Date(status.config.loaded_at).toLocaleString();
  $("summary").textContent = `${count(status.accepted)} events accepted · ${count(status.queue.pending)} pending · log ${size(status.queue.bytes)}` +
    ` · configuration ${status.config.hash.slice(0, 8)} of ${loaded}`;
  const unread = (status.consent?.unread_cookies ?? []).map((cookie) => cookie.name);
  const troubles = [status.config.error && `The newest configuration is not in force: ${status.config.error}`, status.queue.damage && `The log is damaged: ${status.queue.damage}`,
    unread.length && `Consent tools whose cookies are not read: ${unread.join(", ")}.`];
  $("trouble").textContent = troubles.filter(Boolean).join(" ");
  $("trouble").hidden = !$("trouble").textContent;
  $("warnings").replaceChildren(...status.config.warnings.map((words) => make("li", "", words)));
  $("destinations").replaceChildren(...Object.entries(status.destinations).map(([name, d]) => destinationRow(name, d)));
}

function destinationRow(name, d) {
  const running = d.state === "running";
  const button = make("button", "", running ? "pause" : "resume");
  button.addEventListener("click", () => switchDestination(name, running ? "pause" : "resume"));
  return make("tr", "",
    make("td", "", name),
    make("td", running ? "good" : "bad", d.state),
    ...[d.delivered, d.redacted, d.filtered, d.denied, d.rejected, d.pending].map((n) => make("td", "number", count(n))),
    make("td", "number", span(d.lag_seconds)),
    make("td", "words", d.last_error),
    make("td", "", button));
}

async function switchDestination(name, verb) {
  try {
    await ask(`api/destinations/${encodeURIComponent(name)}/${verb}`, { method: "POST" });
    await refresh();
  } catch (error) {
    alert(error.message);
  }
}

async function refresh() {
  try {
    showStatus(await (await ask("api/status")).json());
    $("login").hidden = true;
    $("main").hidden = false;
  } catch (error) {
    $("summary").textContent = error.status === 401 ? "" : `no status: ${error.message}`;
    if (error.status === 401) {
      $("login").hidden = false;
      $("main").hidden = true;
    }
  }
}

// traceView is one event in a sentence per destination, and the whole trace below.
function traceView(trace) {
  const { event, destinations } = trace;
  const due = Object.values(destinations).filter((d) => d.action === "deliver" || d.action === "redact").length;
  const head = make("summary", "", make("strong", "", event.name), ` to ${due} of ${Object.keys(destinations).length}`, make("code", "", event.id));
  if (trace.dropped_by) head.append(make("span", "bad", ` dropped by ${trace.dropped_by}`));
  if (trace.refused) head.append(make("span", "soft", " refused: shown as redacted"));
  const sentences = Object.entries(destinations).map(([name, d]) =>
    make("li", "", make("strong", "", name), `: ${d.action}`, make("span", "soft", d.because ? ` · ${d.because}` : ""),
      d.verdict ? make("span", d.verdict.verdict === "delivered" ? "good" : "bad", ` · ${d.verdict.verdict} ${d.verdict.why ?? ""}`) : ""));
  const view = make("details", "", head, make("ul", "", ...sentences));
  view.addEventListener("toggle", () => view.append(make("pre", "", JSON.stringify(trace, null, 2))), { once: true });
  return view;
}

function addTrace(trace) {
  $("traces").prepend(traceView(trace));
  while ($("traces").childElementCount > tracesKept) $("traces").lastElementChild.remove();
}

// watch reads server-sent events with fetch, since EventSource cannot send a token.
async function watch(where) {
  watching?.abort();
  const mine = (watching = new AbortController());
  let seen = 0;
  let lost = 0;
  try {
    const answer = await ask(`api/live?where=${encodeURIComponent(where)}`, { signal: mine.signal });
    $("stop").disabled = false;
    $("live-state").textContent = "waiting for events …";
    let rest = "";
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      const messages = (rest + piece).split("\n\n");
      rest = messages.pop();
      for (const message of messages) {
        const data = message.split("\n").find((line) => line.startsWith("data: "));
        if (!data) continue;
        const said = JSON.parse(data.slice("data: ".length));
        if (message.startsWith("event: lost")) lost += said.lost;
        else addTrace(said), seen++;
        $("live-state").textContent = `${count(seen)} seen` + (lost ? `, ${count(lost)} left out since they came too fast` : "");
      }
    }
    $("live-state").textContent = "the live view has ended";
  } catch (error) {
    if (mine === watching) $("live-state").textContent = mine.signal.aborted ? "stopped" : error.message;
  } finally {
    if (mine === watching) $("stop").disabled = true;
  }
}

$("watch").addEventListener("submit", (submit) => {
  submit.preventDefault();
  watch(submit.target.where.value.trim());
});
$("stop").addEventListener("click", () => watching?.abort());
$("find").addEventListener("submit", async (submit) => {
  submit.preventDefault();
  try {
    for (const trace of await (await ask(`api/events/${encodeURIComponent(submit.target.id.value.trim())}`)).json()) addTrace(trace);
    $("live-state").textContent = "";
  } catch (error) {
    $("live-state").textContent = error.message;
  }
});
$("login").addEventListener("submit", (submit) => {
  submit.preventDefault();
  token = submit.target.token.value;
  sessionStorage.setItem("token", token);
  refresh();
});

await refresh();
setInterval(refresh, refreshEvery);
