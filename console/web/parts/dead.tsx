// Dead letters of a destination, grouped by the vendor's words, with actions on all of a group.

import { useState } from "preact/hooks";
import { call, may, Refusal, type DeadLetter, type DeadPage, type DestinationDetail } from "../api";
import { clock, count, plural } from "../format";
import { eventAt, to, useQuery } from "../route";
import { Ask } from "./dialog";
import { Scroll } from "./page";
import { useLoad } from "./load";

interface Group {
  why: string;
  count: number;
  oldest: string;
  newest: string;
  example?: string;
}

const page = 1000; // the most of the API
const together = 150; // ids in one request

/** groupsOf counts a page of dead letters by their words. */
function groupsOf(letters: DeadLetter[]): Group[] {
  const groups = new Map<string, Group>();
  for (const l of letters) {
    const g = groups.get(l.why) ?? { why: l.why, count: 0, oldest: l.died, newest: l.died, example: l.event_id };
    g.count++;
    if (l.died < g.oldest) g.oldest = l.died;
    if (l.died > g.newest) g.newest = l.died;
    groups.set(l.why, g);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

export function DeadLetters({ name, detail, again }: { name: string; detail?: DestinationDetail; again: () => void }) {
  const [where, setWhere] = useQuery("where");
  const [draft, setDraft] = useState(where);
  const [chosenWhy, setChosenWhy] = useQuery("why");
  const letters = useLoad<DeadPage>(to("/api/dead", { destination: name, where, limit: String(page) }), 15000);
  const [chosen, setChosen] = useState<string[]>(chosenWhy ? [chosenWhy] : []);
  const [said, say] = useState(""); // the result of the last action; it stays when no dead letter is left
  const data = letters.data;
  const fromDetail = !where && detail?.dead?.reasons;
  const groups: Group[] = fromDetail ? fromDetail.map((r) => ({ ...r, example: r.ids?.[0] })) : data ? groupsOf(data.dead) : [];
  const total = data?.total ?? detail?.dead?.total ?? 0;
  const n = groups.filter((g) => chosen.includes(g.why)).reduce((sum, g) => sum + g.count, 0);
  const toggle = (why: string) => {
    setChosen(chosen.includes(why) ? chosen.filter((w) => w !== why) : [...chosen, why]);
    setChosenWhy("");
    say("");
  };
  const done = (words: string) => {
    say(words);
    setChosen([]);
    letters.again();
    again();
  };
  return (
    <section aria-labelledby="dead">
      <div class="bar-head">
        <h2 id="dead">Dead letters</h2>
        <span class="soft small">{total === 0 ? "none" : `${count(total)}, grouped by reason${data && data.total > data.dead.length && !fromDetail ? `; of the newest ${count(data.dead.length)}` : ""}`}</span>
        {(total > 0 || where) && (
          <form class="tools" onSubmit={(submit) => (submit.preventDefault(), setWhere(draft.trim()))}>
            <label><span class="sr">Only where (formula)</span><input class="input mono" value={draft} onInput={(input) => setDraft(input.currentTarget.value)} placeholder="params.value > 50" spellcheck={false} /></label>
          </form>
        )}
      </div>
      {letters.error && !letters.error.absent && <div class="callout warn" role="alert"><p class="words">{letters.error.said.mistakes?.[0]?.fact ?? letters.error.message}</p></div>}
      {groups.length === 0 ? <p class="none" role="status">{said || (where ? "No dead letter fits the formula." : `${name} has rejected nothing that is kept. What it refuses will be here, in its own words.`)}</p> : (
        <>
          <Scroll label="Reasons">
            <table>
              <thead><tr><th scope="col" class="fit"><span class="sr">Choose</span></th><th scope="col">Reason, in the vendor's words</th><th scope="col" class="n">Events</th><th scope="col" class="fit hide-s">First</th><th scope="col" class="fit hide-s">Last</th><th scope="col" class="fit"><span class="sr">Example</span></th></tr></thead>
              <tbody>
                {groups.map((g) => (
                  <tr key={g.why} class={chosen.includes(g.why) ? "on" : ""}>
                    <td class="fit"><input type="checkbox" checked={chosen.includes(g.why)} onChange={() => toggle(g.why)} aria-label={`Choose: ${g.why || "no words"}`} /></td>
                    <th scope="row" class="words">{g.why || "no words"}</th>
                    <td class="n">{count(g.count)}</td><td class="fit hide-s">{clock(g.oldest)}</td><td class="fit hide-s">{clock(g.newest)}</td>
                    <td class="fit">{g.example && <a href={eventAt(g.example)}>Example</a>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <Batch name={name} where={where} whys={chosen} all={chosen.length === groups.length} n={n} said={said} done={done} />
        </>
      )}
    </section>
  );
}

/** Batch acts on all dead letters of the chosen reasons. */
function Batch(props: { name: string; where: string; whys: string[]; all: boolean; n: number; said: string; done: (words: string) => void }) {
  const { name, n, said } = props;
  const [asking, ask] = useState<"" | "retry" | "drop">("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const allowed = may("operate");
  const act = async () => {
    const verb = asking as "retry" | "drop";
    setBusy(true);
    setError("");
    try {
      const done = await change(verb, name, props.where, props.all ? null : props.whys);
      ask("");
      props.done(`${plural(done, "event")} ${verb === "retry" ? `will be sent to ${name} again` : "dropped"}.`);
    } catch (thrown) {
      setError(thrown instanceof Refusal ? thrown.message : String(thrown));
    } finally {
      setBusy(false);
    }
  };
  const why = !allowed ? "Your role may not retry or drop: it takes an operator." : n === 0 ? "Choose a reason to retry or drop its events." : "A retry sends them under the configuration in force. Fix the cause first, or they come back.";
  return (
    <div class="panel">
      <div class="bar-head">
        <p role="status"><strong>{said || `${count(n)} chosen`}</strong> <span class="soft" id="why-off">{why}</span></p>
        <div class="tools">
          <button class="btn danger" disabled={!allowed || n === 0} aria-describedby="why-off" onClick={() => ask("drop")}>Drop {count(n)}…</button>
          <button class="btn primary" disabled={!allowed || n === 0} aria-describedby="why-off" onClick={() => ask("retry")}>Retry {count(n)}…</button>
        </div>
      </div>
      {asking && (
        <Ask title={`${asking === "drop" ? "Drop" : "Retry"} ${plural(n, "dead letter")}`} verb={`${asking === "drop" ? "Drop" : "Retry"} ${count(n)}`} danger={asking === "drop"} busy={busy} error={error} act={() => void act()} close={() => ask("")}>
          <p>{asking === "drop" ? `They cannot be sent to ${name} afterwards. The other destinations are not affected.` : `They become pending at ${name} and are sent at once, under the configuration in force.`}</p>
          <pre class="wrap">{`headgate dead ${asking} --destination ${name}${props.where ? ` --where '${props.where}'` : ""}`}</pre>
        </Ask>
      )}
    </div>
  );
}

/** change retries or drops all dead letters, or those with certain words, found page by page. */
async function change(verb: "retry" | "drop", destination: string, where: string, whys: string[] | null): Promise<number> {
  const key = verb === "retry" ? "retried" : "dropped";
  if (!whys) return (await call<Record<string, number>>(to("/api/dead/" + verb, { destination, where }), { method: "POST" }))[key] ?? 0;
  const ids: string[] = [];
  for (let after = ""; ; ) {
    const found = await call<DeadPage>(to("/api/dead", { destination, where, limit: String(page), after }));
    for (const l of found.dead) if (whys.includes(l.why)) ids.push(l.event_id);
    if (!found.next) break;
    after = found.next;
  }
  let done = 0;
  for (let i = 0; i < ids.length; i += together) {
    const some = ids.slice(i, i + together).map((id) => "&id=" + encodeURIComponent(id)).join("");
    done += (await call<Record<string, number>>(to("/api/dead/" + verb, { destination, where }) + some, { method: "POST" }))[key] ?? 0;
  }
  return done;
}
