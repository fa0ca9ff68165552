// Campaigns: visitors, conversions and value by what brought them, under five models, and what came back of the cost.

import type { Conversions } from "../api";
import { count, money, percent, span, unknown } from "../format";
import { touchFormula, touchName, type CampaignRow, type Campaigns, type Touch } from "../insight";
import { Insight, useQuestion } from "../parts/asking";
import { Share } from "../parts/bar";
import { Show, useLoad } from "../parts/load";
import { Row, Scroll, Seg, useSince } from "../parts/page";
import { destinationAt, kept, to, useQuery } from "../route";

const models = [["first_touch", "First touch"], ["last_touch", "Last touch"], ["last_non_direct", "Last non-direct"], ["linear", "Linear"], ["position", "Position"]];

/** credit is a number of conversions, of which a model may give a part. */
const credit = (n: number): string => (Number.isInteger(n) ? count(n) : n < 100 ? n.toFixed(1) : count(n));

export default function CampaignsScreen() {
  const [model, setModel] = useQuery("model", "last_touch");
  const campaigns = useQuestion<Campaigns>("campaigns", { model }, 15000);
  const c = campaigns.data;
  return (
    <Insight title="Campaigns" of={campaigns} command={`headgate insight campaigns --model ${model} ${campaigns.words}`}
      sub={c && `${credit(sum(c.rows, "conversions"))} measured conversions, looking back ${span(c.lookback)}`}
      filters={<Seg label="Model" options={models} value={model} choose={setModel} />}>
      {(data) => (data.rows.length === 0 ? <p class="none">No measured visitor in the time chosen. What brought them is read from the address of the page (utm_ parameters, click ids) and from the referrer.</p> : (
        <>
          <Rows c={data} />
          <section class="cols-2"><div><Models /></div><div><Platforms /></div></section>
        </>
      ))}
    </Insight>
  );
}

type Number = "visitors" | "sessions" | "conversions" | "value" | "cost";
const sum = (rows: CampaignRow[], of: Number): number => Math.round(rows.reduce((n, r) => n + (r[of] ?? 0), 0) * 100) / 100;

const eventsOf = (t: Touch) => to("/live", { where: touchFormula(t) });

function Rows({ c }: { c: Campaigns }) {
  const most = Math.max(0.01, ...c.rows.map((r) => r.value || r.visitors / 1e6));
  const anyCost = c.rows.some((r) => r.cost !== null);
  return (
    <section>
      <Scroll label="Campaigns">
        <table>
          <thead><tr><th scope="col">Campaign</th><th scope="col" class="wide hide-s"><span class="sr">Picture</span></th><th scope="col" class="n hide-s">Visitors</th><th scope="col" class="n hide-s">Sessions</th><th scope="col" class="n">Conversions</th><th scope="col" class="n hide-s">Rate</th><th scope="col" class="n">Value</th><th scope="col" class="n hide-s">Cost</th><th scope="col" class="n hide-s">Per conversion</th><th scope="col" class="n">Return on spend</th></tr></thead>
          <tbody>
            {c.rows.map((r) => (
              <Row key={touchName(r)}>
                <th scope="row" class="words">{touchFormula(r) ? <a class="row" href={eventsOf(r)}>{touchName(r)}</a> : <a class="row" href={kept("/insight")}>{touchName(r)}</a>}</th>
                <td class="wide hide-s"><Share of={r.value / most} /></td><td class="n hide-s">{count(r.visitors)}</td><td class="n hide-s">{count(r.sessions)}</td><td class="n">{credit(r.conversions)}</td><td class="n hide-s">{percent(r.conversions, r.sessions)}</td>
                <td class="n"><span class="strong">{money(r.value, c.currency)}</span></td><td class="n hide-s">{money(r.cost, c.currency)}</td><td class="n hide-s">{money(r.cost_per_conversion, c.currency)}</td><td class="n">{r.return === null ? <span class="faint">{unknown}</span> : `${r.return.toFixed(1)} ×`}</td>
              </Row>
            ))}
          </tbody>
          <tfoot><tr><th scope="row">All measured</th><td class="wide hide-s" /><td class="n hide-s" /><td class="n hide-s">{count(sum(c.rows, "sessions"))}</td><td class="n">{credit(sum(c.rows, "conversions"))}</td><td class="n hide-s">{percent(sum(c.rows, "conversions"), sum(c.rows, "sessions"))}</td><td class="n">{money(sum(c.rows, "value"), c.currency)}</td><td class="n hide-s">{anyCost ? money(sum(c.rows, "cost"), c.currency) : unknown}</td><td class="n hide-s" /><td class="n">{anyCost && sum(c.rows, "cost") > 0 ? `${(sum(c.rows, "value") / sum(c.rows, "cost")).toFixed(1)} ×` : ""}</td></tr></tfoot>
        </table>
      </Scroll>
      {!anyCost && <p class="small faint">Costs come from a table: <code>{"insight: {costs: {file: costs.csv}}"}</code> with date, source, medium, campaign and cost.</p>}
    </section>
  );
}

