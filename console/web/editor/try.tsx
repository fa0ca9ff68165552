// A formula tried on a stored event, or on a sample; nothing is changed. And the tests of the draft.

import { useEffect, useState } from "preact/hooks";
import { call, Refusal, type Mistake, type Search } from "../api";
import { clock, text } from "../format";
import { useLoad } from "../parts/load";
import { Glyph } from "../parts/state";

export function TryFormula() {
  const [formula, setFormula] = useState("");
  const [on, setOn] = useState("");
  const [said, setSaid] = useState<{ value?: unknown; type?: string; error?: string } | null>(null);
  const events = useLoad<Search>("/api/search?since=24h&limit=20");
  const known = (events.data?.events ?? []).filter((e) => e.id);
  useEffect(() => {
    setSaid(null);
    const plain = formula.replace(/^=/, "").trim();
    if (!plain) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      call<{ value?: unknown; type?: string; error?: string }>("/api/try", { body: { formula: plain, ...(on ? { id: on } : { sample: "purchase" }) }, signal: stop.signal }).then(setSaid, (thrown) => {
        if (!stop.signal.aborted) setSaid({ error: thrown instanceof Refusal ? (thrown.absent ? "not available in this version of Headgate" : (thrown.said.mistakes?.[0]?.fact ?? thrown.message)) : "Headgate does not answer" });
      });
    }, 150);
    return () => (clearTimeout(timer), stop.abort());
  }, [formula, on]);
  return (
    <section aria-labelledby="try">
      <div class="bar-head"><h2 id="try">Try a formula</h2><span class="soft small">on a real event; nothing is changed</span></div>
      <div class="filters">
        <label class="grow"><span class="sr">Formula</span><input class="input mono" value={formula} onInput={(input) => setFormula(input.currentTarget.value)} placeholder="params.value - default(params.tax, 0)" spellcheck={false} /></label>
        <label><span class="sr">Event</span><select class="select" value={on} onChange={(change) => setOn(change.currentTarget.value)}><option value="">sample purchase</option>{known.map((e) => <option key={e.id} value={e.id}>{e.name} {clock(e.time)}</option>)}</select></label>
      </div>
      <p class="mono" role="status">{said && (said.error ? <span class="rejected words">{said.error}</span> : <span class="diff"><ins>{text(said.value) || "nothing"}</ins> <span class="faint">{said.type}</span></span>)}</p>
    </section>
  );
}

interface Cases {
  cases: { name: string; passed: boolean; mistakes?: Mistake[] | null }[] | null;
}

export function Tests({ files }: { files: Record<string, string> }) {
  const [state, set] = useState<{ cases?: Cases["cases"]; error?: string; mistakes?: Mistake[] }>({});
  useEffect(() => {
    call<Cases>("/api/tests", { body: { files } }).then((said) => set({ cases: said.cases ?? [] }), (thrown) => {
      set(thrown instanceof Refusal ? { error: thrown.absent ? "Tests are not available in this version of Headgate." : thrown.message, mistakes: thrown.said.mistakes } : { error: String(thrown) });
    });
  }, [JSON.stringify(files)]);
  if (state.error) return <div class="callout warn" role="alert"><p class="words">{state.error}</p></div>;
  if (!state.cases) return null;
  if (state.cases.length === 0) return <p class="none">The configuration has no tests. The button <em>test case</em> of an event makes one to paste into <code>tests:</code>.</p>;
  const failed = state.cases.filter((c) => !c.passed).length;
  return (
    <>
      <div class="bar-head"><h2>Tests</h2><span role="status" class="soft small">{failed > 0 ? `${failed} of ${state.cases.length} fail` : state.cases.length === 1 ? "it passes" : `all ${state.cases.length} pass`}</span></div>
      <table>
        <thead><tr><th scope="col" class="fit">Result</th><th scope="col">Case</th></tr></thead>
        <tbody>
          {state.cases.map((c) => (
            <tr key={c.name}><td class="fit"><span class={`st ${c.passed ? "delivered" : "rejected"}`}><Glyph state={c.passed ? "delivered" : "rejected"} />{c.passed ? "pass" : "fail"}</span></td><th scope="row" class="words">{c.name}{(c.mistakes ?? []).map((m, i) => <p key={i} class="small rejected">{m.file}:{m.line}:{m.column}: {m.fact}{m.cure && `; ${m.cure}`}</p>)}</th></tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
