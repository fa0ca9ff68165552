// The impact preview: what the draft would change for events that came, before it is saved.

import { useState } from "preact/hooks";
import { call, Refusal } from "../api";
import { count, span, text } from "../format";
import { eventAt } from "../route";
import { say } from "../parts/account";

interface Example {
  id: string;
  old: unknown;
  new: unknown;
}

interface Diff {
  events: number;
  of: number;
  skipped: Record<string, number> | null;
  changed: boolean;
  seconds: number;
  destinations: Record<string, { before: number; after: number; appear: number; disappear: number; change: number; examples: { id: string; name: string; kind: string; before: string; after: string }[] | null }>;
  rules: { name: string; before: number; after: number; state: string }[] | null;
  fields: { path: string; count: number; examples: Example[] | null }[] | null;
  reasons: { destination: string; reason: string; before: number; after: number }[] | null;
  cost?: { microseconds_before: number; microseconds_after: number };
}

const signed = (n: number) => (n > 0 ? "+" + count(n) : n < 0 ? "−" + count(-n) : "0");

export function Preview({ files, mistakes }: { files: Record<string, string>; mistakes: number }) {
  const [sample, setSample] = useState("10000");
  const [state, set] = useState<{ diff?: Diff; error?: string; busy?: boolean; of?: string }>({});
  const key = JSON.stringify(files);
  const run = async () => {
    set({ ...state, busy: true, error: "" });
    try {
      set({ diff: await call<Diff>("/api/diff", { body: { files, since: "24h", sample: Number(sample) } }), of: key });
    } catch (thrown) {
      set({ error: thrown instanceof Refusal ? (thrown.absent ? "The preview is not available in this version of Headgate." : thrown.message) : String(thrown) });
    }
  };
  const nothing = Object.keys(files).length === 0;
  return (
    <section aria-labelledby="impact">
      <div class="bar-head">
        <h2 id="impact">Impact preview</h2>
        <div class="tools">
          <label><span class="sr">Events</span><select class="select" value={sample} onChange={(change) => setSample(change.currentTarget.value)}><option value="1000">last 1,000</option><option value="10000">last 10,000</option></select></label>
          <button class="btn" disabled={nothing || mistakes > 0 || state.busy} aria-describedby="impact-why" onClick={() => void run()}>{state.busy ? "Comparing…" : "Compare"}</button>
        </div>
      </div>
      <p class="soft small" id="impact-why">{nothing ? "Change something; then the draft is compared with what is in force, over events that came. Nothing is sent." : mistakes > 0 ? `Waits for ${mistakes} ${mistakes === 1 ? "mistake" : "mistakes"}.` : "Runs the stored events as they came through both configurations. Nothing is sent."}</p>
      {state.error && <div class="callout warn" role="alert"><p class="words">{state.error}</p></div>}
      {state.diff && <Result diff={state.diff} stale={state.of !== key} />}
    </section>
  );
}

function Result({ diff, stale }: { diff: Diff; stale: boolean }) {
  const rules = (diff.rules ?? []).filter((r) => r.state !== "same" || r.before !== r.after);
  const destinations = Object.entries(diff.destinations).filter(([, d]) => d.appear || d.disappear || d.change);
  const examples = destinations.flatMap(([name, d]) => (d.examples ?? []).map((e) => ({ ...e, destination: name }))).slice(0, 3);
  return (
    <>
      <div class={`callout ${stale ? "warn" : diff.changed ? "soft-line" : "good"}`} role="status">
        <p><strong>{diff.changed ? "Something changes." : "Nothing changes."}</strong> {count(diff.events)} events compared in {span(diff.seconds)}{stale && "; the draft has changed since"}.</p>
      </div>
      {destinations.length > 0 && (
        <table>
          <thead><tr><th scope="col">Destination</th><th scope="col" class="n">Gets</th><th scope="col" class="n">Loses</th><th scope="col" class="n">Differs</th></tr></thead>
          <tbody>{destinations.map(([name, d]) => <tr key={name}><th scope="row">{name}</th><td class="n">{signed(d.appear)}</td><td class="n">{signed(-d.disappear)}</td><td class="n">{count(d.change)}</td></tr>)}</tbody>
        </table>
      )}
      {rules.length > 0 && (
        <table>
          <thead><tr><th scope="col">Rule</th><th scope="col" class="n">Before</th><th scope="col" class="n">After</th></tr></thead>
          <tbody>{rules.map((r) => <tr key={r.name}><th scope="row" class="words">{r.name} {r.state !== "same" && <span class="tag">{r.state}</span>}</th><td class="n">{count(r.before)}</td><td class="n">{count(r.after)}</td></tr>)}</tbody>
        </table>
      )}
      {(diff.fields ?? []).slice(0, 6).map((f) => (
        <p class="diff" key={f.path}>{f.path} <span class="faint">{count(f.count)}</span><br />{(f.examples ?? []).slice(0, 1).map((e) => <><del>{text(e.old) || "not there"}</del> → <ins>{text(e.new) || "left out"}</ins></>)}</p>
      ))}
      {(diff.reasons ?? []).slice(0, 6).map((r) => <p class="small soft" key={r.destination + r.reason}>{r.destination}, {say(r.reason)}: {count(r.before)} → {count(r.after)}</p>)}
      {examples.length > 0 && <p class="small">{examples.map((e) => <><a href={eventAt(e.id)} key={e.id}>{e.name}</a> at {e.destination}: {e.kind}. </>)}</p>}
      {diff.cost && <p class="small faint">An event costs {diff.cost.microseconds_before.toFixed(1)} µs now, {diff.cost.microseconds_after.toFixed(1)} µs then.</p>}
    </>
  );
}
