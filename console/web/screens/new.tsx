// A new destination: chosen from the catalogue, its settings in a form, a dry run, then the YAML that it writes.

import { useEffect, useState } from "preact/hooks";
import { call, may, Refusal, request, type Mistake, type Trace } from "../api";
import { plural } from "../format";
import { Ask } from "../parts/dialog";
import { Json } from "../parts/json";
import { Show, useLoad } from "../parts/load";
import { Equal, Head } from "../parts/page";
import { St, stateOf } from "../parts/state";
import { destinationAt, go, to, useQuery } from "../route";

interface Setting {
  name: string;
  help: string;
  required: boolean;
  secret: boolean;
  default: string; // as it is filled in, "" where there is none
  example: string;
  choices: string[];
  unless?: string; // another setting, without which this one is required
  kind: string; // how it is filled in: text, number, switch, list or map
}

interface Kind {
  name: string;
  title: string;
  group: string; // ads, analytics, engagement, warehouse or generic
  about: string;
  docs: string;
  needs: string[];
  settings: Setting[];
}

interface Written {
  file: string;
  yaml: string;
  patch?: string;
  text: string;
  version?: string;
}

export default function New() {
  const [q, setQ] = useQuery("q");
  const [use, setUse] = useQuery("use");
  const catalog = useLoad<{ destinations: Kind[] | null }>("/api/catalog");
  return (
    <>
      <Head title="Add a destination" crumb={use && <><a href="/destinations/new">Catalogue</a> / {use}</>} />
      <Show of={catalog} what="The catalogue">
        {(data) => {
          const all = data.destinations ?? [];
          const chosen = all.find((k) => k.name === use);
          return chosen ? <Form key={chosen.name} kind={chosen} /> : <Catalog all={all} q={q} setQ={setQ} choose={setUse} />;
        }}
      </Show>
      <Equal command={use ? `headgate destinations ${use}` : "headgate destinations"} api="POST /api/destinations" />
    </>
  );
}

const groupWords: Record<string, string> = { ads: "Advertising", analytics: "Analytics", engagement: "Engagement", warehouse: "Warehouses and streams", generic: "Anything else" };

function Catalog({ all, q, setQ, choose }: { all: Kind[]; q: string; setQ: (q: string) => void; choose: (name: string) => void }) {
  const words = q.toLowerCase();
  const fits = all.filter((k) => `${k.name} ${k.title} ${k.group} ${k.about}`.toLowerCase().includes(words));
  const groups = [...new Set(fits.map((k) => k.group))];
  return (
    <>
      <form class="filters" onSubmit={(submit) => (submit.preventDefault(), fits[0] && choose(fits[0].name))}>
        <label class="grow"><span class="sr">Search the catalogue</span><input class="input" value={q} onInput={(input) => setQ(input.currentTarget.value)} placeholder={`Search ${all.length} destinations`} autocomplete="off" /></label>
      </form>
      {fits.length === 0 && <p class="none">Nothing in the catalogue fits. A vendor that is not in it is one YAML file: docs/adding-a-destination.md.</p>}
      {groups.map((group) => (
        <section key={group} aria-labelledby={"group-" + group}>
          <div class="bar-head"><h2 id={"group-" + group}>{groupWords[group] ?? group}</h2></div>
          <div class="cat">
            {fits.filter((k) => k.group === group).map((k) => (
              <a key={k.name} href={to("/destinations/new", { use: k.name })}><span class="n">{k.title || k.name}</span><span class="d">{k.about}</span><span class="d faint">{k.name}{k.needs.length ? ` · needs ${k.needs.join(", ")}` : ""}</span></a>
            ))}
          </div>
        </section>
      ))}
    </>
  );
}

type Values = Record<string, string>;

