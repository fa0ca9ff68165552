// Funnels: how far visitors came, what those who left did instead, and what could not be measured.

import { may, type Conversions } from "../api";
import { change, count, money, percent, plural, span, words } from "../format";
import type { Funnel, Funnels, Overview, Step } from "../insight";
import type { Screen } from "../main";
import { Insight, pathsFrom, quoted, useQuestion, VisitorList } from "../parts/asking";
import { say } from "../parts/account";
import { Bar, Share } from "../parts/bar";
import { Show, useLoad } from "../parts/load";
import { Scroll, Seg, useSince } from "../parts/page";
import { Glyph } from "../parts/state";
import { destinationAt, eventsNamed, eventsWhere, kept, to, useQuery } from "../route";

const unnamed = "-"; // in the address: the funnel of the steps that are asked for

export const funnelAt = (name: string) => kept("/insight/funnels/" + encodeURIComponent(name));
/** funnelOf is the address of a funnel that the configuration does not have. */
export const funnelOf = (steps: string[]) => kept("/insight/funnels/" + unnamed, { steps: steps.join(",") });

export default function FunnelScreen({ name }: Screen) {
  return name ? <OneFunnel name={name} /> : <List />;
}

function List() {
  const funnels = useQuestion<Funnels>("funnels");
  return (
    <Insight title="Funnels" of={funnels} command="headgate insight funnel --steps view_item,purchase --since 7d">
      {({ funnels: all }) => (
        <>
          {all.length === 0 ? (
            <div class="center-empty"><p class="none">The configuration has no funnel. Write one below <code>insight: funnels:</code>, for example <code>{"checkout: {within: 1d, steps: [view_item, add_to_cart, purchase]}"}</code>, or look at one at once:</p></div>
          ) : (
            <Scroll label="Funnels">
              <table>
                <thead><tr><th scope="col">Funnel</th><th scope="col">Steps</th><th scope="col" class="n hide-s">Within</th><th scope="col" class="hide-s">Counted</th></tr></thead>
                <tbody>{all.map((f) => <tr key={f.name}><th scope="row"><a href={funnelAt(f.name)}>{f.name}</a></th><td class="words">{f.steps.join(" → ")}</td><td class="n hide-s">{f.within ? span(f.within) : "1 day"}</td><td class="hide-s">{[f.mode || "ordered", `per ${f.per || "visitor"}`].join(", ")}</td></tr>)}</tbody>
              </table>
            </Scroll>
          )}
          <p class="actions">{all.length > 0 && <span class="soft">Any other steps, without writing a funnel:</span>}<a class="btn" href={funnelOf(["view_item", "add_to_cart", "purchase"])}>view_item → add_to_cart → purchase</a></p>
        </>
      )}
    </Insight>
  );
}

const modes = [["", "As configured"], ["ordered", "Ordered"], ["strict", "Strict"], ["any", "Any order"]];
const breakdowns = ["device", "country", "source", "medium", "campaign", "referrer", "page", "site"];

