// Consent: the share granted, denied and unknown, and what each destination lost by it.

import type { ConsentReport, Purposes } from "../api";
import { clock, count, date, percent } from "../format";
import { say } from "../parts/account";
import { Bar } from "../parts/bar";
import { Uncounted } from "../parts/cluster";
import { Show, useLoad } from "../parts/load";
import { Equal, Head, Scroll, Since, useSince } from "../parts/page";
import { Glyph } from "../parts/state";
import { destinationAt, eventsWhere, to, useQuery } from "../route";

export default function Consent() {
  const [since] = useSince();
  const path = to("/api/consent", { since });
  const report = useLoad<ConsentReport>(path, 30000);
  return (
    <>
      <Head title="Consent" sub={report.data && `${count(report.data.events)} events, counted since ${clock(report.data.began)}`}><Since /></Head>
      <Uncounted of={report.data?.headgates} />
      <Show of={report} what="Consent">
        {(c) => (c.events === 0 ? <p class="none">No event in the time chosen. What visitors chose will be here, by purpose, country, tool and day.</p> : <Report c={c} />)}
      </Show>
      <Equal command="headgate consent verify" api={"GET " + path} />
    </>
  );
}

const split = (p: { granted: number; denied: number; unknown: number }) => ({ delivered: p.granted, denied: p.denied, filtered: p.unknown });
const sum = (p: { granted: number; denied: number; unknown: number }) => p.granted + p.denied + p.unknown;

function Report({ c }: { c: ConsentReport }) {
  const [purpose, setPurpose] = useQuery("purpose", "ads" in c.purposes ? "ads" : (Object.keys(c.purposes)[0] ?? ""));
  return (
    <>
      <div class="figures">
        <a href={eventsWhere("")}><span class="k">Events</span><span class="v">{count(c.events)}</span><span class="d">with a conclusion each</span></a>
        {["analytics", "ads"].filter((p) => c.purposes[p]).map((p) => <a key={p} href={to("/consent", { purpose: p })}><span class="k">{p} granted</span><span class="v">{percent(c.purposes[p]!.granted, sum(c.purposes[p]!))}</span><span class="d">{count(c.purposes[p]!.unknown)} unknown</span></a>)}
        <div><span class="k">Global Privacy Control</span><span class="v">{percent(c.gpc, c.events)}</span><span class="d">{count(c.gpc)} events</span></div>
        <div><span class="k">Conflicting signals</span><span class="v">{count(c.conflicts)}</span><span class="d">the refusal binds</span></div>
      </div>
      <section aria-labelledby="purposes">
        <div class="bar-head">
          <h2 id="purposes">By purpose</h2>
          <p class="legend tools"><span class="st"><Glyph state="delivered" />granted</span><span class="st"><Glyph state="denied" />denied</span><span class="st"><Glyph state="filtered" />unknown</span></p>
        </div>
        <Table label="Purposes" first="Purpose" rows={Object.entries(c.purposes).map(([name, p]) => ({ key: name, name: <button class="aslink" aria-pressed={name === purpose} onClick={() => setPurpose(name)}>{name}</button>, p, on: name === purpose }))} />
      </section>
      <div class="cols-2">
        <Group title="By country" of={c.countries ?? []} purpose={purpose} name={(r) => r.country || "unknown"} />
        <Group title="By tool" of={c.tools ?? []} purpose={purpose} name={(r) => r.tool || "no signal"} />
      </div>
      <Group title="By day" of={c.days ?? []} purpose={purpose} name={(r) => date(r.day)} />
      <Lost c={c} />
    </>
  );
}

interface TableRow {
  key: string;
  name: preact.ComponentChildren;
  p: { granted: number; denied: number; unknown: number };
  on?: boolean;
}

function Table({ label, first, rows }: { label: string; first: string; rows: TableRow[] }) {
  return (
    <Scroll label={label}>
      <table>
        <thead><tr><th scope="col">{first}</th><th scope="col" class="wide hide-s"><span class="sr">Picture</span></th><th scope="col" class="n">Granted</th><th scope="col" class="n">Denied</th><th scope="col" class="n hide-s">Unknown</th><th scope="col" class="n">Share</th></tr></thead>
        <tbody>
          {rows.map(({ key, name, p, on }) => (
            <tr key={key} class={on ? "on" : ""}><th scope="row">{name}</th><td class="wide hide-s"><Bar parts={split(p)} of={sum(p)} /></td><td class="n">{count(p.granted)}</td><td class="n">{count(p.denied)}</td><td class="n hide-s">{count(p.unknown)}</td><td class="n">{percent(p.granted, sum(p))}</td></tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Group<T extends { purposes: Purposes }>({ title, of, purpose, name }: { title: string; of: T[]; purpose: string; name: (row: T) => string }) {
  const rows = of.filter((r) => r.purposes[purpose]).map((r) => ({ key: name(r), name: name(r), p: r.purposes[purpose]! }));
  return (
    <section>
      <div class="bar-head"><h2>{title}</h2><span class="soft small">{purpose}</span></div>
      {rows.length > 0 ? <Table label={title} first={title.slice(3, 4).toUpperCase() + title.slice(4)} rows={rows} /> : <p class="none">Nothing in the time chosen.</p>}
    </section>
  );
}

function Lost({ c }: { c: ConsentReport }) {
  const rows = Object.entries(c.destinations).sort((a, b) => b[1].lost - a[1].lost);
  return (
    <section aria-labelledby="lost">
      <div class="bar-head"><h2 id="lost">What destinations did not get</h2><span class="soft small">because of consent</span></div>
      <Scroll label="Lost">
        <table>
          <thead><tr><th scope="col">Destination</th><th scope="col" class="n">Events</th><th scope="col" class="n">Share</th><th scope="col">Why</th></tr></thead>
          <tbody>
            {rows.map(([name, d]) => (
              <tr key={name}><th scope="row"><a href={destinationAt(name)}>{name}</a></th><td class="n"><a href={eventsWhere(`destination:${name} state:denied`)}>{count(d.lost)}</a></td><td class="n">{percent(d.lost, c.events)}</td><td class="words soft">{(d.reasons ?? []).slice(0, 4).map((r) => `${say(r.reason, r.detail)} ${count(r.count)}`).join(" · ")}</td></tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