/** settingsOf turns what is in the form into settings; what is empty is left out. */
function settingsOf(kind: Kind, values: Values): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const s of kind.settings) {
    const value = values[s.name]?.trim() ?? "";
    if (value === "") continue;
    if (s.kind === "switch") out[s.name] = value === "true";
    else if (s.kind === "number" && !Number.isNaN(Number(value))) out[s.name] = Number(value);
    else if (s.kind === "list") out[s.name] = value.split(/\s*,\s*/);
    else if (s.kind === "map") out[s.name] = Object.fromEntries(value.split("\n").filter((line) => line.includes(":")).map((line) => line.split(/:\s*(.*)/s).slice(0, 2)));
    else out[s.name] = value;
  }
  return out;
}

function Form({ kind }: { kind: Kind }) {
  const [name, setName] = useState(kind.name);
  const [when, setWhen] = useState("");
  const [values, setValues] = useState<Values>({});
  const [mistakes, setMistakes] = useState<Mistake[]>([]);
  const [error, setError] = useState("");
  const [written, setWritten] = useState<Written | null>(null);
  const [trace, setTrace] = useState<Trace | null>(null);
  const [saving, save] = useState(false);
  const [version, setVersion] = useState("");
  useEffect(() => {
    request("/api/config").then((answer) => setVersion(answer.headers.get("ETag") ?? ""), () => undefined); // saving says so
  }, []);
  const body = { name, use: kind.name, settings: settingsOf(kind, values), ...(when ? { fields: { when } } : {}) };
  const send = (more: object) => call<Written>("/api/destinations", { body: { ...body, ...more }, headers: { "If-Match": version } });
  const fail = (thrown: unknown) => {
    setError(thrown instanceof Refusal ? thrown.message : String(thrown));
    setMistakes(thrown instanceof Refusal ? (thrown.said.mistakes ?? []) : []);
  };
  const dry = async () => {
    setError("");
    setMistakes([]);
    setTrace(null);
    try {
      const said = await send({ dry_run: true, reason: "dry run" });
      setWritten(said);
      const [first] = await call<Trace[]>("/api/explain", { body: { sample: "purchase", files: { [said.file]: said.text } } });
      setTrace(first ?? null);
    } catch (thrown) {
      setWritten(null);
      fail(thrown);
    }
  };
  const live = async (reason: string) => {
    try {
      await send({ reason });
      go(destinationAt(name));
    } catch (thrown) {
      save(false);
      fail(thrown);
    }
  };
  const own = (setting: string) => mistakes.find((m) => m.fact.includes(setting) || (m.cure ?? "").includes(setting));
  return (
    <div class="cols-2">
      <form onSubmit={(submit) => (submit.preventDefault(), void dry())}>
        <div class="bar-head"><h2>{kind.title || kind.name}</h2>{kind.docs.startsWith("https://") && <span class="small"><a href={kind.docs} target="_blank" rel="noreferrer noopener">the vendor's documentation</a></span>}</div>
        {kind.about && <p class="soft">{kind.about}</p>}
        {kind.needs.length > 0 && <p class="soft small">Events go to it only with consent for {kind.needs.join(" and ")}.</p>}
        <Field label="Name in the configuration" required value={name} set={setName} hint="A second one of the same kind needs another name." />
        {kind.settings.map((s) => <SettingField key={s.name} setting={s} value={values[s.name] ?? ""} set={(v) => setValues({ ...values, [s.name]: v })} wrong={own(s.name)} />)}
        <Field label="Only events where (formula)" value={when} set={setWhen} hint='Empty: all that consent allows. Example: name == "purchase"' mono />
        {error && <div class="callout" role="alert"><p class="words">{error}</p>{mistakes.length > 0 && <ul>{mistakes.map((m, i) => <li key={i} class="words small">{m.file}:{m.line}:{m.column}: {m.fact}{m.cure && `; ${m.cure}`}</li>)}</ul>}</div>}
        <p class="actions">
          <button class="btn primary">Dry run</button>
          <button class="btn" type="button" disabled={!written || !may("configure")} aria-describedby="add-why" onClick={() => save(true)}>Add {name}…</button>
          <span class="faint small" id="add-why">{!may("configure") ? "It takes an editor to add." : written ? "" : "A dry run comes first; nothing leaves."}</span>
        </p>
      </form>
      <div>
        {written ? <Outcome name={name} written={written} trace={trace} /> : <p class="none">The dry run shows here the exact request for a sample purchase, and the lines that are written to the configuration.</p>}
      </div>
      {saving && <Ask title={`Add ${name}`} verb={`Add ${name}`} reason="Why" act={(why) => void live(why)} close={() => save(false)}><p class="soft">The lines are written to {written?.file}, checked once more, and take effect at once. Events from now on go to {name}; what came before can be replayed.</p></Ask>}
    </div>
  );
}

function Field(props: { label: string; value: string; set: (v: string) => void; hint?: string; required?: boolean; mono?: boolean; many?: boolean; example?: string; wrong?: Mistake }) {
  return (
    <label class="field">
      <span>{props.label}{props.required && <span class="faint"> required</span>}</span>
      {props.many ? (
        <textarea class={`input many mono ${props.wrong ? "wrong" : ""}`} rows={4} value={props.value} required={props.required} placeholder={props.example} onInput={(input) => props.set(input.currentTarget.value)} spellcheck={false} />
      ) : (
        <input class={`input ${props.mono ? "mono" : ""} ${props.wrong ? "wrong" : ""}`} value={props.value} required={props.required} placeholder={props.example} onInput={(input) => props.set(input.currentTarget.value)} autocomplete="off" spellcheck={false} />
      )}
      {(props.wrong || props.hint) && <span class={`hint ${props.wrong ? "wrong" : ""}`}>{props.wrong ? props.wrong.fact : props.hint}</span>}
    </label>
  );
}

function SettingField({ setting: s, value, set, wrong }: { setting: Setting; value: string; set: (v: string) => void; wrong?: Mistake }) {
  const choices = s.kind === "switch" ? ["true", "false"] : s.choices;
  if (choices.length > 0) {
    return (
      <label class="field">
        <span>{s.name}{s.required && <span class="faint"> required</span>}</span>
        <select class="select" value={value} onChange={(change) => set(change.currentTarget.value)}><option value="">{s.default === "" ? "not set" : `usual: ${s.default}`}</option>{choices.map((c) => <option key={c}>{c}</option>)}</select>
        <span class={`hint ${wrong ? "wrong" : ""}`}>{wrong ? wrong.fact : s.help}</span>
      </label>
    );
  }
  const secret = s.secret ? " A secret stays out of the file: write ${NAME} of an environment variable." : "";
  const form = s.kind === "list" ? " Several, with commas between." : s.kind === "map" ? " One on each line: key: value." : "";
  const unless = s.unless ? ` Required, unless ${s.unless} is set.` : "";
  const example = s.secret ? "${" + s.name.toUpperCase() + "}" : (s.example || s.default).replace(/^=.*/, "");
  return <Field label={s.name} value={value} set={set} required={s.required && !s.unless} wrong={wrong} hint={s.help + "." + unless + secret + form} example={example} many={s.kind === "map"} />;
}

function Outcome({ name, written, trace }: { name: string; written: Written; trace: Trace | null }) {
  const d = trace?.destinations[name];
  return (
    <>
      <section>
        <div class="bar-head"><h2>Dry run</h2><span class="soft small">a sample purchase; nothing was sent</span></div>
        {d ? (
          <>
            <p class="words">{d.requests?.length ? plural(d.requests.length, "request") : <St state={stateOf(d)} />} <span class="soft">{d.because}</span></p>
            {(d.requests ?? []).map((r, i) => <pre class="wrap" key={i} tabIndex={0}>{r.method && <><span class="k">{r.method}</span> {r.url}{"\n"}</>}{Object.entries(r.headers ?? {}).map(([k, v]) => <><span class="k">{k}</span> {v}{"\n"}</>)}<Json value={r.body} /></pre>)}
          </>
        ) : <p class="soft">The sample does not reach {name}.</p>}
      </section>
      <section>
        <div class="bar-head"><h2>What is written</h2><span class="soft small">{written.file}</span></div>
        <pre tabIndex={0}>{written.yaml}</pre>
      </section>
    </>
  );
}
