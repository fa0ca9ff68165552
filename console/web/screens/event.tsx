// One event: what came, what was read, what consent concluded, what rules changed, and what each destination got and said.

import { useState } from "preact/hooks";
import { call, Refusal, type Trace } from "../api";
import { clock, moment, plural, text, words } from "../format";
import { about } from "../parts/about";
import { SendAgain } from "../parts/again";
import { readDraft } from "../parts/draft";
import { Json } from "../parts/json";
import { useKeys } from "../parts/keys";
import { Show, useLoad } from "../parts/load";
import { Copy, Equal, Head, Scroll } from "../parts/page";
import { DestinationFolds } from "../parts/sent";
import { St, stateOf, stateWord, states, type State } from "../parts/state";
import type { Screen } from "../main";
import { go, personAt, useQuery } from "../route";

export default function EventScreen({ name: id }: Screen) {
  const traces = useLoad<Trace[]>(eventApi(id));
  const [at, setAt] = useQuery("at", "0");
  return (
    <>
      {traces.error?.status === 404 && !traces.error.absent && !traces.data ? <Missing id={id} /> : (
      <Show of={traces} what="This event">
        {(all) => {
          const trace = all[Number(at)] ?? all[0];
          if (!trace) return <Missing id={id} />;
          return (
            <>
              {all.length > 1 && (
                <p class="filters">One hit made {all.length} events: {all.map((t, i) => (
                  <button key={t.event.id} class="chip" aria-pressed={t === trace} onClick={() => setAt(String(i))}>{t.event.name}</button>
                ))}</p>
              )}
              <One trace={trace} again={traces.again} />
            </>
          );
        }}
      </Show>
      )}
      <Equal command={`headgate explain --id ${id}`} api={`GET ${eventApi(id)}`} />
    </>
  );
}

const eventApi = (id: string) => "/api/events/" + encodeURIComponent(id);

const Missing = ({ id }: { id: string }) => (
  <>
    <Head title="Event" />
    <p class="none words">Nothing with the id <code>{id}</code> is kept: the log has forgotten it, or it was never accepted. <a href="/live?view=stored">Search the stored events</a>.</p>
  </>
);

function One({ trace, again }: { trace: Trace; again: () => void }) {
  const [sending, setSending] = useState(false);
  const [under, setUnder] = useState<{ trace?: Trace; error?: string } | null>(null);
  const draft = readDraft();
  const { event } = trace;
  const explain = async () => {
    if (!draft) return go("/configuration");
    try {
      const [first] = await call<Trace[]>("/api/explain", { body: { id: event.id, files: draft.files } });
      setUnder(first ? { trace: first } : { error: "The draft makes nothing of this event." });
    } catch (thrown) {
      setUnder({ error: thrown instanceof Refusal ? thrown.message : String(thrown) });
    }
  };
  const curl = curlOf(trace);
  useKeys({ e: () => void explain(), r: () => setSending(true), c: () => void navigator.clipboard?.writeText(curl) });
  const shown = under?.trace ?? trace;
  return (
    <>
      <Head
        title={[event.name, text(event.params?.["transaction_id"])].filter(Boolean).join(" ")}
        tab={event.name}
        crumb={<><a href="/live">Live</a> / <span>event</span> / <code class="words">{event.id}</code></>}
        sub={moment(event.received ?? event.time)}
      >
        <button class="btn" onClick={() => void explain()} title={draft ? undefined : "There is no draft yet: opens the editor"}>Explain under the draft <kbd>e</kbd></button>
        <button class="btn" onClick={() => setSending(true)}>Send again <kbd>r</kbd></button>
        <Copy text={curl} what="as curl" word="curl" />
        <Copy text={caseOf(trace)} what="as a test case" word="test case" />
      </Head>
      {under?.error && <div class="callout warn" role="alert"><p class="words">{under.error}</p></div>}
      {under?.trace && <div class="callout warn" role="status"><p><strong>Under the draft.</strong> Below is what the draft would do; nothing was sent. <button class="aslink" onClick={() => setUnder(null)}>Show what happened</button></p></div>}
      <Verdict trace={shown} />
      <div class="stages">
        <Rail trace={shown} />
        <div>
          <Received trace={shown} />
          <Read trace={shown} />
          <Consent trace={shown} />
          <Rules trace={shown} />
          <section id="s5">
            <div class="bar-head"><h2>Destinations</h2><span class="soft small">one sentence each; open for the exact request and every answer</span></div>
            <DestinationFolds trace={shown} again={again} />
          </section>
        </div>
      </div>
      {sending && <SendAgain trace={trace} close={() => setSending(false)} done={again} />}
    </>
  );
}

const named = (trace: Trace, state: State) => Object.keys(trace.destinations).filter((name) => stateOf(trace.destinations[name]!) === state);

