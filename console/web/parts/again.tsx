// Sending again: a dead letter is retried, an event that is kept is replayed, with the command beside it.

import { useState } from "preact/hooks";
import { call, lines, request, Refusal, type Trace } from "../api";
import { count, plural } from "../format";
import { Ask } from "./dialog";
import { stateOf } from "./state";
import { to } from "../route";

interface Tally {
  read: number;
  of: number;
  matched: number;
  had?: number;
  done?: boolean;
  error?: string;
}

/** replay sends events of the log again, or counts them. */
export async function replay(asked: { to: string; since?: string; where?: string; dry_run?: boolean; dead?: boolean }): Promise<Tally> {
  let last: Tally = { read: 0, of: 0, matched: 0 };
  for await (const tally of lines<Tally>(await request("/api/replay", { body: asked }))) last = tally;
  if (last.error) throw new Refusal(500, last.error);
  return last;
}

/** SendAgain asks where to send an event again, counts first, then does it. */
export function SendAgain({ trace, close, done }: { trace: Trace; close: () => void; done: () => void }) {
  const names = Object.keys(trace.destinations).filter((name) => !["denied", "filtered"].includes(stateOf(trace.destinations[name]!)));
  const first = names.find((name) => stateOf(trace.destinations[name]!) === "rejected") ?? names[0] ?? "";
  const [name, setName] = useState(first);
  const [said, setSaid] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const id = trace.event.id;
  const dead = name !== "" && stateOf(trace.destinations[name]!) === "rejected";
  const since = new Date(new Date(trace.event.received ?? trace.event.time).getTime() - 60e3).toISOString();
  const where = `id == ${JSON.stringify(id)}`;
  const act = async () => {
    setBusy(true);
    setError("");
    try {
      if (dead) {
        const { retried } = await call<{ retried: number }>(to("/api/dead/retry", { destination: name, id }), { method: "POST" });
        setSaid(`${plural(retried, "event")} will be sent to ${name} again.`);
      } else {
        const tally = await replay({ to: name, since, where });
        setSaid(tally.matched > 0 ? `${plural(tally.matched, "event")} will be sent to ${name} again.` : `${name} gets nothing: consent or a filter leaves this event out.`);
      }
      done();
    } catch (thrown) {
      setError(thrown instanceof Refusal ? thrown.message : String(thrown));
    } finally {
      setBusy(false);
    }
  };
  if (names.length === 0) {
    return <Ask title="Send again" verb="Close" act={close} close={close}><p>No destination may have this event, so there is nothing to send.</p></Ask>;
  }
  return (
    <Ask title="Send again" verb={said ? "Done" : `Send to ${name}`} busy={busy} error={error} act={said ? close : () => void act()} close={close}>
      {said ? <p role="status">{said}</p> : (
        <>
          <label class="field">
            <span>Destination</span>
            <select class="select" value={name} onChange={(change) => setName(change.currentTarget.value)}>
              {names.map((n) => <option key={n} value={n}>{n}: {stateOf(trace.destinations[n]!)}</option>)}
            </select>
            <span class="hint">{dead ? "It is a dead letter there and becomes pending again." : "It counts twice where the destination does not recognise duplicates."} Consent is asked again; it may only have become stricter.</span>
          </label>
          <pre class="wrap">{dead ? `headgate dead retry --destination ${name} --id ${id}` : `headgate replay --to ${name} --where '${where}'`}</pre>
        </>
      )}
    </Ask>
  );
}

export const told = (tally: Tally) => `${count(tally.matched)} of ${count(tally.of)}`;
