// Insight: who is on the site now, what happened in the time chosen, what is rising, who comes back.

import { change, count, date, money, percent, plural } from "../format";
import { touchName, type Live, type Overview, type Retention, type Rising, type Searches, type Segments } from "../insight";
import { weekBefore } from "../parts/account";
import { Insight, pathsFrom, useQuestion, type Question } from "../parts/asking";
import { Share, Spark } from "../parts/bar";
import { Chart } from "../parts/chart";
import { Show } from "../parts/load";
import { Scroll, Seg, Tabs, useSince } from "../parts/page";
import { Glyph } from "../parts/state";
import { SearchTable } from "../parts/searches";
import { eventsNamed, kept, to, useQuery } from "../route";

const tabs = [{ id: "", name: "Now and overview" }, { id: "retention", name: "Who comes back" }, { id: "segments", name: "Segments" }];

export default function InsightScreen() {
  const [tab, setTab] = useQuery("view");
  const bar = <Tabs label="What to show" tabs={tabs} value={tab} choose={setTab} />;
  return tab === "retention" ? <Returning tabs={bar} /> : tab === "segments" ? <SegmentList tabs={bar} /> : <Now tabs={bar} />;
}

type Bar = { tabs: preact.ComponentChild };
const Panel = ({ tab, children }: { tab: string; children: preact.ComponentChildren }) => <div role="tabpanel" id="tab-panel" aria-labelledby={"tab-" + tab}>{children}</div>;

const columns = ["event", "page", "source", "medium", "campaign", "country", "device", "referrer", "site"];

function Now({ tabs }: Bar) {
  const [by, setBy] = useQuery("by", "event");
  const overview = useQuestion<Overview>("overview", { by }, 10000);
  const live = useQuestion<Live>("live", { minutes: "5" }, 3000);
  const searches = useQuestion<Searches>("searches", {}, 30000);
  return (
    <Insight title="Insight" tabs={tabs} of={overview} command={`headgate insight overview --by ${by} ${overview.words}`}
      sub={live.data && <span class="st"><span class="dot pulse" />{plural(live.data.visitors, "visitor")} in the last {live.data.minutes} minutes</span>}
      filters={<label><span class="sr">Breakdown</span><select class="select" value={by} onChange={(change) => setBy(change.currentTarget.value)}>{columns.map((c) => <option key={c} value={c}>By {c}</option>)}</select></label>}>
      {(o) => (
        <Panel tab="">
          <Totals o={o} />
          <section class="cols-21">
            <div><Visitors o={o} /></div>
            <div><Pages live={live} /></div>
          </section>
          <section class="cols-2">
            <div><RisingTable /></div>
            <div><By rows={o.by ?? []} by={by} currency={o.currency} /></div>
          </section>
          <section aria-labelledby="searched">
            <div class="bar-head"><h2 id="searched">Searched for</h2><span class="soft small">on the site</span></div>
            <Show of={searches} what="Searches">{(s) => <SearchTable rows={s.rows} />}</Show>
          </section>
        </Panel>
      )}
    </Insight>
  );
}

function Totals({ o }: { o: Overview }) {
  const all = o.events + o.unmeasured;
  const line = (of: "visitors" | "events" | "conversions" | "value") => <Spark values={o.series.map((p) => p[of])} state="delivered" />;
  const against = (now: number, before: number) => { const by = change(now, before); return by && `${by} on the time before`; };
  return (
    <div class="figures">
      <a href={kept("/insight/paths")}><span class="k">Visitors</span><span class="v">{count(o.visitors)}{line("visitors")}</span><span class="d">{against(o.visitors, o.before.visitors) || plural(o.before.visitors, "visitor") + " before"}</span></a>
      <a href={kept("/insight/paths")}><span class="k">Sessions</span><span class="v">{count(o.sessions)}{line("events")}</span><span class="d">{o.sessions > 0 ? (o.events / o.sessions).toFixed(1) : 0} events each</span></a>
      <a href={kept("/conversions")}><span class="k">Conversions</span><span class="v">{count(o.conversions)}{line("conversions")}</span><span class="d">{percent(o.conversions, o.sessions)} of sessions</span></a>
      <a href={kept("/insight/campaigns")}><span class="k">Value</span><span class="v">{money(o.value, o.currency)}{line("value")}</span><span class="d">{o.conversions > 0 ? `${money(o.value / o.conversions, o.currency)} each` : "no conversion"}{Object.entries(o.other ?? {}).map(([code, value]) => ` · ${money(value, code)}`)}</span></a>
      <a href={kept("/consent")}><span class="k"><Glyph state="denied" />Not measurable</span><span class="v">{percent(o.unmeasured, all)}</span><span class="d">{plural(o.unmeasured, "event")}, in totals only{o.bots > 0 && `; ${count(o.bots)} of bots`}</span></a>
    </div>
  );
}