/** Verdict judges the event in a few sentences. */
function Verdict({ trace }: { trace: Trace }) {
  const all = Object.keys(trace.destinations).length;
  const [delivered, rejected, retrying, pending, denied] = (["delivered", "rejected", "retrying", "pending", "denied"] as State[]).map((s) => named(trace, s)) as [string[], string[], string[], string[], string[]];
  const mood = rejected.length > 0 ? "" : retrying.length > 0 ? "warn" : delivered.length > 0 ? "good" : "soft-line";
  const why = (name: string) => trace.destinations[name]!.verdict?.why;
  return (
    <div class={`callout ${mood}`}>
      <p class="words">
        <strong>{trace.dropped_by ? `Dropped by the rule ${trace.dropped_by}.` : `Reached ${delivered.length} of ${plural(all, "destination")}.`}</strong>{" "}
        {rejected.map((name) => `${name} rejected it${why(name) ? `: “${why(name)}”` : ""}. `)}
        {retrying.length > 0 && `${words(retrying)} ${retrying.length === 1 ? "is" : "are"} backing off and will get it. `}
        {pending.length > 0 && `${words(pending)} will get it. `}
        {denied.length > 0 && `${words(denied)} ${denied.length === 1 ? "was" : "were"} not allowed to have it. `}
        {trace.refused && "Consent lets nobody have all of it, so what was refused is left out here too."}
      </p>
    </div>
  );
}

function Rail({ trace }: { trace: Trace }) {
  const purposes = Object.values(trace.consent?.state ?? {});
  const by = (s: string) => purposes.filter((p) => p.state === s).length;
  const matched = (trace.rules ?? []).filter((r) => r.matched);
  const counts = states.map((s) => [named(trace, s).length, stateWord[s].toLowerCase()] as const).filter(([n]) => n > 0);
  const bad = named(trace, "rejected").length > 0;
  const stages: [string, string, string, boolean][] = [
    ["#s1", "Received", [trace.source, trace.traffic].filter(Boolean).join(", "), false],
    ["#s2", "Read", plural(fields(trace).length, "field"), false],
    ["#s3", "Consent", `${by("granted")} granted, ${by("denied")} denied`, false],
    ["#s4", "Rules", `${matched.length} matched, ${plural(matched.reduce((n, r) => n + (r.changes ?? []).length, 0), "change")}`, !!trace.rules?.some((r) => r.error)],
    ["#s5", "Destinations", counts.map(([n, w]) => `${n} ${w}`).join(", "), bad],
  ];
  return (
    <nav class="rail" aria-label="Stages">
      {stages.map(([href, title, says, wrong], i) => (
        <a key={href} href={href}><span class={`no ${wrong ? "rejected" : ""}`}>{i + 1}</span><span class="t">{title}</span><span class="s">{says}</span></a>
      ))}
    </nav>
  );
}

function Received({ trace }: { trace: Trace }) {
  return (
    <section id="s1">
      <div class="bar-head"><h2>Received</h2><span class="soft small">by the source {trace.source}{trace.traffic && `, ${trace.traffic}`}{trace.emitted_by && `, made by the rule ${trace.emitted_by}`}</span></div>
      {trace.received ? (
        <details class="fold plain"><summary><span class="soft">The event as the source read it, before the rules</span><span class="faint small hide-s">JSON</span></summary><div class="in"><pre class="wrap" tabIndex={0}><Json value={trace.received} /></pre></div></details>
      ) : <p class="soft small">The log keeps the event as it left the rules, and what the rules changed.</p>}
    </section>
  );
}

/** fields are all values of an event by path. */
function fields(trace: Trace): [string, unknown][] {
  const out: [string, unknown][] = [];
  const walk = (value: unknown, path: string) => {
    if (value && typeof value === "object" && !Array.isArray(value)) for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
    else if (value !== undefined && value !== null && value !== "") out.push([path, value]);
  };
  walk(trace.event, "");
  return out;
}

const first = ["name", "site", "params.transaction_id", "params.value", "params.currency", "items", "page.url", "user.client_id", "user.user_id", "user.email", "campaign.source", "campaign.medium", "campaign.name", "campaign.click_ids.gclid", "campaign.click_ids.fbclid", "geo.country", "geo.region", "device.type", "device.browser", "device.os"];

function Read({ trace }: { trace: Trace }) {
  const [all, setAll] = useState(false);
  const list = fields(trace);
  const chosen = all ? list : list.filter(([path]) => first.includes(path)).sort((a, b) => first.indexOf(a[0]) - first.indexOf(b[0]));
  const half = Math.ceil(chosen.length / 2);
  const value = (path: string, v: unknown) =>
    path === "user.client_id" || path === "user.user_id" ? <a href={personAt(String(v))}>{text(v)}</a>
      : path === "items" && Array.isArray(v) ? v.map((item) => [text(item?.id), text(item?.name), item?.quantity > 1 && `× ${item.quantity}`].filter(Boolean).join(" ")).join(", ")
      : text(v);
  return (
    <section id="s2">
      <div class="bar-head">
        <h2>Read</h2><span class="soft small">in Headgate's own names, as it left the rules</span>
        <div class="tools"><button class="btn ghost" aria-expanded={all} onClick={() => setAll(!all)}>{all ? "The important ones" : `All ${list.length} fields`}</button></div>
      </div>
      <div class="cols-2">
        {[chosen.slice(0, half), chosen.slice(half)].map((part, i) => (
          <dl class="kv" key={i}>{part.map(([path, v]) => <><dt>{path}</dt><dd>{value(path, v)}</dd></>)}</dl>
        ))}
      </div>
    </section>
  );
}

