// Carts: what became of them, how far the abandoned ones came, and what was left behind.

import { count, money, percent, plural } from "../format";
import { touchName, type Carts, type Overview } from "../insight";
import { Insight, pathsFrom, useQuestion, VisitorList } from "../parts/asking";
import { Bar, Share } from "../parts/bar";
import { Scroll } from "../parts/page";
import { Glyph } from "../parts/state";
import { eventsWhere, kept } from "../route";

export default function CartsScreen() {
  const carts = useQuestion<Carts>("carts", {}, 10000);
  return (
    <Insight title="Carts" of={carts} sub="opened in the time chosen" command={`headgate insight carts ${carts.words}`}>
      {(c) => (c.opened === 0 ? <p class="none">No cart was opened in the time chosen. <code>add_to_cart</code> and <code>begin_checkout</code> open one, by visitors who granted analytics; <a href={eventsWhere("name:add_to_cart")}>the stored events</a> show what came.</p> : <Report c={c} />)}
    </Insight>
  );
}

function Report({ c }: { c: Carts }) {
  return (
    <>
      <div class="figures">
        <a href={eventsWhere("name:add_to_cart")}><span class="k">Opened</span><span class="v">{count(c.opened)}</span><span class="d">by add_to_cart or begin_checkout</span></a>
        <a href={eventsWhere("name:purchase")}><span class="k"><Glyph state="delivered" />Bought</span><span class="v">{count(c.bought)}</span><span class="d">{percent(c.bought, c.opened)}, {money(c.value_bought, c.currency)}</span></a>
        <a href={pathsFrom("add_to_cart")}><span class="k"><Glyph state="pending" />Pending</span><span class="v">{count(c.pending)}</span><span class="d">{percent(c.pending, c.opened)}, {money(c.value_pending, c.currency)} could still be bought</span></a>
        <a href={pathsFrom("add_to_cart")}><span class="k"><Glyph state="filtered" />Abandoned</span><span class="v">{count(c.abandoned)}</span><span class="d">{percent(c.abandoned, c.opened)}, {money(c.value_lost, c.currency)} lost{Object.entries(c.other ?? {}).map(([code, value]) => ` · ${money(value, code)}`)}</span></a>
      </div>
      <section aria-hidden="true"><Bar parts={{ delivered: c.bought, pending: c.pending, filtered: c.abandoned }} of={c.opened} kind="tall" /></section>
      <section class="cols-2">
        <div><Stages c={c} /></div>
        <div><Items c={c} /></div>
      </section>
      <section class="cols-2">
        <div><Brought c={c} /></div>
        <div>
          <div class="bar-head"><h2>Who left one behind</h2><span class="soft small">newest first</span></div>
          <VisitorList ids={c.visitors} none="No cart is abandoned." />
        </div>
      </section>
      <Unmeasured />
    </>
  );
}

function Stages({ c }: { c: Carts }) {
  const rows = c.stages.filter((s) => s.abandoned > 0);
  const most = Math.max(1, ...rows.map((s) => s.abandoned));
  return (
    <>
      <div class="bar-head"><h2>How far abandoned carts came</h2></div>
      {rows.length === 0 ? <p class="none">No cart is abandoned.</p> : (
        <Scroll label="Stages">
          <table>
            <thead><tr><th scope="col">Last stage</th><th scope="col" class="wide"><span class="sr">Picture</span></th><th scope="col" class="n">Carts</th><th scope="col" class="n">Lost</th></tr></thead>
            <tbody>{rows.map((s) => <tr key={s.stage}><th scope="row"><a href={pathsFrom(s.stage)}>{s.stage}</a></th><td class="wide"><Share of={s.abandoned / most} state="filtered" /></td><td class="n">{count(s.abandoned)}</td><td class="n">{money(s.value_lost, c.currency)}</td></tr>)}</tbody>
            <tfoot><tr><th scope="row">All abandoned</th><td class="wide" /><td class="n">{count(c.abandoned)}</td><td class="n">{money(c.value_lost, c.currency)}</td></tr></tfoot>
          </table>
        </Scroll>
      )}
    </>
  );
}

function Items({ c }: { c: Carts }) {
  const most = c.items[0]?.abandoned ?? 1;
  return (
    <>
      <div class="bar-head"><h2>Left behind most</h2><span class="soft small">items of abandoned carts</span></div>
      {c.items.length === 0 ? <p class="none">No item was left behind.</p> : (
        <Scroll label="Items left behind">
          <table>
            <thead><tr><th scope="col">Item</th><th scope="col" class="wide hide-s"><span class="sr">Picture</span></th><th scope="col" class="n">Carts</th></tr></thead>
            <tbody>{c.items.slice(0, 10).map((i) => <tr key={i.item}><th scope="row" class="words">{i.item} <span class="soft">{i.name !== i.item && i.name}</span></th><td class="wide hide-s"><Share of={i.abandoned / most} state="filtered" /></td><td class="n">{count(i.abandoned)}</td></tr>)}</tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

function Brought({ c }: { c: Carts }) {
  return (
    <>
      <div class="bar-head"><h2>By campaign</h2><span class="soft small">of the session that opened the cart</span></div>
      <Scroll label="Campaigns of carts">
        <table>
          <thead><tr><th scope="col">Campaign</th><th scope="col" class="n">Opened</th><th scope="col" class="n">Abandoned</th><th scope="col" class="n">Lost</th></tr></thead>
          <tbody>{c.campaigns.slice(0, 10).map((row) => <tr key={touchName(row)}><th scope="row" class="words"><a href={kept("/insight/campaigns")}>{touchName(row)}</a></th><td class="n">{count(row.opened)}</td><td class="n">{count(row.abandoned)}</td><td class="n">{money(row.value_lost, c.currency)}</td></tr>)}</tbody>
        </table>
      </Scroll>
    </>
  );
}

function Unmeasured() {
  const o = useQuestion<Overview>("overview").data;
  return o && o.unmeasured > 0 ? <p class="small faint">Carts of visitors without analytics consent are not kept: {plural(o.unmeasured, "event")} in totals only. <a href={kept("/consent", { purpose: "analytics" })}>What visitors chose</a></p> : null;
}
