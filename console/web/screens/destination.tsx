// One destination: how it does, what it refused and why, how it answers, and what it gets.

import { useState } from "preact/hooks";
import { call, may, Refusal, type DestinationDetail, type DestinationStatus, type History, type Status, type Trace } from "../api";
import { count, percent, span } from "../format";
import { ledgerOf, lineOf, say, type Account } from "../parts/account";
import { Share } from "../parts/bar";
import { Chart } from "../parts/chart";
import { Uncounted } from "../parts/cluster";
import { DeadLetters } from "../parts/dead";
import { Icon } from "../parts/icon";
import { Json } from "../parts/json";
import { Show, useLoad, type Loaded } from "../parts/load";
import { Equal, Head, Scroll, Since, useSince } from "../parts/page";
import { accountOf, backsOff, Glyph, healthOf, St, stateWord, states, toState, type State } from "../parts/state";
import type { Screen } from "../main";
import { eventsWhere, to } from "../route";

export default function Destination({ name }: Screen) {
  const [since] = useSince();
  const status = useLoad<Status>("/api/status", 3000);
  const path = "/api/destinations/" + encodeURIComponent(name);
  const detail = useLoad<DestinationDetail>(to(path, { since }), 15000);
  const history = useLoad<History>(to("/api/history", { since, destination: name }), 15000);
  const d = status.data?.destinations[name];
  const again = () => (status.again(), detail.again());
  return (
    <>
      <Head title={name} crumb={<><a href="/">Destinations</a> / {detail.data?.use ?? name}</>} sub={d && <Doing d={d} />}>
        <Since />
        {d && <Switch name={name} d={d} again={status.again} />}
      </Head>
      <Show of={status} what="The account">
        {(all) => (d ? <Figures name={name} d={d} account={history.data ? ledgerOf(history.data, all).destinations[name] : undefined} /> : <p class="none">The configuration in force has no destination {name}. <a href="/destinations/new">Add one</a>, or <a href="/configuration">look at the configuration</a>.</p>)}
      </Show>
      {d && (
        <>
          {d.last_error && <div class={`callout ${d.state === "halted" ? "" : "warn"}`}><p class="words"><strong>{d.state === "halted" ? "Halted: nothing is sent until the settings are right. " : "Last error: "}</strong>{d.last_error}</p></div>}
          <DeadLetters name={name} detail={detail.data} again={again} />
          <section class="cols-2">
            <div><Answers detail={detail} d={d} /></div>
            <div><Lines name={name} history={history} /></div>
          </section>
          <section class="cols-21">
            <div><Fill detail={detail} /></div>
            <div><Latency detail={detail.data} /></div>
          </section>
          <Golden name={name} />
        </>
      )}
      <Equal command={`headgate dead list --destination ${name}`} api={`GET ${to(path, { since })}`} />
    </>
  );
}

const Doing = ({ d }: { d: DestinationStatus }) => {
  const health = healthOf(d);
  return <span class={`st ${health}`}><Glyph state={health} />{d.state}{backsOff(d) ? ", backing off" : ""}</span>;
};

function Switch({ name, d, again }: { name: string; d: DestinationStatus; again: () => void }) {
  const [error, setError] = useState("");
  const running = d.state === "running";
  const act = async () => {
    try {
      await call(`/api/destinations/${encodeURIComponent(name)}/${running ? "pause" : "resume"}`, { method: "POST" });
      setError("");
      again();
    } catch (thrown) {
      setError(thrown instanceof Refusal ? thrown.message : String(thrown));
    }
  };
  return (
    <>
      {error && <span class="rejected small" role="alert">{error}</span>}
      <button class="btn" disabled={!may("operate")} title={may("operate") ? undefined : "It takes an operator"} onClick={() => void act()}>
        <Icon name={running ? "pause" : "play"} />{running ? "Pause" : "Resume"}
      </button>
    </>
  );
}

/** Figures are of the time chosen, or where that is not counted, since the log began. */
function Figures({ name, d, account }: { name: string; d: DestinationStatus; account?: Account }) {
  const whole = accountOf(d);
  const of = (s: State) => account?.[s].total ?? whole[s];
  const sum = states.reduce((n, s) => n + of(s), 0);
  const why = (s: State) => {
    const top = account?.[s].reasons[0];
    return top && s !== "delivered" && s !== "rejected" ? say(top.reason, top.detail) : percent(of(s), sum);
  };
  const under = (s: State) => (s === "pending" || s === "retrying" ? (of(s) > 0 ? `oldest ${span(d.lag_seconds)}` : "none") : why(s));
  return (
    <div class="figures">
      {states.map((s) => (
        <a key={s} href={eventsWhere(`destination:${name} state:${s}`)} class={s === "rejected" && of(s) >= 10 && of(s) / sum > 0.01 ? "hot" : ""}>
          <span class="k"><Glyph state={s} />{stateWord[s]}</span><span class="v">{count(of(s))}</span><span class="d words">{of(s) > 0 ? under(s) : "none"}</span>
        </a>
      ))}
    </div>
  );
}