function OneFunnel({ name }: { name: string }) {
  const [steps, setSteps] = useQuery("steps");
  const [mode, setMode] = useQuery("mode");
  const [by, setBy] = useQuery("by");
  const free = name === unnamed;
  const asked: Record<string, string> = free ? { steps, mode, by } : { name, mode, by };
  const funnel = useQuestion<Funnel>("funnel", asked, 10000);
  const f = funnel.data;
  const command = ["headgate insight funnel", free ? `--steps ${quoted(steps)}` : quoted(name), mode && `--mode ${mode}`, by && `--by ${by} --json`, funnel.words].filter(Boolean).join(" ");
  return (
    <Insight title={free ? "A funnel of these steps" : name} crumb={<><a href={kept("/insight/funnels")}>Funnels</a> / {free ? steps : name}</>} of={funnel} command={command}
      sub={f && `within ${span(f.within)}, per ${f.per}, ${f.mode === "any" ? "in any order" : f.mode}`}
      tools={may("configure") && !free && <a class="btn" href={to("/configuration", { find: name })}>Edit as YAML</a>}
      filters={
        <>
          {free && <label class="grow"><span class="sr">Steps, divided by commas</span><input class="input mono" defaultValue={steps} onChange={(change) => setSteps(change.currentTarget.value.trim())} spellcheck={false} /></label>}
          <Seg label="Mode" options={modes} value={mode} choose={setMode} />
          <label><span class="sr">Breakdown</span><select class="select" value={by} onChange={(change) => setBy(change.currentTarget.value)}><option value="">No breakdown</option>{breakdowns.map((b) => <option key={b} value={b}>By {b}</option>)}</select></label>
        </>
      }>
      {(data) => (data.steps[0]!.visitors === 0 && data.visitors_unmeasured === 0 ? <p class="none">No {data.steps[0]!.event} in the time chosen, so nobody began this funnel. <a href={eventsNamed(data.steps[0]!.event)}>The stored events</a> show what came.</p> : <Report f={data} by={by} />)}
    </Insight>
  );
}

function Report({ f, by }: { f: Funnel; by: string }) {
  const measured = useQuestion<Overview>("overview", { by: "event" }).data?.by;
  const first = measured?.find((row) => row.key === f.steps[0]!.event)?.events ?? 0;
  return (
    <>
      <section aria-labelledby="fun">
        <h2 class="sr" id="fun">Steps</h2>
        <Sentence f={f} />
        <p class="legend"><span class="st"><Glyph state="delivered" />{f.per}s, measured</span>{f.visitors_unmeasured > 0 && <span class="st"><Glyph state="denied" />without analytics consent, in proportion to the events</span>}</p>
        <Picture steps={f.steps} lost={first > 0 ? f.visitors_unmeasured / first : 0} />
        <StepList f={f} />
      </section>
      {f.visitors_unmeasured > 0 && <Lost f={f} measured={first} />}
      <Left f={f} />
      {f.groups && <Groups f={f} by={by} />}
      <Delivered f={f} />
    </>
  );
}

function Sentence({ f }: { f: Funnel }) {
  const first = f.steps[0]!;
  const last = f.steps.at(-1)!;
  const losses = f.steps.slice(1).map((s) => ({ s, by: 1 - s.of_previous })).filter(({ s }) => !s.optional);
  const worst = losses.sort((a, b) => b.by - a.by)[0];
  return (
    <p class="funnel-say">
      <strong>{percent(last.visitors, first.visitors)}</strong> of the {plural(first.visitors, f.per)} that began with {first.event} came to {last.event}.{" "}
      {first.before.visitors > 0 && `The time before: ${percent(last.before.visitors, first.before.visitors)}. `}
      {worst && worst.by > 0 && f.steps.length > 2 && `The largest loss is before ${worst.s.event}.`}
    </p>
  );
}

const across = 100;

/** Picture draws a bar for each step; the steps below it say the same in figures. lost is the share of the first that is not measured. */
function Picture({ steps, lost }: { steps: Step[]; lost: number }) {
  const top = Math.max(1, steps[0]!.visitors * (1 + lost));
  const height = (n: number) => (n / top) * 96;
  const wide = across / steps.length;
  const says = steps.map((s) => `${s.event} ${count(s.visitors)}`).join(", ");
  return (
    <svg class="funnel" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={`Visitors per step: ${says}`}>
      {steps.map((s, i) => {
        const h = height(s.visitors);
        const next = steps[i + 1];
        const x = i * wide;
        return (
          <g key={i}>
            {next && <polygon class="fill-soft" points={`${x + wide * 0.52},${100 - h} ${x + wide},${100 - height(next.visitors)} ${x + wide},100 ${x + wide * 0.52},100`} />}
            <rect class="fill-delivered" x={x} width={wide * 0.52} y={100 - h} height={h} />
            {i === 0 && lost > 0 && <rect class="fill-cap" x={x} width={wide * 0.52} y={100 - h - height(s.visitors * lost)} height={Math.max(0, height(s.visitors * lost) - 0.6)} />}
          </g>
        );
      })}
    </svg>
  );
}

