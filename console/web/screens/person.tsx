// One person: the timeline of what is held, and their rights.

import { useEffect, useState } from "preact/hooks";
import { call, lines, may, request, Refusal, type Trace } from "../api";
import { count, minute, plural } from "../format";
import { about } from "../parts/about";
import { Ask } from "../parts/dialog";
import { Icon } from "../parts/icon";
import { Equal, Head, Tabs } from "../parts/page";
import { Glyph, St, states, stateOf, worst, type State } from "../parts/state";
import type { Screen } from "../main";
import { eventAt, useQuery } from "../route";

interface Receipt {
  time: string;
  site?: string;
  rule: string;
  model: string;
  choices: { purpose: string; granted: boolean; source: string }[];
}

interface Held {
  person?: { kind: string; id: string };
  suppression?: { subject: string; withdrawn?: string; purposes?: string[] };
  receipt?: Receipt;
  event?: Trace;
  dead_letter?: Trace;
  done?: boolean;
  error?: string;
}

interface Entry {
  time: string;
  event?: { id: string; name: string; about: string; states: Record<string, State> };
  receipt?: Receipt;
}

interface Known {
  person?: { kind: string; id: string };
  suppressions: NonNullable<Held["suppression"]>[];
  entries: Entry[];
  traces: Trace[];
  text: string; // as it came, for the export
  more: boolean;
}

const tabs = [{ id: "", name: "Everything" }, { id: "steps", name: "Steps" }, { id: "consent", name: "Consent" }];

export default function Person({ name: id }: Screen) {
  const [kind] = useQuery("as");
  const [tab, setTab] = useQuery("tab");
  const [round, again] = useState(0);
  const { known, error, busy } = useKnown(id, kind, round);
  const [asking, ask] = useState<"" | "suppress" | "delete">("");
  const shown = kind === "email" || kind === "phone" ? `${kind} ${id.slice(0, 12)}…` : id;
  const entries = (known?.entries ?? []).filter((e) => tab === "" || (tab === "consent" ? e.receipt : e.event));
  const command = `headgate subject export ${id}${kind ? " --as " + kind : ""}`;
  return (
    <>
      <Head title="Person" crumb={<><a href="/people">Persons</a> / <code class="words">{shown}</code></>} sub={known && summary(known)}>
        <button class="btn" disabled={!known} onClick={() => save(`${id}.jsonl`, known!.text)}><Icon name="down" />Export</button>
        <button class="btn danger" disabled={!may("operate")} onClick={() => ask("suppress")}>Suppress…</button>
        <button class="btn danger" disabled={!may("operate")} onClick={() => ask("delete")}>Delete…</button>
      </Head>
      <div class="callout soft-line"><p>What is held about a person is read from the log itself. This view is recorded in the audit.</p></div>
      {error && <div class="callout warn" role="alert"><p class="words">{error}</p></div>}
      {known && known.suppressions.length > 0 && (
        <div class="callout warn"><p><strong>Suppressed.</strong> {known.suppressions.map((s) => (s.purposes?.length ? `No ${s.purposes.join(", ")} since ${s.withdrawn ? new Date(s.withdrawn).toLocaleString("en-GB") : "the withdrawal"}. ` : "Nothing of this person is sent. "))}</p></div>
      )}
      <div class="cols-21">
        <div>
          <Tabs label="What to show" tabs={tabs} value={tab} choose={setTab} />
          <div role="tabpanel" id="tab-panel" aria-labelledby={"tab-" + tab}>
            {busy && !known ? <p class="none" role="status">Reading the log…</p> : entries.length > 0 ? <Timeline entries={entries} /> : known && <p class="none">{tab === "consent" ? "No change of consent is recorded." : "The log holds no event of this person."}</p>}
            {known?.more && <p class="soft small">The newest {count(known.entries.length)} are shown; the export has all.</p>}
          </div>
        </div>
        <div>{known && <Aside known={known} kind={kind} />}</div>
      </div>
      {asking && <Rights id={id} kind={kind} verb={asking} close={() => ask("")} done={() => again((n) => n + 1)} />}
      <Equal command={command} api="POST /api/subjects/export" />
    </>
  );
}