function Consent({ trace }: { trace: Trace }) {
  const c = trace.consent;
  if (!c) return <section id="s3"><div class="bar-head"><h2>Consent</h2></div><p class="soft small">No record of consent is kept with this event.</p></section>;
  const asState = (s: string): State => (s === "granted" ? "delivered" : s === "denied" ? "denied" : "filtered");
  return (
    <section id="s3">
      <div class="bar-head"><h2>Consent</h2><span class="soft small">rule {c.region.rule} ({c.region.model.replace("_", "-")}), visitor in {[c.region.country, c.region.region].filter(Boolean).join("-") || "an unknown place"}</span></div>
      {c.conflict && <div class="callout warn"><p class="words">{c.conflict}</p></div>}
      <Scroll label="Purposes">
        <table>
          <thead><tr><th scope="col">Purpose</th><th scope="col">State</th><th scope="col" class="hide-s">Basis</th><th scope="col">Signal</th></tr></thead>
          <tbody>
            {Object.entries(c.state).map(([purpose, s]) => (
              <tr key={purpose}><th scope="row">{purpose}</th><td><St state={asState(s.state)} word={s.state} /></td><td class="hide-s">{s.basis}</td><td class="words">{s.source}</td></tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {c.signals && c.signals.length > 0 && (
        <details class="fold plain">
          <summary><span class="soft">{plural(c.signals.length, "signal")}, and what each says</span></summary>
          <div class="in"><dl class="kv small">{c.signals.map((s) => <><dt>{s.name}</dt><dd>{s.says}{s.set_aside && <span class="faint"> set aside: {s.set_aside}</span>}{s.when && <span class="faint"> of {clock(s.when)}</span>}</dd></>)}</dl></div>
        </details>
      )}
    </section>
  );
}

function Rules({ trace }: { trace: Trace }) {
  const rules = trace.rules ?? [];
  const matched = rules.filter((r) => r.matched || r.error);
  const others = rules.filter((r) => !r.matched && !r.error);
  return (
    <section id="s4">
      <div class="bar-head"><h2>Rules</h2><span class="soft small">{trace.dropped_by ? `${trace.dropped_by} dropped it` : matched.length === 0 ? "none changed it" : `${matched.length} matched`}</span></div>
      <ol>
        {matched.map((rule) => (
          <li class="panel" key={rule.name + (rule.for ?? "")}>
            <div class="bar-head"><h3 class="words">{rule.name}</h3><span class={`tag ${rule.error ? "rejected" : "delivered"}`}>{rule.error ? "failed" : "matched"}</span>{rule.for && <span class="faint small">of {rule.for}</span>}</div>
            {rule.error && <p class="rejected words">{rule.error}</p>}
            {rule.emitted && <p class="soft">It made the event {rule.emitted} of this one.</p>}
            {rule.changes && rule.changes.length > 0 && (
              <Scroll label={`Changes of ${rule.name}`}>
                <table class="diff"><tbody>
                  {rule.changes.map((c) => (
                    <tr key={c.path}><th scope="row" class="mono fit">{c.path}</th><td>{c.old === null ? <span class="tag">not there</span> : <del>{text(c.old)}</del>} → {c.new === null ? <span class="tag rejected">left out</span> : <ins>{text(c.new)}</ins>}</td></tr>
                  ))}
                </tbody></table>
              </Scroll>
            )}
          </li>
        ))}
      </ol>
      {others.length > 0 && (
        <details class="fold plain"><summary><span class="soft">{plural(others.length, "rule")} did not match</span><span class="faint small hide-s">{others.slice(0, 2).map((r) => r.name).join(", ")}{others.length > 2 && ", …"}</span></summary>
          <div class="in"><ul>{others.map((r) => <li key={r.name + (r.for ?? "")} class="words">{r.name}{r.for && <span class="faint"> of {r.for}</span>}</li>)}</ul></div>
        </details>
      )}
    </section>
  );
}

/** curlOf sends the same event once more, to the source for Headgate's own names. */
function curlOf(trace: Trace): string {
  const { id: _, received: __, source: ___, site: ____, ...event } = trace.received ?? trace.event;
  return `curl -i http://localhost:8080/e -H 'Content-Type: application/json' -d '${JSON.stringify(event).replaceAll("'", "'\\''")}'`;
}

/** caseOf is a case for tests: in the configuration. JSON is YAML. */
function caseOf(trace: Trace): string {
  const changed = Object.fromEntries((trace.rules ?? []).flatMap((r) => (r.changes ?? []).map((c) => [c.path, c.new] as const)));
  const expect = trace.dropped_by ? { dropped_by: trace.dropped_by } : Object.keys(changed).length > 0 ? changed : { name: trace.event.name };
  return `tests:\n  - name: ${JSON.stringify(`${trace.event.name} ${about(trace.event)}`.trim())}\n    event: ${JSON.stringify(trace.received ?? trace.event)}\n    expect: ${JSON.stringify(expect)}\n`;
}