function StepList({ f }: { f: Funnel }) {
  return (
    <ol class={`funnel-steps of-${Math.min(f.steps.length, 8)}`}>
      {f.steps.map((s, i) => (
        <li key={i}>
          <h3 class="words"><span class="faint">{i + 1}</span> <a href={eventsNamed(s.event)}>{s.event}</a> {s.optional && <span class="tag">optional</span>}</h3>
          <p class="big">{count(s.visitors)}</p>
          <p class="soft small">{i > 0 && <>{percent(s.of_previous)} of the step before<br /></>}{percent(s.of_first)} of the first</p>
          <p class="small faint">
            {s.median_seconds !== null && <>median {span(s.median_seconds)}<br /></>}
            {s.value > 0 && <>{money(s.value, f.currency)}<br /></>}
            {change(s.visitors, s.before.visitors) && `${change(s.visitors, s.before.visitors)} on the time before`}
          </p>
        </li>
      ))}
    </ol>
  );
}

function Lost({ f, measured }: { f: Funnel; measured: number }) {
  const all = measured + f.visitors_unmeasured;
  return (
    <section class="loss" aria-labelledby="loss">
      <div class="bar-head"><h2 id="loss"><svg class="inline" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 0 10 5 5 10 0 5z" class="fill-denied" /></svg> First steps that were not measured</h2><span class="soft small">events that hold no visitor; counted in totals only</span></div>
      <p><strong class="denied">{count(f.visitors_unmeasured)}</strong> <span class="soft">of {count(all)} {f.steps[0]!.event}</span></p>
      <Bar parts={{ delivered: measured, denied: f.visitors_unmeasured }} of={all} />
      <p class="small faint">{percent(f.visitors_unmeasured, all)} not measurable. <a href={kept("/consent", { purpose: "analytics" })}>What visitors chose</a></p>
    </section>
  );
}

/** Left shows who left after a step, and what they did instead. */
function Left({ f }: { f: Funnel }) {
  const leaving = f.steps.map((_, i) => i).slice(0, -1);
  const biggest = leaving.reduce((a, b) => ((f.steps[b]!.visitors - f.steps[b + 1]!.visitors) > (f.steps[a]!.visitors - f.steps[a + 1]!.visitors) ? b : a), 0);
  const [chosen, choose] = useQuery("after", String(biggest + 1));
  const at = Math.min(Math.max(1, Number(chosen) || 1), f.steps.length) - 1;
  const step = f.steps[at]!;
  if (leaving.length === 0) return null;
  const most = step.instead[0]?.count ?? 0;
  const all = step.instead.reduce((n, row) => n + row.count, 0);
  return (
    <section class="cols-2" aria-label="Who left">
      <div>
        <div class="bar-head"><h2>Who left after {step.event}</h2><span class="soft small">what they did instead</span><div class="tools"><Seg label="After step" options={leaving.map((i) => [String(i + 1), String(i + 1)])} value={String(at + 1)} choose={choose} /></div></div>
        {step.instead.length === 0 ? <p class="none">Nobody left here.</p> : (
          <Scroll label="Did instead">
            <table>
              <thead><tr><th scope="col">Did instead</th><th scope="col" class="wide"><span class="sr">Picture</span></th><th scope="col" class="n">{f.per === "session" ? "Sessions" : "Visitors"}</th><th scope="col" class="n">Share</th></tr></thead>
              <tbody>{step.instead.map((row) => <tr key={row.to}><th scope="row" class="words">{row.to === "(nothing)" ? "ended the session" : <a href={pathsFrom(row.to)}>{row.to}</a>}</th><td class="wide"><Share of={row.count / most} state="filtered" /></td><td class="n">{count(row.count)}</td><td class="n">{percent(row.count, all)}</td></tr>)}</tbody>
            </table>
          </Scroll>
        )}
      </div>
      <div>
        <div class="bar-head"><h2>These visitors</h2><span class="soft small">the latest who left after {step.event}</span></div>
        <VisitorList ids={step.dropped} none="Nobody left here." />
      </div>
    </section>
  );
}