function summary(known: Known): string {
  const events = known.entries.filter((e) => e.event).length;
  return plural(events, "event") + (known.more ? " and more" : "");
}

const mostShown = 500;

/** useKnown reads all that is held about a person. */
function useKnown(id: string, kind: string, round: number): { known?: Known; error: string; busy: boolean } {
  const [state, set] = useState<{ known?: Known; error: string; busy: boolean }>({ error: "", busy: true });
  useEffect(() => {
    const stop = new AbortController();
    set((old) => ({ known: old.known, error: "", busy: true }));
    read(id, kind, stop.signal).then(
      (known) => !stop.signal.aborted && set({ known, error: "", busy: false }),
      (thrown) => !stop.signal.aborted && set({ error: thrown instanceof Refusal ? thrown.message : "Headgate does not answer.", busy: false }),
    );
    return () => stop.abort();
  }, [id, kind, round]);
  return state;
}

async function read(id: string, kind: string, signal: AbortSignal): Promise<Known> {
  const known: Known = { suppressions: [], entries: [], traces: [], text: "", more: false };
  for await (const held of lines<Held>(await request("/api/subjects/export", { body: { id, kind }, signal }))) {
    if (held.error) throw new Refusal(500, held.error);
    if (held.done) break;
    known.text += JSON.stringify(held) + "\n";
    if (held.person) known.person = held.person;
    if (held.suppression) known.suppressions.push(held.suppression);
    if (held.receipt) known.entries.push({ time: held.receipt.time, receipt: held.receipt });
    if (held.event) {
      const { event } = held.event;
      if (known.traces.length < 50) known.traces.push(held.event);
      const its = Object.fromEntries(Object.entries(held.event.destinations).map(([name, d]) => [name, stateOf(d)]));
      known.entries.push({ time: event.received ?? event.time, event: { id: event.id, name: event.name, about: about(event), states: its } });
    }
  }
  known.entries.sort((a, b) => (a.time < b.time ? 1 : -1));
  known.more = known.entries.length > mostShown;
  known.entries = known.entries.slice(0, mostShown);
  return known;
}

function Timeline({ entries }: { entries: Entry[] }) {
  let day = "";
  return (
    <div class="time">
      {entries.map((entry, i) => {
        const its = new Date(entry.time).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
        const first = its !== day;
        day = its;
        return (
          <>
            {first && <div class="day" key={its}>{its}</div>}
            <div class="at" key={i}>{minute(entry.time)}</div>
            {entry.event ? <EventEntry {...entry.event} /> : <ReceiptEntry receipt={entry.receipt!} />}
          </>
        );
      })}
    </div>
  );
}

function EventEntry({ id, name, about: what, states: its }: NonNullable<Entry["event"]>) {
  const all = Object.entries(its);
  return (
    <>
      <div class="pin"><Glyph state={worst(all.map(([, s]) => s))} /></div>
      <div class="it words">
        <a class="ev" href={eventAt(id)}>{name}</a> <span class="soft">{what}</span>
        <div class="deliv">
          {states.map((s) => {
            const names = all.filter(([, is]) => is === s).map(([n]) => n);
            if (names.length === 0) return null;
            return <St key={s} state={s} word={s === "delivered" || names.length > 2 ? `${names.length} ${s}` : names.join(", ")} />;
          })}
        </div>
      </div>
    </>
  );
}

function ReceiptEntry({ receipt }: { receipt: Receipt }) {
  const of = (granted: boolean) => receipt.choices.filter((c) => c.granted === granted).map((c) => c.purpose);
  const [yes, no] = [of(true), of(false)];
  return (
    <>
      <div class="pin"><Glyph state="denied" /></div>
      <div class="it">
        <strong>Consent changed</strong> <span class="soft words">{receipt.choices[0]?.source}, rule {receipt.rule}</span>
        <div class="deliv">{yes.length > 0 && <span>granted: {yes.join(", ")}</span>}{no.length > 0 && <span class="denied">denied: {no.join(", ")}</span>}</div>
      </div>
    </>
  );
}

