// Live: production as it happens, and beside it what is stored. Filters are in the address.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { call, Refusal, type Search, type Status, type Trace } from "../api";
import { clock, count, minute } from "../format";
import { about, from } from "../parts/about";
import { Histogram, type Slot } from "../parts/histogram";
import { Icon } from "../parts/icon";
import { useKeys } from "../parts/keys";
import { useLoad } from "../parts/load";
import { Equal, Head, Row, Seg } from "../parts/page";
import { St, states, stateOf, stateWord, toState, worst, type State } from "../parts/state";
import { watch } from "../parts/stream";
import { eventAt, go, to, useAddress, useQuery, withQuery } from "../route";
import { Stored } from "../parts/stored";

export default function Live() {
  const { query } = useAddress();
  const stored = query.get("view") === "stored" || query.has("q");
  return stored ? <Stored mode={<Mode value="stored" />} /> : <Stream />;
}

const Mode = ({ value }: { value: string }) => (
  <Seg label="Events" options={[["", "Live"], ["stored", "Stored"]]} value={value} choose={(view) => go(withQuery({ view, q: "", until: "" }))} />
);

interface Seen {
  trace: Trace;
  states: Record<string, State>;
  key: number;
}

const kept = 60; // rows
const slots = 60; // of the histogram
const slotTime = 5000; // ms

/** formulaOf puts the filters into one formula, as the API and the command line take it. */
function formulaOf(where: string, name: string, country: string): string {
  const parts = [where && (name || country) ? `(${where})` : where, name && `name == ${JSON.stringify(name)}`, country && `geo.country == ${JSON.stringify(country)}`];
  return parts.filter(Boolean).join(" and ");
}

function Stream() {
  const [where, setWhere] = useQuery("where");
  const [name, setName] = useQuery("name");
  const [country, setCountry] = useQuery("country");
  const [destination, setDestination] = useQuery("destination");
  const [state, setState] = useQuery("state");
  const [draft, setDraft] = useState(where);
  const formula = formulaOf(where, name, country);
  const live = useStream(formula);
  const status = useLoad<Status>("/api/status", 30000);
  useKeys({ " ": (press) => !(press.target as Element).closest("button, a, summary") && (press.preventDefault(), live.pause()) });
  const fits = (seen: Seen) => {
    const its = destination ? [seen.states[destination]] : Object.values(seen.states);
    return (!destination || its[0] !== undefined) && (!state || its.includes(state as State));
  };
  const rows = live.rows.filter(fits);
  const api = to("/api/live", { where: formula });
  return (
    <>
      <Head title="Live" sub={<span role="status">{live.says}</span>}>
        <Mode value="" />
        <button class="btn" aria-pressed={live.paused} onClick={live.pause}>
          <Icon name={live.paused ? "play" : "pause"} />{live.paused ? "Resume" : "Pause"} <kbd>Space</kbd>
        </button>
      </Head>
      <form class="filters" onSubmit={(submit) => (submit.preventDefault(), setWhere(draft.trim()))}>
        <label class="grow">
          <span class="sr">Only where (formula)</span>
          <input class="input mono" value={draft} onInput={(input) => setDraft(input.currentTarget.value)} onBlur={() => setWhere(draft.trim())} placeholder='name == "purchase" and params.value > 100' spellcheck={false} />
        </label>
        <Pick label="Event" all="Every event" value={name} options={live.names} choose={setName} />
        <Pick label="Destination" all="Every destination" value={destination} options={Object.keys(status.data?.destinations ?? {})} choose={setDestination} />
        <Pick label="State" all="Every state" value={state} options={[...states]} choose={setState} />
        <Pick label="Country" all="Every country" value={country} options={live.countries} choose={setCountry} />
      </form>
      {live.error && <div class="callout warn" role="alert"><p class="words">{live.error}</p></div>}
      <Histogram slots={live.slots} seconds={slotTime / 1000} />
      {rows.length > 0 ? <Rows rows={rows} /> : <p class="none">{live.rows.length > 0 ? "None of the events shown fits the filters." : "Waiting for events. A hit shows up here as it is decided; what came before is under Stored."}</p>}
      <Equal command={`curl -N -H "Authorization: Bearer $TOKEN" '${location.origin}${api}'`} api={"GET " + api} />
    </>
  );
}