/** Models sets the models beside each other. */
function Models() {
  const first = useQuestion<Campaigns>("campaigns", { model: "first_touch" });
  const last = useQuestion<Campaigns>("campaigns", { model: "last_touch" });
  const known = useQuestion<Campaigns>("campaigns", { model: "last_non_direct" });
  const linear = useQuestion<Campaigns>("campaigns", { model: "linear" });
  const all = [first, last, known, linear].map((q) => q.data?.rows ?? []);
  const names = [...new Set(all.flat().map(touchName))];
  const of = (rows: CampaignRow[], name: string) => rows.find((r) => touchName(r) === name)?.conversions ?? 0;
  const shown = names.map((name) => ({ name, credits: all.map((rows) => of(rows, name)) })).filter((r) => r.credits.some(Boolean)).slice(0, 10);
  return (
    <>
      <div class="bar-head"><h2>What the models say</h2><span class="soft small">conversions credited</span></div>
      {shown.length === 0 ? <p class="none">No measured conversion in the time chosen.</p> : (
        <Scroll label="Models">
          <table>
            <thead><tr><th scope="col">Campaign</th><th scope="col" class="n">First</th><th scope="col" class="n hide-s">Last</th><th scope="col" class="n">Last non-direct</th><th scope="col" class="n">Linear</th></tr></thead>
            <tbody>{shown.map(({ name, credits }) => <tr key={name}><th scope="row" class="words">{name}</th>{credits.map((n, i) => <td key={i} class={`n ${i === 1 ? "hide-s" : ""}`}>{credit(n)}</td>)}</tr>)}</tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

function Platforms() {
  const [since] = useSince();
  const [site] = useQuery("site");
  const got = useLoad<Conversions>(to("/api/conversions", { since, site }), 30000);
  return (
    <>
      <div class="bar-head"><h2>What the platforms can know</h2><span class="soft small">conversions delivered to them</span></div>
      <Show of={got} what="Conversions">
        {(c) => (c.happened.count === 0 ? <p class="none">No purchase or lead in the time chosen.</p> : (
          <>
            <Scroll label="Platforms">
              <table>
                <thead><tr><th scope="col">Destination</th><th scope="col" class="wide"><span class="sr">Picture</span></th><th scope="col" class="n">Got</th><th scope="col" class="n">Of {count(c.happened.count)}</th></tr></thead>
                <tbody>{Object.entries(c.platforms).map(([name, p]) => <tr key={name}><th scope="row"><a href={destinationAt(name)}>{name}</a></th><td class="wide"><Share of={p.count / c.happened.count} kind="" /></td><td class="n">{count(p.count)}</td><td class="n">{percent(p.count, c.happened.count)}</td></tr>)}</tbody>
              </table>
            </Scroll>
            <p class="small faint">Their own reports cannot count more than this. <a href={kept("/conversions")}>The gap by reason</a></p>
          </>
        ))}
      </Show>
    </>
  );
}