function Visitors({ o }: { o: Overview }) {
  const [since] = useSince();
  const past = useQuestion<Overview>("overview", weekBefore(since)).data;
  const start = new Date(o.series[0]?.time ?? o.since).getTime() / 1000;
  const step = o.series.length > 1 ? new Date(o.series[1]!.time).getTime() / 1000 - start : 3600;
  const lines = [{ name: "visitors", values: o.series.map((p) => p.visitors), state: "delivered" as const }];
  const before = past && past.since < o.since ? [{ name: "a week before", values: o.series.map((_, i) => past.series[i]?.visitors ?? null) }] : [];
  return <Chart title="Visitors" unit={step >= 86400 ? "per day" : "per hour"} says={`Visitors over time: ${count(o.visitors)} in all, at most ${count(Math.max(0, ...lines[0]!.values))} at once`} start={start} step={step} lines={[...lines, ...before]} show={count} />;
}

function Pages({ live }: { live: Question<Live> }) {
  return (
    <>
      <div class="bar-head"><h2>Right now</h2><span class="soft small">last 5 minutes</span></div>
      <Show of={live} what="Right now">
        {(l) => (l.pages.length === 0 ? <p class="none">Nobody is on the site. A visitor shows up here within a second.</p> : (
          <Scroll label="Pages right now">
            <table>
              <thead><tr><th scope="col">Page</th><th scope="col" class="n">Visitors</th></tr></thead>
              <tbody>{l.pages.slice(0, 8).map((p) => <tr key={p.page}><th scope="row" class="words"><a href={pathsFrom(p.page)}>{p.page}</a><Share of={p.visitors / l.pages[0]!.visitors} /></th><td class="n">{count(p.visitors)}</td></tr>)}</tbody>
              <tfoot><tr><th scope="row">All pages</th><td class="n">{count(l.visitors)}</td></tr></tfoot>
            </table>
          </Scroll>
        ))}
      </Show>
      {live.data && live.data.campaigns.length > 0 && <p class="small soft words">Brought by {live.data.campaigns.slice(0, 4).map((c) => `${touchName(c)} ${count(c.visitors)}`).join(" · ")}</p>}
    </>
  );
}

const risen = [["page", "Pages"], ["event", "Events"], ["campaign", "Campaigns"], ["search", "Searches"]];