function Pick(props: { label: string; all: string; value: string; options: string[]; choose: (value: string) => void }) {
  const options = props.value && !props.options.includes(props.value) ? [...props.options, props.value] : props.options;
  return (
    <label>
      <span class="sr">{props.label}</span>
      <select class="select" value={props.value} onChange={(change) => props.choose(change.currentTarget.value)}>
        <option value="">{props.all}</option>
        {options.map((o) => <option key={o}>{o}</option>)}
      </select>
    </label>
  );
}

function Rows({ rows }: { rows: Seen[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Events">
      <table class="lives">
        <thead>
          <tr>
            <th scope="col" class="fit">Time</th><th scope="col" class="fit">State</th><th scope="col">Event</th><th scope="col" class="hide-s">What</th>
            <th scope="col" class="fit hide-s">From</th><th scope="col" class="n fit hide-s">Sent to</th><th scope="col" class="hide-s">Worst news</th>
          </tr>
        </thead>
        <tbody>{rows.map((seen) => <LiveRow key={seen.key} trace={seen.trace} states={seen.states} />)}</tbody>
      </table>
    </div>
  );
}

function LiveRow({ trace, states }: Omit<Seen, "key">) {
  const { event } = trace;
  const all = Object.values(states);
  const is = worst(all);
  const sent = all.filter((s) => s !== "denied" && s !== "filtered").length;
  return (
    <Row>
      <td class="fit faint">{clock(event.received ?? event.time)}</td>
      <td class="fit"><St state={is} /></td>
      <th scope="row" class="words">{event.id ? <a class="row" href={eventAt(event.id)}>{event.name}</a> : event.name}</th>
      <td class="hide-s soft words">{about(event)}</td>
      <td class="fit hide-s">{event.device?.type && <span class="st"><Icon name={event.device.type === "desktop" ? "desktop" : "phone"} />{from(event)}</span>}{!event.device?.type && from(event)}</td>
      <td class={`n fit hide-s ${sent ? "" : "faint"}`}>{sent} of {all.length}</td>
      <td class={`hide-s words ${is === "delivered" || is === "pending" ? "faint" : is}`}>{news(trace, states, is)}</td>
    </Row>
  );
}

/** news is the one thing to know of an event. */
function news(trace: Trace, its: Record<string, State>, is: State): string {
  if (trace.dropped_by) return `rule: ${trace.dropped_by}`;
  const wanted = is === "delivered" || is === "pending" ? (["denied"] as State[]) : [is];
  const at = Object.keys(its).find((name) => wanted.includes(its[name]!));
  const d = at === undefined ? undefined : trace.destinations[at];
  return d ? `${at}: ${d.verdict?.why || d.because || stateWord[its[at!]!].toLowerCase()}` : "";
}

interface LiveView {
  rows: Seen[];
  slots: Slot[];
  names: string[];
  countries: string[];
  says: string;
  error: string;
  paused: boolean;
  pause: () => void;
}

/** useStream watches until the formula changes or the screen is left. */
function useStream(formula: string): LiveView {
  const [view, set] = useState<{ rows: Seen[]; slots: Slot[]; rate: number; oneIn: number }>({ rows: [], slots: [], rate: 0, oneIn: 1 });
  const [error, setError] = useState("");
  const [begun, setBegun] = useState(false);
  const [passed, setPassed] = useState<number | null>(null); // while paused
  const paused = useRef(false);
  const known = useMemo(() => ({ names: new Set<string>(), countries: new Set<string>(), key: 0 }), []);
  useEffect(() => {
    const stop = new AbortController();
    const times: [number, number][] = []; // when, how many: for the rate
    setError("");
    setBegun(false);
    set({ rows: [], slots: [], rate: 0, oneIn: 1 });
    watch(to("/api/live", { where: formula, sampled: "true" }), stop.signal, () => setBegun(true), ({ traces, passed: n }) => {
      if (stop.signal.aborted) return;
      if (paused.current) return setPassed((sum) => (sum ?? 0) + n);
      const now = Date.now();
      times.push([now, n]);
      while (times[0]![0] < now - 5000) times.shift();
      const rows = traces.map((trace) => seenOf(trace, known)).reverse();
      const oneIn = n / traces.length;
      set((old) => ({
        rows: [...rows, ...old.rows].slice(0, kept),
        slots: add(old.slots, rows, n, now),
        rate: times.reduce((sum, [, m]) => sum + m, 0) / Math.max(1, (now - times[0]![0]) / 1000 || 1),
        oneIn,
      }));
    }).then(
      () => !stop.signal.aborted && setError("The live view has ended: Headgate was stopped. Reload the page to watch again."),
      (thrown) => !stop.signal.aborted && setError(thrown instanceof Refusal ? (thrown.said.mistakes?.[0]?.fact ?? thrown.message) : "Headgate does not answer."),
    );
    return () => stop.abort();
  }, [formula]);
  useStates(view.rows, view.oneIn, (states) => set((old) => ({ ...old, rows: old.rows.map((row) => (states[row.trace.event.id] ? { ...row, states: { ...row.states, ...states[row.trace.event.id] } } : row)) })));
  const rate = view.rate >= 100 ? count(view.rate) : view.rate.toFixed(1);
  return {
    ...view, error,
    names: [...known.names].sort(), countries: [...known.countries].sort(),
    says: !begun ? (error ? "Not connected." : "Connecting.") : passed !== null ? `Paused. ${count(passed)} passed since.` : view.oneIn >= 1.5 ? `Showing 1 in ${count(view.oneIn)}. ${rate} a second.` : view.oneIn > 1 ? `Showing most events. ${rate} a second.` : `Showing every event. ${rate} a second.`,
    paused: passed !== null,
    pause: () => ((paused.current = !paused.current), setPassed(paused.current ? 0 : null)),
  };
}

function seenOf(trace: Trace, known: { names: Set<string>; countries: Set<string>; key: number }): Seen {
  if (known.names.size < 100) known.names.add(trace.event.name);
  if (trace.event.geo?.country && known.countries.size < 100) known.countries.add(trace.event.geo.country);
  return { trace, key: known.key++, states: Object.fromEntries(Object.entries(trace.destinations).map(([name, d]) => [name, stateOf(d)])) };
}

/** add counts events in the histogram; those that were not read are taken to be like those that were. */
function add(old: Slot[], rows: Seen[], n: number, now: number): Slot[] {
  const at = Math.floor(now / slotTime);
  const list = old.filter((slot) => slot.at > at - slots).map((slot) => ({ ...slot, parts: { ...slot.parts } }));
  let last = list[list.length - 1];
  if (last?.at !== at) list.push((last = { at, label: minute(at * slotTime), parts: {} }));
  for (const row of rows) {
    const is = worst(Object.values(row.states));
    last.parts[is] = (last.parts[is] ?? 0) + n / rows.length;
  }
  return list;
}

const settleEvery = 3000; // ms

/** useStates asks what became of the rows that wait, while there are few enough to ask. */
function useStates(rows: Seen[], oneIn: number, tell: (states: Record<string, Record<string, State>>) => void) {
  const latest = useRef(rows);
  latest.current = rows;
  useEffect(() => {
    if (oneIn > 1) return;
    let off = false;
    const timer = setInterval(async () => {
      const waiting = latest.current.filter((row) => Object.values(row.states).includes("pending"));
      if (off || waiting.length === 0 || document.hidden) return;
      try {
        const found = await call<Search>(to("/api/search", { since: "10m", limit: "100" }));
        const ids = new Set(waiting.map((row) => row.trace.event.id));
        const news = found.events.filter((e) => e.id && ids.has(e.id)).map((e) => [e.id, Object.fromEntries(Object.entries(e.states).map(([name, s]) => [name, toState(s)]))]);
        if (news.length > 0) tell(Object.fromEntries(news));
      } catch {
        off = true; // the states stay what they were when the events were decided
      }
    }, settleEvery);
    return () => clearInterval(timer);
  }, [oneIn > 1]);
}
