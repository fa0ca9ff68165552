// The Headgates of a cluster: who accepts events, who delivers them, who is gone, and whose counts are missing.

import type { Cluster, Headgate, Writer } from "../api";
import { ago, count, plural } from "../format";
import { eventsWhere } from "../route";
import { useLoad } from "./load";
import { Scroll } from "./page";

const moods: Record<Writer["state"], string> = { running: "", silent: "retrying", gone: "off" };

/** Headgates is nothing without a cluster. Those that are gone and hold nothing are only counted. */
export function Headgates({ hash }: { hash?: string }) {
  const load = useLoad<Cluster>("/api/cluster", 5000);
  if (!load.data?.clustered) return null;
  const { self, writers } = load.data;
  const shown = writers.filter((w) => w.state !== "gone" || w.pending > 0 || dead(w) > 0);
  const empty = writers.length - shown.length;
  const running = writers.filter((w) => w.state === "running").length;
  return (
    <section aria-labelledby="hgs">
      <div class="bar-head">
        <h2 id="hgs">Headgates</h2>
        <p class="soft small">
          {running} of {shown.length} running. What they accept and deliver is summed up here.
          {empty > 0 && ` ${plural(empty, "other")} that ${empty === 1 ? "is" : "are"} gone left nothing to deliver.`}
        </p>
      </div>
      <Scroll label="Headgates">
        <table>
          <thead>
            <tr>
              <th scope="col">Headgate</th><th scope="col" class="n">Accepted</th><th scope="col" class="n">Pending</th><th scope="col">Delivers</th>
              <th scope="col" class="fit hide-s">Since</th><th scope="col" class="fit hide-s">Configuration</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((w) => (
              <tr key={w.name}>
                <th scope="row"><span class="st"><span class={`dot ${moods[w.state]}`} />{w.name}</span> {w.name === self && <span class="tag">this one</span>}</th>
                <td class="n">{count(w.accepted)}</td>
                <td class="n">{w.pending > 0 ? <a href={eventsWhere("state:pending")}>{count(w.pending)}</a> : "0"}</td>
                <td>{says(w, writers)}</td>
                <td class="fit hide-s">{w.started ? `${ago(w.started)} ago` : w.saved ? `last ${ago(w.saved)} ago` : ""}</td>
                <td class="fit hide-s">{w.config && <>{w.config.slice(0, 8)}{w.failed ? " (a newer one failed)" : hash && w.config !== hash ? " (not this one's)" : ""}</>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

const dead = (w: Writer) => Object.values(w.destinations).reduce((n, d) => n + d.dead_letters, 0);

/** says is who delivers a Headgate's events, and what does not run there. */
function says(w: Writer, all: Writer[]) {
  if (w.state === "silent") return "does not answer";
  if (w.state === "gone") {
    const waits = Object.entries(w.destinations).filter(([, d]) => d.pending > 0).map(([name, d]) => `${count(d.pending)} for ${name}`);
    const left = waits.length > 0 ? `, left ${waits.join(", ")}` : "";
    return w.held_by ? `gone${left}; ${w.held_by} delivers them` : `gone${left}; nobody delivers them yet`;
  }
  const holds = all.filter((o) => o.held_by === w.name && o.name !== w.name).map((o) => o.name);
  const idle = Object.entries(w.destinations).filter(([, d]) => d.state).map(([name, d]) => `${name} ${d.state}`);
  return [holds.length > 0 ? `its own and those of ${holds.join(", ")}` : "its own", ...idle].join("; ");
}

/** Uncounted says whose counts are missing in a report. */
export function Uncounted({ of }: { of?: Headgate[] }) {
  const missing = (of ?? []).filter((h) => !h.began).map((h) => h.writer);
  if (missing.length === 0) return null;
  return <div class="callout warn"><p class="words">{missing.join(", ")} did not answer: what {missing.length === 1 ? "it has" : "they have"} counted is missing here.</p></div>;
}