function Answers({ detail, d }: { detail: Loaded<DestinationDetail>; d: DestinationStatus }) {
  return (
    <>
      <div class="bar-head"><h2>Answers</h2><span class="soft small">by status and the vendor's words</span></div>
      <Show of={detail} what="Answers">
        {(data) => {
          const answers = data.answers ?? [];
          const all = answers.reduce((n, a) => n + a.count, 0);
          if (all === 0) return <p class="none">No answer in the time chosen.</p>;
          return (
            <>
              <Uncounted of={data.headgates} />
              <Scroll label="Answers">
                <table>
                  <thead><tr><th scope="col">Answer</th><th scope="col" class="fit">Verdict</th><th scope="col" class="n">Events</th><th scope="col" class="n">Share</th></tr></thead>
                  <tbody>
                    {answers.map((a) => (
                      <tr key={a.verdict + a.status + a.why}><th scope="row" class="words">{[a.status || "", a.why].filter(Boolean).join(", ") || "accepted"}</th><td class="fit"><St state={toState(a.verdict)} /></td><td class="n">{count(a.count)}</td><td class="n">{percent(a.count, all)}</td></tr>
                    ))}
                  </tbody>
                  <tfoot><tr><th scope="row">All answers</th><td /><td class="n">{count(all)}</td><td class="n">100 %</td></tr></tfoot>
                </table>
              </Scroll>
              <p class="small faint">Since the log began: {count(d.delivered)} delivered, {count(d.denied)} denied, {count(d.filtered)} filtered, {count(d.rejected)} rejected; {count(d.pending)} pending now.</p>
            </>
          );
        }}
      </Show>
    </>
  );
}

function Lines({ name, history }: { name: string; history: Loaded<History> }) {
  return (
    <Show of={history} what="History">
      {(h) => {
        const sum = (state: string) => lineOf(h, (s) => s.state === state && s.destination === name);
        const lines = ([["delivered", "delivered"], ["rejected", "rejected"], ["retried", "retrying"]] as [string, State][]).map(([name, state]) => ({ name, values: sum(name), state }));
        const totals = lines.map((l) => `${count(l.values.reduce<number>((a, b) => a + (b ?? 0), 0))} ${l.name}`);
        return <Chart title="Deliveries" unit={`per ${span(h.step)}`} start={new Date(h.since).getTime() / 1000} step={h.step} lines={lines} show={count} says={`Deliveries: ${totals.join(", ")}`} />;
      }}
    </Show>
  );
}

function Fill({ detail }: { detail: Loaded<DestinationDetail> }) {
  return (
    <>
      <div class="bar-head"><h2>Fields that matter</h2><span class="soft small">share of the events sent that carry them</span></div>
      <Show of={detail} what="Fill rate">
        {(data) => {
          const fill = (data.fill ?? []).filter((f) => f.of > 0);
          if (fill.length === 0) return <p class="none">Nothing was sent in the time chosen.</p>;
          return (
            <Scroll label="Fill rate">
              <table>
                <thead><tr><th scope="col">Field</th><th scope="col" class="wide hide-s"><span class="sr">Picture</span></th><th scope="col" class="n">Filled</th><th scope="col" class="n">Of</th><th scope="col" class="n">Share</th></tr></thead>
                <tbody>{fill.map((f) => <tr key={f.field}><th scope="row">{f.field}</th><td class="wide hide-s"><Share of={f.filled / f.of} /></td><td class="n">{count(f.filled)}</td><td class="n">{count(f.of)}</td><td class="n">{percent(f.filled, f.of)}</td></tr>)}</tbody>
              </table>
            </Scroll>
          );
        }}
      </Show>
    </>
  );
}

function Latency({ detail }: { detail?: DestinationDetail }) {
  if (!detail?.latency || detail.latency.count === 0) return null;
  const { p50, p99, count: n } = detail.latency;
  return (
    <>
      <div class="bar-head"><h2>Latency</h2><span class="soft small">of a request, until its answer</span></div>
      <dl class="kv"><dt>Half within</dt><dd>{span(p50)}</dd><dt>99 % within</dt><dd>{span(p99)}</dd><dt>Requests</dt><dd>{count(n)}</dd></dl>
    </>
  );
}

/** Golden shows what this destination would get of a sample purchase, under the configuration in force. */
function Golden({ name }: { name: string }) {
  const [state, set] = useState<{ trace?: Trace; error?: string } | null>(null);
  const load = async () => {
    try {
      const [trace] = await call<Trace[]>("/api/explain", { body: { sample: "purchase" } });
      set({ trace });
    } catch (thrown) {
      set({ error: thrown instanceof Refusal ? thrown.message : String(thrown) });
    }
  };
  const d = state?.trace?.destinations[name];
  return (
    <section>
      <details class="fold plain" onToggle={(toggle) => toggle.currentTarget.open && !state && void load()}>
        <summary><span>Golden request: what {name} gets of a sample purchase</span><span class="faint small hide-s">nothing is sent</span></summary>
        <div class="in">
          {state?.error && <p class="rejected words">{state.error}</p>}
          {state && !state.error && !d && <p class="soft">The sample does not reach {name}.</p>}
          {d && (d.requests?.length ? d.requests.map((r, i) => <pre class="wrap" key={i} tabIndex={0}>{r.method && <><span class="k">{r.method}</span> {r.url}{"\n"}</>}<Json value={r.body} /></pre>) : <p class="soft words">{d.because || say(d.reason)}</p>)}
          <p class="small"><a href={to("/configuration", { find: name + ":" })}>Settings in the configuration</a></p>
        </div>
      </details>
    </section>
  );
}