function RisingTable() {
  const [of, choose] = useQuery("of", "page");
  const [site] = useQuery("site");
  const rising = useQuestion<Rising>("rising", { of, since: "" }, 15000);
  return (
    <>
      <div class="bar-head"><h2>Rising</h2><span class="soft small">this quarter of an hour against the last four weeks</span><div class="tools"><Seg label="Rising" options={risen} value={of} choose={choose} /></div></div>
      <Show of={rising} what="Rising">
        {(r) => (r.rows.length === 0 ? <p class="none">Nothing happens more often than usual{site && ` on ${site}`}.</p> : (
          <Scroll label="Rising">
            <table>
              <thead><tr><th scope="col">What</th><th scope="col" class="n">Now</th><th scope="col" class="n">Usual</th><th scope="col" class="n">Times</th></tr></thead>
              <tbody>
                {r.rows.slice(0, 8).map((row) => (
                  <tr key={row.key}><th scope="row" class="words"><Key by={of} of={row.key} /></th><td class="n">{count(row.count)}</td><td class="n">{row.usual > 0 && row.usual < 10 ? row.usual.toFixed(1) : count(row.usual)}</td><td class="n"><span class="tag delivered">{row.ratio === null ? "new" : `× ${row.ratio.toFixed(1)}`}</span></td></tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        ))}
      </Show>
    </>
  );
}

/** Key leads to the events, or the steps, of what a row is about. */
function Key({ by, of }: { by: string; of: string }) {
  if (!of) return <span class="faint">unknown</span>;
  const at = by === "event" ? eventsNamed(of) : by === "page" ? pathsFrom(of) : by === "country" ? to("/live", { country: of }) : by === "site" ? kept("/insight", { site: of }) : "";
  return at ? <a href={at}>{of}</a> : <>{of}</>;
}

function By({ rows, by, currency }: { rows: NonNullable<Overview["by"]>; by: string; currency: string }) {
  return (
    <>
      <div class="bar-head"><h2>By {by}</h2><span class="soft small">measured events</span></div>
      {rows.length === 0 ? <p class="none">No measured event in the time chosen. Events count here when the visitor granted analytics.</p> : (
        <Scroll label={`By ${by}`}>
          <table>
            <thead><tr><th scope="col">{by[0]!.toUpperCase() + by.slice(1)}</th><th scope="col" class="n">Visitors</th><th scope="col" class="n">Events</th><th scope="col" class="n hide-s">Conversions</th><th scope="col" class="n hide-s">Value</th></tr></thead>
            <tbody>{rows.slice(0, 12).map((r) => <tr key={r.key}><th scope="row" class="words"><Key by={by} of={r.key} /></th><td class="n">{count(r.visitors)}</td><td class="n">{count(r.events)}</td><td class="n hide-s">{count(r.conversions)}</td><td class="n hide-s">{money(r.value, currency)}</td></tr>)}</tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

function Returning({ tabs }: Bar) {
  const retention = useQuestion<Retention>("retention", { since: "56d" });
  return (
    <Insight title="Insight" tabs={tabs} of={retention} sub="visitors by the week of their first visit" command="headgate insight retention">
      {(r) => (
        <Panel tab="retention">
          <Scroll label="Who comes back">
            <table>
              <thead><tr><th scope="col">First visit</th><th scope="col" class="n">Visitors</th>{Array.from({ length: Math.max(0, r.weeks - 1) }, (_, i) => <th key={i} scope="col" class="n">+{plural(i + 1, "week")}</th>)}</tr></thead>
              <tbody>
                {r.cohorts.map((c) => (
                  <tr key={c.week}>
                    <th scope="row">{date(c.week)}</th><td class="n">{count(c.visitors)}</td>
                    {Array.from({ length: Math.max(0, r.weeks - 1) }, (_, i) => <td key={i} class="n">{c.returned[i + 1] === undefined ? "" : <>{percent(c.returned[i + 1], c.visitors)}<Share of={c.returned[i + 1]! / c.visitors} /></>}</td>)}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <p class="small faint">Weeks begin on Monday, UTC. A first visit is the first that is kept.</p>
        </Panel>
      )}
    </Insight>
  );
}

function SegmentList({ tabs }: Bar) {
  const segments = useQuestion<Segments>("segments");
  return (
    <Insight title="Insight" tabs={tabs} of={segments} sub="who belongs to which segment now" command="headgate insight segments">
      {({ segments: all }) => (
        <Panel tab="segments">
          {all.length === 0 ? <p class="none">The configuration has no segment. Write one below <code>insight: segments:</code>, for example <code>{`big_spender: {when: 'sum("purchase", "value", "365d") > 500'}`}</code>. <a href="/configuration?find=insight">Open the configuration</a>.</p> : (
            <Scroll label="Segments">
              <table>
                <thead><tr><th scope="col">Segment</th><th scope="col" class="n">Visitors</th><th scope="col">When</th><th scope="col" class="hide-s">Browsers may ask</th></tr></thead>
                <tbody>{all.map((s) => <tr key={s.name}><th scope="row"><a href={to("/configuration", { find: s.name })}>{s.name}</a></th><td class="n">{count(s.visitors)}</td><td class="words"><code>{s.when}</code></td><td class="hide-s">{s.public ? "yes, with functional consent" : "no"}</td></tr>)}</tbody>
              </table>
            </Scroll>
          )}
        </Panel>
      )}
    </Insight>
  );
}
