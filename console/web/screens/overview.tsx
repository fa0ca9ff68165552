// Overview: the equation at the gate, and for each destination where its events are. Every number leads to its events.

import { useRef } from "preact/hooks";
import type { Alert, DestinationDetail, History, Status } from "../api";
import { ago, bytes, change, clock, count, percent, plural, span } from "../format";
import { ledgerOf, lineOf, say, sumOf, weekBefore, wholeLedger, type Account, type Cell, type Ledger } from "../parts/account";
import { AlertList } from "../parts/alert";
import { Bar, Spark } from "../parts/bar";
import { Chart } from "../parts/chart";
import { Headgates, Uncounted } from "../parts/cluster";
import { Icon } from "../parts/icon";
import { useKeys } from "../parts/keys";
import { Show, useLoad } from "../parts/load";
import { Equal, Head, Seg, Since, useSince } from "../parts/page";
import { backsOff, Glyph, St, healthOf, stateWord, states, type State } from "../parts/state";
import { destinationAt, eventAt, eventsWhere, to, useQuery } from "../route";
import { Beginning } from "../parts/beginning";

export default function Overview() {
  const [since] = useSince();
  const [site, setSite] = useQuery("site");
  const status = useLoad<Status>("/api/status", 2000);
  const history = useLoad<History>(to("/api/history", { since, site }), 10000);
  const before = useLoad<History>(to("/api/history", { ...weekBefore(since), site }));
  const alerts = useLoad<Alert[]>("/api/alerts", 15000);
  const rate = useRate(status.data);
  if (status.data?.accepted === 0 && !history.data?.series.some((s) => s.total > 0)) return <Beginning status={status.data} />;
  const sites = [...new Set((history.data?.series ?? []).map((s) => s.site ?? "").filter(Boolean))];
  if (site && !sites.includes(site)) sites.push(site);
  return (
    <>
      <Head title="Overview" sub={<span class="st"><span class="dot pulse" />{rate === null ? `${count(status.data?.accepted)} events accepted` : `${rate} events a second`}</span>}>
        {sites.length > 0 && (
          <label>
            <span class="sr">Site</span>
            <select class="select" value={site} onChange={(change) => setSite(change.currentTarget.value)}>
              <option value="">Every site</option>
              {sites.map((s) => <option key={s}>{s}</option>)}
            </select>
          </label>
        )}
        <Since />
      </Head>
      {status.data && <Troubles status={status.data} />}
      <Uncounted of={history.data?.headgates} />
      {alerts.data && <AlertList alerts={alerts.data.filter((a) => !a.until)} />}
      <Show of={status} what="The account">
        {(s) => {
          const ledger = history.data ? ledgerOf(history.data, s) : wholeLedger(s);
          const past = before.data && before.data.series.length > 0 ? ledgerOf(before.data, s) : undefined;
          return (
            <>
              <Gate ledger={ledger} past={past} known={!!history.data} />
              <Destinations ledger={ledger} past={past} status={s} at={status.at} whole={!history.data} />
            </>
          );
        }}
      </Show>
      <Headgates hash={status.data?.config.hash} />
      <section class="cols-2">
        <div>{history.data && <Accepted history={history.data} before={before.data} />}</div>
        <div>{status.data && <Machine status={status.data} history={history.data} />}</div>
      </section>
      <Equal command="headgate queue status" api={`GET /api/history?since=${since}${site && "&site=" + site}`} />
    </>
  );
}

/** useRate is events a second between two answers, null until there are two. */
function useRate(status?: Status): string | null {
  const last = useRef<{ accepted: number; at: number; rate: number | null }>(null);
  const now = performance.now();
  if (status && last.current?.accepted !== status.accepted) {
    const { accepted = 0, at = 0 } = last.current ?? {};
    const rate = last.current && now > at ? ((status.accepted - accepted) / (now - at)) * 1000 : null;
    last.current = { accepted: status.accepted, at: now, rate };
  } else if (last.current && now - last.current.at > 10000) {
    last.current.rate = 0;
  }
  const rate = last.current?.rate ?? null;
  return rate === null ? null : rate >= 100 ? count(rate) : rate.toFixed(1);
}

