// Conversions: what happened against what each platform got, in count and money, the gap by reason.

import type { Conversions } from "../api";
import { clock, count, money, percent } from "../format";
import { say } from "../parts/account";
import { Bar } from "../parts/bar";
import { Uncounted } from "../parts/cluster";
import { Show, useLoad } from "../parts/load";
import { Equal, Head, Scroll, Since, useSince } from "../parts/page";
import { Glyph, St, toState, type State } from "../parts/state";
import { destinationAt, eventsWhere, to, useQuery } from "../route";

export default function ConversionsScreen() {
  const [since] = useSince();
  const [event, setEvent] = useQuery("event");
  const path = to("/api/conversions", { since, event });
  const data = useLoad<Conversions>(path, 15000);
  return (
    <>
      <Head title="Conversions" sub={data.data && `${data.data.events.join(" and ")}, counted since ${clock(data.data.began)}`}>
        <label>
          <span class="sr">Event</span>
          <select class="select" value={event} onChange={(change) => setEvent(change.currentTarget.value)}>
            <option value="">Every conversion</option>{(data.data?.counted ?? [event]).filter(Boolean).map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
        <Since />
      </Head>
      <Uncounted of={data.data?.headgates} />
      <Show of={data} what="Conversions">
        {(c) => (c.happened.count === 0 && !c.other_currencies?.length ? <p class="none">No conversion in the time chosen. They are the events named {c.counted.join(", ")}, as insight.conversions says; <a href="/live?view=stored">the stored events</a> show what came.</p> : <Report c={c} />)}
      </Show>
      <Equal command={`curl -H "Authorization: Bearer $TOKEN" '${location.origin}${path}'`} api={"GET " + path} />
    </>
  );
}

type Platform = Conversions["platforms"][string];

function partsOf(p: Platform): Partial<Record<State, number>> {
  const parts: Partial<Record<State, number>> = { delivered: p.count, pending: p.pending?.count ?? 0 };
  for (const g of p.gap ?? []) {
    const s = toState(g.state);
    parts[s] = (parts[s] ?? 0) + g.count;
  }
  return parts;
}

function Report({ c }: { c: Conversions }) {
  const platforms = Object.entries(c.platforms).sort((a, b) => b[1].count - a[1].count);
  const { happened } = c;
  return (
    <>
      <div class="figures">
        <a href={eventsWhere("name:purchase")}><span class="k">Happened</span><span class="v">{count(happened.count)}</span><span class="d">{money(happened.value, c.currency)}</span></a>
        {platforms.slice(0, 4).map(([name, p]) => (
          <a key={name} href={destinationAt(name)}><span class="k cut">{name}</span><span class="v">{percent(p.count, happened.count)}</span><span class="d">{count(p.count)} of {count(happened.count)}</span></a>
        ))}
      </div>
      <section aria-labelledby="got">
        <div class="bar-head"><h2 id="got">What each platform got</h2><span class="soft small">of {count(happened.count)} conversions worth {money(happened.value, c.currency)}; every row adds up to that</span></div>
        <Scroll label="Platforms">
          <table>
            <thead><tr><th scope="col">Destination</th><th scope="col" class="wide hide-s"><span class="sr">Picture</span></th><th scope="col" class="n">Got</th><th scope="col" class="n">Share</th><th scope="col" class="n hide-s">Worth</th><th scope="col" class="n hide-s">Pending</th><th scope="col" class="n">Gap</th></tr></thead>
            <tbody>
              {platforms.map(([name, p]) => {
                const gap = (p.gap ?? []).reduce((n, g) => n + g.count, 0);
                return (
                  <tr key={name}>
                    <th scope="row"><a href={destinationAt(name)}>{name}</a></th><td class="wide hide-s"><Bar parts={partsOf(p)} of={happened.count} /></td>
                    <td class="n">{count(p.count)}</td><td class="n">{percent(p.count, happened.count)}</td><td class="n hide-s">{money(p.value, c.currency)}</td><td class="n hide-s">{count(p.pending?.count ?? 0)}</td><td class="n">{count(gap)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </Scroll>
      </section>
      <Gaps c={c} />
      {(c.other_currencies?.length ?? 0) > 0 && (
        <section aria-labelledby="others">
          <div class="bar-head"><h2 id="others">In other currencies</h2></div>
          <Scroll label="Other currencies"><table>
            <thead><tr><th scope="col">Currency</th><th scope="col" class="n">Happened</th><th scope="col" class="n">Worth</th></tr></thead>
            <tbody>{c.other_currencies!.map((o) => <tr key={o.currency}><th scope="row">{o.currency}</th><td class="n">{count(o.happened.count)}</td><td class="n">{money(o.happened.value, o.currency)}</td></tr>)}</tbody>
          </table></Scroll>
        </section>
      )}
    </>
  );
}

function Gaps({ c }: { c: Conversions }) {
  const rows = Object.entries(c.platforms).flatMap(([name, p]) => (p.gap ?? []).map((g) => ({ name, ...g }))).sort((a, b) => b.value - a.value || b.count - a.count);
  if (rows.length === 0) return <div class="callout good"><p>Every platform got every conversion of this time.</p></div>;
  return (
    <section aria-labelledby="gap">
      <div class="bar-head"><h2 id="gap">The gap by reason</h2><span class="soft small">most money first; open a row for its events</span></div>
      <Scroll label="Gap">
        <table>
          <thead><tr><th scope="col">Destination</th><th scope="col" class="fit hide-s">State</th><th scope="col">Reason</th><th scope="col" class="n">Events</th><th scope="col" class="n">Worth</th></tr></thead>
          <tbody>
            {rows.map((g) => (
              <tr key={g.name + g.state + g.reason + g.detail}>
                <th scope="row">{g.name}</th><td class="fit hide-s"><St state={toState(g.state)} /></td>
                <td class="words"><span class="only-s"><Glyph state={toState(g.state)} /> <span class="sr">{g.state}</span></span><a href={eventsWhere(`destination:${g.name} state:${g.state}`)}>{say(g.reason, g.detail)}</a></td><td class="n">{count(g.count)}</td><td class="n">{money(g.value, c.currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
