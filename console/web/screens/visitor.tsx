// One visitor as insight knows them: sessions with their steps in order, never who it is.

import { clock, count, minute, money, plural, span } from "../format";
import { touchName, type Visitor, type VisitorStep } from "../insight";
import type { Screen } from "../main";
import { Insight, pathsFrom, quoted, useQuestion } from "../parts/asking";
import { Scroll } from "../parts/page";
import { Glyph, type State } from "../parts/state";
import { eventsNamed, kept } from "../route";

const states: Record<string, State> = { bought: "delivered", pending: "pending", abandoned: "filtered" };

export default function VisitorScreen({ name: id }: Screen) {
  const visitor = useQuestion<Visitor>("visitors/" + encodeURIComponent(id), { since: "", site: "", filter: "" });
  const v = visitor.data;
  return (
    <Insight title="Visitor" crumb={<><a href={kept("/insight")}>Insight</a> / <code class="words">{id}</code></>} of={visitor} whole command={`headgate insight visitor ${quoted(id)}`}
      sub={v && `${plural(v.sessions.length, "session")}, first seen ${clock(v.first)}, last ${clock(v.last)}`}>
      {(data) => (
        <>
          <div class="callout soft-line"><p>A visitor is a keyed hash of a client id; nothing here says who it is. This view is recorded in the audit.</p></div>
          <div class="cols-21">
            <div>{[...data.sessions].reverse().map((s) => <Session key={s.start} s={s} />)}</div>
            <div><Aside v={data} /></div>
          </div>
        </>
      )}
    </Insight>
  );
}

function Session({ s }: { s: Visitor["sessions"][number] }) {
  const lasted = (new Date(s.end).getTime() - new Date(s.start).getTime()) / 1000;
  return (
    <section aria-label={`Session of ${clock(s.start)}`}>
      <div class="bar-head"><h2>{clock(s.start)}</h2><span class="soft small words">{[touchName(s), s.device, s.country, plural(s.steps.length, "step"), lasted > 0 && span(lasted)].filter(Boolean).join(" · ")}</span></div>
      <div class="time">
        {s.steps.map((step, i) => (
          <>
            <div class="at" key={i}>{minute(step.time)}</div>
            <div class="pin"><Glyph state={step.value > 0 ? "delivered" : "pending"} /></div>
            <div class="it words"><a class="ev" href={eventsNamed(step.event)}>{step.event}</a> {step.page && <a href={pathsFrom(step.page)}>{step.page}</a>} <span class="soft">{about(step)}</span></div>
          </>
        ))}
      </div>
    </section>
  );
}

const about = (s: VisitorStep) => [s.term && `“${s.term}”`, (s.items ?? []).map((i) => i.id || i.name).join(", "), s.value > 0 && money(s.value, s.currency)].filter(Boolean).join(" · ");

function Aside({ v }: { v: Visitor }) {
  return (
    <>
      <section>
        <div class="bar-head"><h2>Segments</h2></div>
        {(v.segments ?? []).length > 0 ? <p>{v.segments!.map((s) => <span class="tag" key={s}>{s}</span>)}</p> : <p class="soft">In no segment.</p>}
      </section>
      <div class="bar-head"><h2>Carts</h2><span class="soft small">{count(v.carts.length)}</span></div>
      {v.carts.length > 0 ? (
        <Scroll label="Carts">
          <table>
            <thead><tr><th scope="col">Opened</th><th scope="col">State</th><th scope="col" class="n">Worth</th></tr></thead>
            <tbody>{v.carts.map((c) => <tr key={c.opened}><th scope="row">{clock(c.opened)}</th><td><span class="st"><Glyph state={states[c.state] ?? "pending"} />{c.state}</span></td><td class="n">{money(c.value)}</td></tr>)}</tbody>
          </table>
        </Scroll>
      ) : <p class="soft">No cart was opened.</p>}
    </>
  );
}