function Troubles({ status }: { status: Status }) {
  const unread = (status.consent?.unread_cookies ?? []).map((c) => c.name);
  const all = [
    status.config.error && `The newest configuration is not in force: ${status.config.error}`,
    status.queue.damage && `The log is damaged: ${status.queue.damage}`,
    status.suppression.damage && `The list of suppressed people is damaged: ${status.suppression.damage}`,
    unread.length > 0 && `Consent tools whose cookies are not read: ${unread.join(", ")}.`,
    Object.keys(status.orphans ?? {}).length > 0 && `The log holds events for destinations that were removed: ${Object.keys(status.orphans!).join(", ")}. headgate queue forget NAME gives them up.`,
    ...status.config.warnings,
  ].filter((t): t is string => !!t);
  return <>{all.map((t) => <div class="callout warn" key={t}><p class="words">{t}</p></div>)}</>;
}

function Gate({ ledger, past, known }: { ledger: Ledger; past?: Ledger; known: boolean }) {
  const { accepted, refused, dropped } = ledger;
  const received = accepted.total + refused.total;
  const passed = accepted.total - dropped.total;
  const first = (cell: Cell) => cell.reasons.slice(0, 2).map((r) => `${r.detail || say(r.reason)} ${count(r.total)}`).join(" · ");
  const add = (a?: number[], b?: number[], sign = 1) => (a ?? b)?.map((_, i) => (a?.[i] ?? 0) + sign * (b?.[i] ?? 0));
  if (!known) return null; // the account knows only what was accepted
  return (
    <section aria-label="At the gate">
      <div class="gate">
        <a href={eventsWhere("")}>
          <span class="k">Received</span>
          <span class="v">{count(received)}<Spark values={add(accepted.counts, refused.counts)} /></span>
          <span class="d">{past ? change(received, past.accepted.total + past.refused.total) + " on last week" : "in the time chosen"}</span>
        </a>
        <a class="out" href="/alerts">
          <span class="op" aria-hidden="true">−</span><span class="k">Refused at the door</span>
          <span class="v">{count(refused.total)}<Spark values={refused.counts} /></span>
          <span class="d">{first(refused) || "none"}</span>
        </a>
        <a href={eventsWhere("")}>
          <span class="op" aria-hidden="true">=</span><span class="k">Accepted, on disk</span>
          <span class="v">{count(accepted.total)}<Spark values={accepted.counts} /></span>
          <span class="d">{percent(accepted.total, received)} of received</span>
        </a>
        <a class="out" href={eventsWhere("reason:dropped_by_rule")}>
          <span class="op" aria-hidden="true">−</span><span class="k">Dropped by a rule</span>
          <span class="v">{count(dropped.total)}<Spark values={dropped.counts} /></span>
          <span class="d">{first(dropped) || "none"}</span>
        </a>
        <a href={eventsWhere("")}>
          <span class="op" aria-hidden="true">=</span><span class="k">Passed on</span>
          <span class="v">{count(passed)}<Spark values={add(accepted.counts, dropped.counts, -1)} /></span>
          <span class="d">{percent(passed, accepted.total)} of accepted</span>
        </a>
      </div>
    </section>
  );
}

function Destinations(props: { ledger: Ledger; past?: Ledger; status: Status; at?: Date; whole: boolean }) {
  const [as, setAs] = useQuery("show", "count");
  useKeys({ "%": () => setAs(as === "count" ? "percent" : "count") });
  const { ledger, status } = props;
  const carried = Math.max(0, ...Object.values(ledger.destinations).map((a) => sumOf(a) - ledger.accepted.total));
  return (
    <section aria-labelledby="led">
      <div class="bar-head">
        <h2 id="led">Destinations</h2>
        <p class="soft small">
          Each of {count(ledger.accepted.total)} events is in exactly one state per destination{props.whole ? ", since the log began" : ""}
          {carried > Math.max(10, ledger.accepted.total / 100) && `; up to ${count(carried)} had been waiting before`}.
        </p>
        <div class="tools">
          <span class="st faint small hide-s"><Icon name="check" /> read {props.at ? clock(props.at) : ""}</span>
          <Seg label="Show" options={[["count", "Count"], ["percent", "Percent"]]} value={as} choose={setAs} />
        </div>
      </div>
      <div class="ledger">
        <div class="row">
          <span>Destination</span>
          {states.map((s) => <St key={s} state={s} />)}
        </div>
        {Object.entries(ledger.destinations).map(([name, account]) => (
          <LedgerRow key={name} name={name} account={account} past={props.past?.destinations[name]} d={status.destinations[name]!} percents={as === "percent"} />
        ))}
      </div>
    </section>
  );
}