function Aside({ known, kind }: { known: Known; kind: string }) {
  const ids = new Map<string, Set<string>>();
  const add = (key: string, value: unknown) => value && (ids.get(key) ?? ids.set(key, new Set()).get(key)!).add(String(value));
  for (const { event } of known.traces) {
    add("client_id", event.user?.["client_id"]);
    add("user_id", event.user?.["user_id"]);
    add("orders", event.params?.["transaction_id"]);
    for (const [name, value] of Object.entries((event.campaign?.["click_ids"] ?? {}) as Record<string, unknown>)) add(name, value);
  }
  const newest = known.traces.reduce<Trace | undefined>((a, b) => (!a || (b.event.received ?? "") > (a.event.received ?? "") ? b : a), undefined);
  return (
    <>
      <section>
        <h2>Known by</h2>
        <dl class="kv small">
          {known.person && <><dt>asked as</dt><dd>{known.person.kind}{(kind === "email" || kind === "phone") && ", hashed"}</dd></>}
          {[...ids].map(([key, values]) => <><dt>{key}</dt><dd>{[...values].slice(0, 5).join(", ")}</dd></>)}
        </dl>
      </section>
      {newest?.consent && (
        <section>
          <h2>Consent now</h2>
          <ul class="states">
            {Object.entries(newest.consent.state).map(([purpose, s]) => <li key={purpose} class="st"><Glyph state={s.state === "granted" ? "delivered" : s.state === "denied" ? "denied" : "filtered"} /><span class={s.state === "denied" ? "denied" : ""}>{purpose}</span><span class="sr"> {s.state}</span></li>)}
          </ul>
          <p class="small faint">As the newest event concluded: rule {newest.consent.region.rule}.</p>
        </section>
      )}
    </>
  );
}

interface Erasure {
  destination: string;
  delivered: number;
  stopped: number;
  dropped: number;
  removed: number;
  advice?: string;
  error?: string;
}

/** Rights suppresses or deletes a person, after saying what that means. */
function Rights({ id, kind, verb, close, done }: { id: string; kind: string; verb: "suppress" | "delete"; close: () => void; done: () => void }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ destinations?: Erasure[]; person?: { together: number } } | null>(null);
  const act = async (why: string) => {
    setBusy(true);
    try {
      setOutcome(await call("/api/subjects/" + verb, { body: { id, kind, why } }));
      done();
    } catch (thrown) {
      setError(thrown instanceof Refusal ? thrown.message : String(thrown));
    } finally {
      setBusy(false);
    }
  };
  if (outcome) {
    return (
      <Ask title={verb === "delete" ? "Deleted" : "Suppressed"} verb="Done" act={close} close={close}>
        <p role="status">Nothing of this person is sent any more{outcome.person?.together ? `, also under ${plural(outcome.person.together, "other identifier")}` : ""}.</p>
        {outcome.destinations && outcome.destinations.length > 0 && (
          <table>
            <thead><tr><th scope="col">Destination</th><th scope="col" class="n">Had</th><th scope="col" class="n">Stopped</th><th scope="col" class="n">Removed</th></tr></thead>
            <tbody>{outcome.destinations.map((d) => <tr key={d.destination}><th scope="row">{d.destination}{(d.advice || d.error) && <p class="small soft words">{d.error || d.advice}</p>}</th><td class="n">{count(d.delivered)}</td><td class="n">{count(d.stopped + d.dropped)}</td><td class="n">{count(d.removed)}</td></tr>)}</tbody>
          </table>
        )}
      </Ask>
    );
  }
  return (
    <Ask title={verb === "delete" ? "Delete this person" : "Suppress this person"} verb={verb === "delete" ? "Delete" : "Suppress"} danger reason="Why: who asked, a ticket" busy={busy} error={error} act={(why) => void act(why)} close={close}>
      <p>{verb === "delete" ? "Pending events and dead letters are dropped, every destination that can removes what it has, and nothing is sent from now on. What cannot be removed is listed afterwards." : "Nothing of this person is sent from now on, nor what is pending. What destinations have stays there."}</p>
      <pre class="wrap">{`headgate subject ${verb} ${id}${kind ? " --as " + kind : ""}`}</pre>
    </Ask>
  );
}

/** save has the browser keep a text as a file. */
function save(name: string, text: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" }));
  link.download = name.replace(/[^\w.@-]/g, "_");
  link.click();
  URL.revokeObjectURL(link.href);
}
