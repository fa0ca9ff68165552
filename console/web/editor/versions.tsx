// The versions of the configuration: who, when, why, what, and back to it.

import { useState } from "preact/hooks";
import { call, Refusal, type Version } from "../api";
import { clock } from "../format";
import { Ask } from "../parts/dialog";
import { Show, useLoad } from "../parts/load";
import { Scroll } from "../parts/page";

export function Versions({ version, restored }: { version: string; restored: () => void }) {
  const list = useLoad<{ versions: Version[] | null }>("/api/versions");
  const [open, setOpen] = useState("");
  const [asking, ask] = useState<Version | null>(null);
  const [error, setError] = useState("");
  const restore = async (v: Version, reason: string) => {
    try {
      await call(`/api/versions/${encodeURIComponent(v.id)}/restore`, { body: { reason }, headers: { "If-Match": version } });
      ask(null);
      restored();
      list.again();
    } catch (thrown) {
      setError(thrown instanceof Refusal ? thrown.message : String(thrown));
    }
  };
  return (
    <Show of={list} what="History">
      {({ versions }) => (!versions?.length ? <p class="none">No version is kept yet. Each save from here on is one, with who, when and why.</p> : (
        <Scroll label="Versions">
          <table>
            <thead><tr><th scope="col" class="fit">When</th><th scope="col" class="fit">Who</th><th scope="col">Why</th><th scope="col" class="fit hide-s">File</th><th scope="col" class="n fit">Lines</th><th scope="col" class="fit"><span class="sr">Actions</span></th></tr></thead>
            <tbody>
              {versions.map((v) => (
                <>
                  <tr key={v.id} class={open === v.id ? "on" : ""}>
                    <td class="fit faint">{clock(v.time)}</td><td class="fit">{v.who || "–"}</td>
                    <th scope="row" class="words">{v.why} {v.in_force && <span class="tag delivered">in force</span>}</th><td class="fit hide-s soft">{v.file}</td><td class="n fit">+{v.added} −{v.removed}</td>
                    <td class="fit"><button class="btn ghost" aria-expanded={open === v.id} onClick={() => setOpen(open === v.id ? "" : v.id)}>Diff</button>{!v.in_force && <button class="btn ghost" onClick={() => (setError(""), ask(v))}>Roll back…</button>}</td>
                  </tr>
                  {open === v.id && <tr key={v.id + "diff"}><td colSpan={6}><VersionDiff id={v.id} /></td></tr>}
                </>
              ))}
            </tbody>
          </table>
          {asking && <Ask title={`Roll back to ${asking.id}`} verb="Roll back" reason="Why" error={error} act={(why) => void restore(asking, why)} close={() => ask(null)}><p class="words">{asking.file} becomes what it was {clock(asking.time)}: “{asking.why}”. It is checked first, and takes effect at once.</p></Ask>}
        </Scroll>
      ))}
    </Show>
  );
}

function VersionDiff({ id }: { id: string }) {
  const v = useLoad<Version>("/api/versions/" + encodeURIComponent(id));
  return <Show of={v} what="The difference">{(data) => <Patch text={data.diff ?? ""} />}</Show>;
}

/** Patch is a unified diff with its lines coloured. */
export function Patch({ text }: { text: string }) {
  return (
    <pre class="diff" tabIndex={0}>
      {text.split("\n").map((line, i) => (line.startsWith("+") && !line.startsWith("+++") ? <ins key={i}>{line + "\n"}</ins> : line.startsWith("-") && !line.startsWith("---") ? <del key={i}>{line + "\n"}</del> : line + "\n"))}
    </pre>
  );
}
