// Configuration: the files with their mistakes in place, what a draft would change, its tests, and the versions.

import { useEffect, useMemo, useState } from "preact/hooks";
import { call, may, Refusal, request, type Mistake, type Status } from "../api";
import Editor from "../editor/editor";
import { useCheck, useFiles, type Files } from "../editor/files";
import { Preview } from "../editor/preview";
import type { Schema } from "../editor/schema";
import { Tests, TryFormula } from "../editor/try";
import { Patch, Versions } from "../editor/versions";
import { clock, plural } from "../format";
import { Ask } from "../parts/dialog";
import { useLoad } from "../parts/load";
import { Copy, Equal, Head, Tabs } from "../parts/page";
import { useQuery } from "../route";

export default function Configuration() {
  const files = useFiles();
  const check = useCheck(files);
  const status = useLoad<Status>("/api/status", 10000);
  const [tab, setTab] = useQuery("tab");
  const [saving, save] = useState(false);
  const changed = Object.keys(files.draft);
  const blocked = !may("configure") ? "It takes an editor to save." : changed.length === 0 ? "Nothing is changed." : check.mistakes.length > 0 ? `Waits for ${plural(check.mistakes.length, "mistake")}.` : "";
  useEffect(() => {
    const press = (key: KeyboardEvent) => {
      if ((key.metaKey || key.ctrlKey) && key.key.toLowerCase() === "s") {
        key.preventDefault();
        if (!blocked) save(true);
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [blocked]);
  const config = status.data?.config;
  return (
    <>
      <Head title="Configuration" sub={config && <>in force: <code>{config.hash.slice(0, 8)}</code>, loaded {clock(config.loaded_at)}</>}>
        {changed.length > 0 && <button class="btn" onClick={files.discard}>Discard draft</button>}
        <span class="faint small" id="save-why">{blocked}</span>
        <button class="btn primary" disabled={!!blocked} aria-describedby="save-why" onClick={() => save(true)}>Save draft… <kbd>Ctrl S</kbd></button>
      </Head>
      {config?.error && <div class="callout"><p class="words"><strong>What is on disk is not in force.</strong> {config.error}</p></div>}
      {files.error && <div class="callout warn" role="alert"><p class="words">{files.error}</p></div>}
      <Tabs label="Configuration" tabs={[{ id: "", name: "Draft" }, { id: "tests", name: "Tests" }, { id: "history", name: "History" }]} value={tab} choose={setTab} />
      <div role="tabpanel" id="tab-panel" aria-labelledby={"tab-" + tab}>
        {tab === "tests" ? <section><Tests files={files.draft} /></section>
          : tab === "history" ? <section><Versions version={files.version} restored={files.reload} /></section>
          : files.names.length > 0 && <Draft files={files} mistakes={check.mistakes} warnings={check.warnings} known={check.known} />}
      </div>
      {saving && <Save files={files} close={() => save(false)} saved={() => (files.reload(), status.again())} />}
      <Equal command={tab === "tests" ? "headgate test" : changed.length > 0 ? "headgate check && headgate diff NEW.yaml --since 24h" : "headgate check"} api="PUT /api/config" />
    </>
  );
}

function Draft({ files, mistakes, warnings, known }: { files: Files; mistakes: Mistake[]; warnings: Mistake[]; known: boolean }) {
  const [chosen, choose] = useQuery("file");
  const [find] = useQuery("find");
  const [line, setLine] = useState(0);
  const [schema, setSchema] = useState<Schema | null>(null);
  useEffect(() => {
    call<Schema>("/api/schema").then(setSchema, () => undefined); // without it nothing is completed
  }, []);
  const found = find ? files.names.find((name) => lineOf(files.textOf(name), find) > 0) : undefined;
  const file = files.names.includes(chosen) ? chosen : (found ?? files.names[0]!);
  const own = useMemo(() => mistakes.filter((m) => m.file === file || files.names.length === 1 || m.file.endsWith("/" + file)), [mistakes, file]);
  const first = line || (find ? lineOf(files.textOf(file), find) : 0);
  return (
    <>
      <div class="cols-21">
        <div class="editor">
          <div class="files" role="group" aria-label="Files">
            {files.names.map((name) => <button key={name} aria-current={name === file ? "true" : undefined} onClick={() => (setLine(0), choose(name))}>{name}{name in files.draft && <span aria-label="changed"> •</span>}</button>)}
          </div>
          <Editor key={file + files.revision} file={file} text={files.textOf(file)} readOnly={!may("configure")} schema={schema} mistakes={own} line={first} change={(text) => files.change(file, text)} />
        </div>
        <div>
          <Mistakes mistakes={mistakes} warnings={warnings} known={known} show={(m) => { choose(files.names.find((n) => m.file.endsWith(n)) ?? file); setLine(m.line); }} />
          <Preview files={files.draft} mistakes={mistakes.length} />
        </div>
      </div>
      <TryFormula />
    </>
  );
}

/** lineOf is the first line that begins with a text, 0 where none does. */
const lineOf = (text: string, find: string) => text.split("\n").findIndex((l) => l.trim().startsWith(find)) + 1;

function Mistakes({ mistakes, warnings, known, show }: { mistakes: Mistake[]; warnings: Mistake[]; known: boolean; show: (m: Mistake) => void }) {
  if (!known) return null;
  if (mistakes.length + warnings.length === 0) return <div class="callout good" role="status"><p>No mistake.</p></div>;
  const one = (m: Mistake, i: number) => <li key={i} class="words"><button class="aslink" onClick={() => show(m)}>{m.file}:{m.line}:{m.column}</button> {m.fact}{m.cure && <span class="soft">; {m.cure}</span>}</li>;
  return (
    <section aria-labelledby="mistakes">
      <div class="bar-head"><h2 id="mistakes">{mistakes.length > 0 ? plural(mistakes.length, "mistake") : plural(warnings.length, "warning")}</h2>{mistakes.length > 0 && <span class="soft small"><kbd>Ctrl .</kbd> in the editor takes a cure</span>}</div>
      <ul class="stack" role="status">{mistakes.slice(0, 12).map(one)}{warnings.slice(0, 6).map(one)}</ul>
    </section>
  );
}

/** Save writes the changed files one after the other, each under the version that the one before has made. */
function Save({ files, close, saved }: { files: Files; close: () => void; saved: () => void }) {
  const [error, setError] = useState("");
  const [patch, setPatch] = useState("");
  const [busy, setBusy] = useState(false);
  const names = Object.keys(files.draft);
  const act = async (reason: string) => {
    setBusy(true);
    setError("");
    let version = files.version;
    try {
      for (const name of names) version = await put(name, files.draft[name]!, version, reason);
      files.discard();
      saved();
      close();
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) return setError(String(thrown));
      setPatch(thrown.said.patch ?? "");
      setError(thrown.status === 412 ? "Somebody else has saved in the meantime. Reload to see what, then save again: your draft is kept." : thrown.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Ask title="Save the draft" verb={names.length > 1 ? `Save ${names.length} files` : `Save ${names[0] ?? ""}`} reason="Why" busy={busy} error={error} act={(why) => void act(why)} close={close}>
      <p class="soft">It is checked once more and takes effect at once, without a restart. The version before is kept.</p>
      {patch && <><Patch text={patch} /><p class="actions"><Copy text={patch} what="the patch" word="Copy the patch" /></p></>}
    </Ask>
  );
}

/** put saves a file, and returns the version that this makes: the next file is saved under it. */
async function put(name: string, text: string, version: string, reason: string): Promise<string> {
  const query = new URLSearchParams({ file: name, reason });
  const answer = await request("/api/config?" + query.toString(), { method: "PUT", body: text, headers: { "If-Match": version, "Content-Type": "application/yaml" } });
  return answer.headers.get("ETag") ?? version;
}