function LedgerRow(props: { name: string; account: Account; past?: Account; d: Status["destinations"][string]; percents: boolean }) {
  const { name, account, past, d } = props;
  const [open, setOpen] = useQuery("open");
  const sum = sumOf(account);
  const health = healthOf(d);
  const state = open.startsWith(name + ".") ? (open.slice(name.length + 1) as State) : null;
  return (
    <div class="row">
      <a class="who" href={destinationAt(name)}>
        <span class="name">
          <span class={`dot ${health === "delivered" ? "" : health}`} />
          <span class="cut">{name}</span> {d.state !== "running" ? <span class={`tag ${health}`}>{d.state}</span> : backsOff(d) && <span class="tag retrying">backing off</span>}
        </span>
        <span class="kind">{d.last_error || `${count(sum)} events`}</span>
        <Bar parts={Object.fromEntries(states.map((s) => [s, account[s].total]))} of={sum} />
      </a>
      {states.map((s) => (
        <Box key={s} name={name} state={s} cell={account[s]} before={past?.[s].total} sum={sum} lag={d.lag_seconds} percents={props.percents} open={state === s} toggle={() => setOpen(state === s ? "" : `${name}.${s}`)} />
      ))}
      {state && states.includes(state) && <Reasons name={name} state={state} cell={account[state]} d={d} />}
    </div>
  );
}

const oldest = (seconds: number) => (seconds < 1 ? "oldest < 1 s" : `oldest ${span(seconds)}`);

/** hot: more are rejected than usual, so that a person must act. A usual trickle stays grey. */
const isHot = (state: State, n: number, before: number | undefined, sum: number) =>
  state === "rejected" && n >= 10 && (before === undefined ? n / sum > 0.01 : n > 3 * Math.max(before, 5));

function Box(props: { name: string; state: State; cell: Cell; before?: number; sum: number; lag: number; percents: boolean; open: boolean; toggle: () => void }) {
  const { state, cell, sum } = props;
  const waits = state === "pending" || state === "retrying";
  const hot = isHot(state, cell.total, props.before, sum);
  const mood = cell.total === 0 ? "zero" : hot ? "hot" : waits && props.lag > 60 ? "warm" : "";
  const share = percent(cell.total, sum);
  const figures = props.percents ? [share, count(cell.total)] : [count(cell.total), share];
  return (
    <button class={`box ${mood}`} aria-expanded={props.open} onClick={props.toggle}>
      <span class="lab"><Glyph state={state} />{stateWord[state]}</span>
      <span class="sr hide-s">{props.name} {state} </span>
      <span class="c">{figures[0]}</span>
      {figures[0]!.length < 9 && <Spark values={cell.counts} state={state === "rejected" && !hot ? "filtered" : state} />}
      <span class="s">{cell.total === 0 ? "" : waits ? oldest(props.lag) : figures[1]}</span>
      <span class="ch">{hot && props.before !== undefined ? `was ${count(props.before)}` : waits || state === "rejected" ? "" : change(cell.total, props.before)}</span>
    </button>
  );
}

