// Paths: what visitors did next, or before, from a page or an event, step by step.

import { count, percent, plural } from "../format";
import { type Branch, type Overview, type Paths, type Searches } from "../insight";
import { Insight, quoted, useQuestion } from "../parts/asking";
import { Share } from "../parts/bar";
import { Flow } from "../parts/flow";
import { Show } from "../parts/load";
import { Scroll, Seg } from "../parts/page";
import { SearchTable } from "../parts/searches";
import { go, useQuery, withQuery } from "../route";
import { chosenSteps, columnsOf, ended, other, walksOf, type Column } from "../walk";
import { funnelOf } from "./funnel";

const fewest = 3; // steps that are looked at
const most = 6;

export default function PathsScreen() {
  const [from] = useQuery("from", "page_view");
  const [page] = useQuery("page");
  const [direction, turn] = useQuery("direction", "next");
  const [walk] = useQuery("walk");
  const chosen = chosenSteps(walk);
  const steps = Math.min(most, Math.max(fewest, chosen.length + 1));
  const paths = useQuestion<Paths>("paths", { from, page, direction, steps: String(steps) }, 15000);
  const start = page || (from === "page_view" ? "any page" : from);
  const funnel = [from, ...chosen.filter((step) => !step.startsWith("/") && !step.startsWith("("))];
  const back = direction === "previous";
  const command = ["headgate insight paths", from !== "page_view" && `--from ${quoted(from)}`, page && `--page ${quoted(page)}`, back && "--previous", paths.words].filter(Boolean).join(" ");
  return (
    <Insight title="Paths" of={paths} command={command} sub={paths.data && `${plural(paths.data.total, "step")} from ${start}, repeated steps collapsed`}
      filters={
        <>
          <Start from={from} page={page} />
          <Seg label="Direction" options={[["next", "Next steps"], ["previous", "Steps before"]]} value={direction} choose={turn} />
          {funnel.length > 1 && !back && <a class="btn" href={funnelOf(funnel)}>Make it a funnel</a>}
        </>
      }>
      {(p) => (p.total === 0 ? <p class="none">Nobody was at {start} in the time chosen{page && <>; paths are cleaned by <code>insight: paths:</code>, so the page may be counted by another name</>}.</p> : <Report p={p} start={start} chosen={chosen} steps={steps} />)}
    </Insight>
  );
}

/** Start chooses the page or the event from which to look. */
function Start({ from, page }: { from: string; page: string }) {
  const pages = (useQuestion<Overview>("overview", { by: "page", filter: "" }).data?.by ?? []).map((r) => r.key).filter(Boolean);
  const events = (useQuestion<Overview>("overview", { by: "event", filter: "" }).data?.by ?? []).map((r) => r.key).filter((e) => e && e !== "page_view");
  if (page && !pages.includes(page)) pages.push(page);
  if (from !== "page_view" && !events.includes(from)) events.push(from);
  const choose = (value: string) => go(withQuery({ page: value.startsWith("p:") ? value.slice(2) : "", from: value.startsWith("e:") ? value.slice(2) : "", walk: "" }), true);
  return (
    <label>
      <span class="sr">Start</span>
      <select class="select" value={page ? "p:" + page : from === "page_view" ? "" : "e:" + from} onChange={(change) => choose(change.currentTarget.value)}>
        <option value="">From any page</option>
        <optgroup label="Pages">{pages.slice(0, 60).map((p) => <option key={p} value={"p:" + p}>From {p}</option>)}</optgroup>
        <optgroup label="Events">{events.slice(0, 60).map((e) => <option key={e} value={"e:" + e}>From {e}</option>)}</optgroup>
      </select>
    </label>
  );
}

function Report({ p, start, chosen, steps }: { p: Paths; start: string; chosen: string[]; steps: number }) {
  const root: Branch = { to: start, count: p.total, next: p.tree ?? p.next };
  const columns = columnsOf(root, chosen, steps, p.direction === "previous");
  const searches = useQuestion<Searches>("searches");
  return (
    <>
      <section class="hide-s" aria-label="Flow"><Flow columns={columns.slice(0, 4)} /></section>
      <Steps columns={columns} chosen={chosen} />
      <section class="cols-2">
        <div><Walks root={root} steps={steps} back={p.direction === "previous"} /></div>
        <div>
          <div class="bar-head"><h2>Searches with nothing after them</h2></div>
          <Show of={searches} what="Searches">{(s) => <SearchTable rows={[...s.rows].sort((a, b) => b.nothing_after - a.nothing_after).slice(0, 6)} />}</Show>
        </div>
      </section>
    </>
  );
}

function Steps({ columns, chosen }: { columns: Column[]; chosen: string[] }) {
  const choose = (depth: number, to: string) => go(withQuery({ walk: JSON.stringify(chosen[depth] === to ? chosen.slice(0, depth) : [...chosen.slice(0, depth), to]) }), true);
  const arrow = (press: KeyboardEvent) => {
    const by = press.key === "ArrowRight" ? 1 : press.key === "ArrowLeft" ? -1 : 0;
    const here = (press.target as Element).closest(".miller > div");
    const there = by > 0 ? here?.nextElementSibling : by < 0 ? here?.previousElementSibling : null;
    there?.querySelector<HTMLElement>('button[aria-pressed="true"], button')?.focus();
  };
  return (
    <section aria-labelledby="walk">
      <div class="bar-head"><h2 id="walk">Step by step</h2><span class="soft small">choose a step to see what follows<span class="hide-s">; <kbd>←</kbd> <kbd>→</kbd> between columns</span></span></div>
      <div class="miller" onKeyDown={arrow}>
        {columns.map((column) => (
          <div key={column.depth}>
            <h3>{column.title}</h3>
            {column.rows.map((row) => (
              <button key={row.to} type="button" aria-pressed={row.on} disabled={row.to === ended || row.to === other} onClick={() => column.depth > 0 && choose(column.depth - 1, row.to)}>
                <span class="p">{row.to}</span><span><span class="faint">{column.depth > 0 && percent(row.count, column.of)}</span> {count(row.count)}</span><Share of={column.of ? row.count / column.of : 0} state={row.to === ended ? "filtered" : "delivered"} />
              </button>
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}

function Walks({ root, steps, back }: { root: Branch; steps: number; back: boolean }) {
  const walks = walksOf(root, steps).slice(0, 6);
  return (
    <>
      <div class="bar-head"><h2>Most-walked paths</h2></div>
      <Scroll label="Paths">
        <table>
          <thead><tr><th scope="col">Path</th><th scope="col" class="n">Times</th><th scope="col" class="n">Share</th></tr></thead>
          <tbody>{walks.map((w) => <tr key={w.steps.join("\n")}><th scope="row" class="words"><a href={withQuery({ walk: JSON.stringify(w.steps.slice(1).filter((s) => s !== ended && s !== other)) })}>{(back ? [...w.steps].reverse() : w.steps).join(" → ")}</a></th><td class="n">{count(w.count)}</td><td class="n">{percent(w.count, root.count)}</td></tr>)}</tbody>
        </table>
      </Scroll>
    </>
  );
}
