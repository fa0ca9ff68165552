// What became of an event at each destination: a sentence, and when opened the exact request and every answer.

import type { Attempt, DestinationTrace, Trace } from "../api";
import { call, may, Refusal } from "../api";
import { clock, span } from "../format";
import { destinationAt, to } from "../route";
import { Ask } from "./dialog";
import { Json } from "./json";
import { Scroll } from "./page";
import { Glyph, St, stateOf, stateWord, toState, type State } from "./state";
import { useState } from "preact/hooks";

const order: State[] = ["rejected", "retrying", "pending", "denied", "filtered", "delivered"];

export function DestinationFolds({ trace, again }: { trace: Trace; again: () => void }) {
  const all = Object.entries(trace.destinations).sort((a, b) => order.indexOf(stateOf(a[1])) - order.indexOf(stateOf(b[1])));
  if (all.length === 0) return <p class="none">No destination is configured. <a href="/destinations/new">Add one</a>.</p>;
  return <>{all.map(([name, d]) => <Fold key={name} name={name} d={d} id={trace.event.id} again={again} />)}</>;
}

function Fold({ name, d, id, again }: { name: string; d: DestinationTrace; id: string; again: () => void }) {
  const [said, say] = useState(""); // the result of the last action; it stays when the state changes
  const state = stateOf(d);
  const act = state === "rejected" || state === "retrying";
  const last = d.attempts?.[d.attempts.length - 1];
  const because = (act && d.verdict?.why) || d.because;
  return (
    <details class="fold" open={act || said !== ""}>
      <summary>
        <span class="st strong"><span class="cut">{name}</span><span class="only-s"><St state={state} /></span></span>
        <span class="hide-s"><St state={state} /></span>
        <span class="because wide words">{because}</span>
        <span class="faint small nowrap hide-s">{last ? clock(last.time) : ""}</span>
      </summary>
      <div class="in">
        {act && d.because && d.because !== because && <p class="soft words">{d.because}</p>}
        {d.profile && <p class="soft">Redacted: {d.profile}.</p>}
        {(d.requests ?? []).map((request, i) => (
          <div key={i}>
            <pre class="wrap" tabIndex={0}>
              {request.method ? <><span class="k">{request.method}</span> {request.url}{"\n"}</> : <span class="c">the row that is written{"\n"}</span>}
              {Object.entries(request.headers ?? {}).map(([key, value]) => <><span class="k">{key}</span> {value}{"\n"}</>)}
              <Json value={request.body} />
            </pre>
            {request.notes?.map((note) => <p key={note} class="soft small words">{note}</p>)}
          </div>
        ))}
        {d.attempts && d.attempts.length > 0 && <Attempts attempts={d.attempts} name={name} />}
        {said ? <p class="soft" role="status">{said}</p> : state === "rejected" && <DeadButtons name={name} id={id} say={say} again={again} />}
        <p class="small"><a href={destinationAt(name)}>{name}</a>{state === "rejected" && may("configure") && <> · <a href={to("/configuration", { find: name + ":" })}>Change what {name} gets</a></>}</p>
      </div>
    </details>
  );
}

function Attempts({ attempts, name }: { attempts: Attempt[]; name: string }) {
  return (
    <Scroll label={`Attempts at ${name}`}>
      <table>
        <thead><tr><th scope="col" class="fit">Try</th><th scope="col" class="fit">When</th><th scope="col" class="n fit hide-s">Took</th><th scope="col" class="fit">Answer</th><th scope="col">In the vendor's words</th></tr></thead>
        <tbody>
          {attempts.map((a, i) => {
            const state = toState(a.verdict);
            return (
              <tr key={i}>
                <th scope="row" class="fit">{i + 1}</th><td class="fit">{clock(a.time)}</td><td class="n fit hide-s">{a.took === 0 ? "< 1 ms" : span(a.took)}</td>
                <td class="fit"><span class={`st ${state}`}><Glyph state={state} />{a.status || stateWord[state]}</span></td><td class="words">{a.why}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

function DeadButtons({ name, id, say, again }: { name: string; id: string; say: (words: string) => void; again: () => void }) {
  const [asking, ask] = useState(false);
  const act = async (verb: "retry" | "drop") => {
    ask(false);
    try {
      await call(to("/api/dead/" + verb, { destination: name, id }), { method: "POST" });
      say(verb === "retry" ? "It will be sent again." : "It was dropped.");
      again();
    } catch (thrown) {
      say(thrown instanceof Refusal ? thrown.message : String(thrown));
    }
  };
  return (
    <p class="actions">
      <button class="btn" onClick={() => void act("retry")}>Retry this one</button>
      <button class="btn ghost" onClick={() => ask(true)}>Drop it…</button>
      {asking && <Ask title="Drop 1 dead letter" verb="Drop it" danger act={() => void act("drop")} close={() => ask(false)}><p>It cannot be sent to {name} afterwards. The other destinations are not affected.</p></Ask>}
    </p>
  );
}