function Reasons({ name, state, cell, d }: { name: string; state: State; cell: Cell; d: Status["destinations"][string] }) {
  const [since] = useSince();
  const rejected = state === "rejected";
  const detail = useLoad<DestinationDetail>(rejected ? to("/api/destinations/" + encodeURIComponent(name), { since }) : null);
  const all = (q: string) => eventsWhere(`destination:${name} state:${state}${q}`);
  const dead = rejected ? detail.data?.dead?.reasons : null;
  return (
    <div class="reasons">
      <div class="bar-head">
        <h3>{name}: {plural(cell.total, "event")} {state}</h3>
        <div class="tools"><a class="btn" href={all("")}>All of them</a>{rejected && <a class="btn" href={destinationAt(name)}>Dead letters</a>}</div>
      </div>
      {(state === "pending" || state === "retrying") && <p class="soft words">{cell.total === 0 ? "Nothing waits." : `The oldest has waited ${span(d.lag_seconds)}. `}{d.last_error && `Last answer: ${d.last_error}`}</p>}
      {dead && dead.length > 0 ? (
        <table>
          <thead><tr><th scope="col">In the vendor's words</th><th scope="col" class="n">Events</th><th scope="col" class="fit">Since</th><th scope="col" class="fit hide-s">One of them</th></tr></thead>
          <tbody>
            {dead.map((r) => (
              <tr key={r.why}>
                <th scope="row" class="words"><a href={to("/destinations/" + encodeURIComponent(name), { why: r.why })}>{r.why || "no words"}</a></th>
                <td class="n">{count(r.count)}</td><td class="fit">{clock(r.oldest)}</td>
                <td class="fit hide-s">{r.ids?.[0] && <a href={eventAt(r.ids[0])}>Example</a>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : cell.reasons.length > 0 && (
        <table>
          <thead><tr><th scope="col">Reason</th><th scope="col" class="n">Events</th><th scope="col" class="n">Share</th></tr></thead>
          <tbody>
            {cell.reasons.map((r) => (
              <tr key={r.reason + r.detail}>
                <th scope="row"><a href={all(r.reason && state !== "delivered" && state !== "rejected" ? ` reason:${r.reason}` : "")}>{state === "delivered" && !r.reason ? "in full" : say(r.reason, r.detail)}</a></th>
                <td class="n">{count(r.total)}</td><td class="n">{percent(r.total, cell.total)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Accepted({ history, before }: { history: History; before?: History }) {
  const accepted = (h: History) => lineOf(h, (s) => s.state === "accepted" && !s.destination);
  const now = accepted(history);
  const lines = [{ name: "now", values: now, state: "delivered" as const }];
  const earlier = before && before.step === history.step && before.series.length > 0 ? accepted(before) : null;
  const past = earlier ? [{ name: "last week", values: now.map((_, i) => earlier[i] ?? null) }] : [];
  const total = now.reduce<number>((a, b) => a + (b ?? 0), 0);
  return (
    <Chart title="Events accepted" unit={`per ${span(history.step)}`} start={new Date(history.since).getTime() / 1000} step={history.step} lines={[...lines, ...past]} show={count}
      says={`Events accepted: ${count(total)} in all, at most ${count(Math.max(0, ...now.map((n) => n ?? 0)))} in ${span(history.step)}`} />
  );
}

function Machine({ status, history }: { status: Status; history?: History }) {
  const lags = Object.entries(status.destinations).filter(([, d]) => d.lag_seconds > 0).sort((a, b) => b[1].lag_seconds - a[1].lag_seconds);
  const bots = Object.entries(status.traffic ?? {}).sort((a, b) => b[1] - a[1]);
  return (
    <>
      <div class="bar-head"><h2>This machine</h2></div>
      <dl class="kv">
        <dt>Log</dt><dd>{bytes(status.queue.bytes)}{status.queue.oldest && `, oldest event ${clock(status.queue.oldest)}`}</dd>
        <dt>Oldest pending</dt><dd>{lags[0] ? `${span(lags[0][1].lag_seconds)} (${lags[0][0]})` : "nothing waits"}</dd>
        <dt>Configuration</dt><dd><a href="/configuration">{status.config.hash.slice(0, 8)}</a>, loaded {clock(status.config.loaded_at)}, {ago(status.config.loaded_at)} ago</dd>
        {bots.length > 0 && <><dt>Traffic</dt><dd>{bots.slice(0, 4).map(([kind, n]) => `${kind} ${count(n)}`).join(" · ")}</dd></>}
        <dt>Suppressed</dt><dd>{plural(status.suppression.subjects, "person", "people")}</dd>
        {history && <><dt>Counting since</dt><dd>{clock(history.began)}{history.writer && `, by ${history.headgates?.filter((h) => h.began).map((h) => h.writer).join(", ") ?? history.writer}`}</dd></>}
      </dl>
    </>
  );
}
