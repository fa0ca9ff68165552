// What senders such as shops have asked for about people, and what a person has to do about it.

import { useState } from "preact/hooks";
import { call, Refusal } from "../api";
import { date, plural } from "../format";
import { Ask } from "./dialog";
import { useLoad } from "./load";
import { Scroll } from "./page";

interface Asked {
  id: string;
  time: string;
  source: string;
  do: "export" | "suppress" | "delete";
  reference?: string;
  person?: unknown[];
  unclear?: number;
  state: "done" | "to_do" | "failed";
  at?: string[];
  failed?: string[];
  settled?: { time: string; by: string; why?: string };
}

/** Requests are those that senders passed on; nothing where there was none. */
export function Requests() {
  const load = useLoad<{ requests: Asked[] }>("/api/subjects/requests");
  const [chosen, choose] = useState<Asked | null>(null);
  const all = [...(load.data?.requests ?? [])].reverse();
  if (all.length === 0) return null;
  const open = all.filter((a) => a.state !== "done").length;
  return (
    <section aria-labelledby="requests">
      <div class="bar-head"><h2 id="requests">Requests by senders</h2><p class="soft small">{open > 0 ? `${open} to do.` : "Nothing to do."} Who it is about is kept as hashes only.</p></div>
      <Scroll label="Requests by senders">
        <table>
          <thead><tr><th scope="col" class="fit hide-s">Asked</th><th scope="col" class="fit">By</th><th scope="col">For</th><th scope="col">What is to do</th></tr></thead>
          <tbody>
            {all.map((a) => (
              <tr key={a.id}>
                <td class="fit hide-s">{date(a.time)}</td>
                <th scope="row" class="fit">{a.source}{a.reference && <> <code>{a.reference}</code></>}</th>
                <td>{a.do}, {plural(a.person?.length ?? 0, "id")}</td>
                <td class="words">{says(a)} {a.state !== "done" && <button class="btn" aria-label={`Done: ${a.do} of ${a.source} ${a.reference ?? ""}`} onClick={() => choose(a)}>Done…</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {chosen && <Settle of={chosen} close={() => choose(null)} done={() => (choose(null), load.again())} />}
    </section>
  );
}

function says(a: Asked): string {
  if (a.settled) return `Done on ${date(a.settled.time)} by ${a.settled.by}${a.settled.why ? `: ${a.settled.why}` : ""}.`;
  if (a.state === "done") return "Carried out when it came.";
  if (a.failed?.length) return `${a.failed.join(", ")} could not remove what they hold; the sender asks again.`;
  if (a.at?.length) return `Carried out here; at ${a.at.join(", ")} a person has to.`;
  if (a.do === "export" && a.person?.length) return "Find out at the sender who it is, export, and answer them.";
  return "Find out at the sender whom it is about.";
}

function Settle({ of, close, done }: { of: Asked; close: () => void; done: () => void }) {
  const [error, setError] = useState("");
  const act = async (why: string) => {
    try {
      await call(`/api/subjects/requests/${encodeURIComponent(of.id)}/done`, { body: { why } });
      done();
    } catch (thrown) {
      setError(thrown instanceof Refusal ? thrown.message : String(thrown));
    }
  };
  return (
    <Ask title="This request is done" verb="Note that it is done" reason="What was done" error={error} act={(why) => void act(why)} close={close}>
      <p>{of.do} of {of.source}, asked for on {date(of.time)}. {says(of)}</p>
      <p class="soft small">Same in a terminal: <code>headgate subject done {of.id} --why "…"</code></p>
    </Ask>
  );
}
