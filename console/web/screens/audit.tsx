// Audit: who changed or viewed what, in a chain of hashes.

import { useState } from "preact/hooks";
import type { AuditLine } from "../api";
import { clock, text } from "../format";
import { Icon } from "../parts/icon";
import { Show, useLoad } from "../parts/load";
import { Equal, Head, Scroll } from "../parts/page";
import { to, useQuery } from "../route";

interface Audit {
  lines: AuditLine[] | null;
  more: boolean;
  damage?: string;
}

export default function AuditScreen() {
  const [who, setWho] = useQuery("who");
  const [action, setAction] = useQuery("action");
  const [about, setAbout] = useQuery("about");
  const [before, setBefore] = useQuery("before");
  const path = to("/api/audit", { who, action, about, before, limit: "100" });
  const audit = useLoad<Audit>(path); // not again and again: each time is a line
  return (
    <>
      <Head title="Audit" sub="who changed or viewed what; each line carries the hash of the one before">
        <button class="btn" onClick={audit.again}><Icon name="again" />Refresh</button>
      </Head>
      <form class="filters" onSubmit={(submit) => submit.preventDefault()}>
        <Filter label="Who" value={who} set={setWho} />
        <Filter label="Action" value={action} set={setAction} />
        <Filter label="About" value={about} set={setAbout} grow />
      </form>
      <Show of={audit} what="The audit">
        {(data) => (
          <>
            {data.damage && <div class="callout" role="alert"><p class="words"><strong>The chain is broken.</strong> {data.damage}</p></div>}
            <Lines lines={data.lines ?? []} />
            <p class="actions">
              {before && <button class="btn" onClick={() => setBefore("")}>Newest</button>}
              {data.more && <button class="btn" onClick={() => setBefore(String(data.lines![data.lines!.length - 1]!.n))}>Older</button>}
            </p>
          </>
        )}
      </Show>
      <Equal command={`curl -H "Authorization: Bearer $TOKEN" '${location.origin}${path}'`} api={"GET " + path} />
    </>
  );
}

function Filter({ label, value, set, grow }: { label: string; value: string; set: (v: string) => void; grow?: boolean }) {
  const [draft, setDraft] = useState(value);
  return (
    <label class={grow ? "grow" : ""}>
      <span class="sr">{label}</span>
      <input class="input" value={draft} placeholder={label} onInput={(input) => setDraft(input.currentTarget.value)} onChange={() => set(draft.trim())} autocomplete="off" />
    </label>
  );
}

function Lines({ lines }: { lines: AuditLine[] }) {
  if (lines.length === 0) return <p class="none">No line fits.</p>;
  return (
    <Scroll label="Audit">
      <table>
        <thead><tr><th scope="col" class="fit">Time</th><th scope="col" class="fit">Who</th><th scope="col" class="fit">Action</th><th scope="col">About</th><th scope="col" class="hide-s">Why</th><th scope="col" class="fit hide-s">From</th><th scope="col" class="n fit hide-s">Line</th></tr></thead>
        <tbody>
          {lines.map((l) => (
            <tr key={l.n}>
              <td class="fit faint">{clock(l.time)}</td>
              <td class="fit" title={l.roles?.join(", ")}>{l.who || "–"}</td>
              <th scope="row" class="fit">{l.action}{l.status >= 400 && <> <span class="tag rejected">{l.status}</span></>}</th>
              <td class="words">{l.about}{l.detail && <span class="faint small"> {text(l.detail)}</span>}</td>
              <td class="hide-s words soft">{l.why}</td>
              <td class="fit hide-s faint">{l.from}</td>
              <td class="n fit hide-s faint">{l.n}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