function Groups({ f, by }: { f: Funnel; by: string }) {
  return (
    <section aria-labelledby="groups">
      <div class="bar-head"><h2 id="groups">By {by}</h2></div>
      <Scroll label={`Steps by ${by}`}>
        <table>
          <thead><tr><th scope="col">{by[0]?.toUpperCase() + by.slice(1)}</th>{f.steps.map((s, i) => <th key={i} scope="col" class="n">{s.event}</th>)}<th scope="col" class="n">Rate</th></tr></thead>
          <tbody>{f.groups!.map((g) => <tr key={g.key}><th scope="row" class="words">{g.key || <span class="faint">unknown</span>}</th>{g.visitors.map((n, i) => <td key={i} class="n">{count(n)}</td>)}<td class="n">{percent(g.visitors.at(-1), g.visitors[0])}</td></tr>)}</tbody>
          <tfoot><tr><th scope="row">All</th>{f.steps.map((s, i) => <td key={i} class="n">{count(s.visitors)}</td>)}<td class="n">{percent(f.steps.at(-1)!.visitors, f.steps[0]!.visitors)}</td></tr></tfoot>
        </table>
      </Scroll>
    </section>
  );
}

const counted = ["purchase", "generate_lead"]; // the events whose deliveries are counted with their value

/** Delivered is what each platform got of the conversion that ends the funnel. */
function Delivered({ f }: { f: Funnel }) {
  const event = f.steps.map((s) => s.event).filter((e) => counted.includes(e)).at(-1);
  const [since] = useSince();
  const [site] = useQuery("site");
  const got = useLoad<Conversions>(event ? to("/api/conversions", { since, site, event }) : null, 30000);
  if (!event) return null;
  return (
    <section aria-labelledby="got">
      <div class="bar-head"><h2 id="got">Happened and delivered</h2><span class="soft small">{event}: what each platform got of all that happened, measured or not</span></div>
      <Show of={got} what="Conversions">
        {(c) => (
          <Scroll label="Delivered">
            <table>
              <thead><tr><th scope="col">Destination</th><th scope="col" class="wide hide-s"><span class="sr">Picture</span></th><th scope="col" class="n">Got</th><th scope="col" class="n">Share</th><th scope="col" class="n">Worth</th><th scope="col" class="hide-s">The gap</th></tr></thead>
              <tbody>
                {Object.entries(c.platforms).map(([name, p]) => (
                  <tr key={name}><th scope="row"><a href={destinationAt(name)}>{name}</a></th><td class="wide hide-s"><Share of={c.happened.count ? p.count / c.happened.count : 0} /></td><td class="n"><a href={eventsWhere(`name:${event} destination:${name} state:delivered`)}>{count(p.count)}</a></td><td class="n">{percent(p.count, c.happened.count)}</td><td class="n">{money(p.value, c.currency)}</td><td class="words soft hide-s">{words((p.gap ?? []).slice(0, 3).map((g) => `${say(g.reason, g.detail)} ${count(g.count)}`)) || "none"}</td></tr>
                ))}
              </tbody>
              <tfoot><tr><th scope="row">Happened</th><td class="hide-s" /><td class="n">{count(c.happened.count)}</td><td class="n" /><td class="n">{money(c.happened.value, c.currency)}</td><td class="hide-s" /></tr></tfoot>
            </table>
          </Scroll>
        )}
      </Show>
      <p class="small faint"><a href={kept("/conversions", { event })}>The gap by reason</a></p>
    </section>
  );
}
