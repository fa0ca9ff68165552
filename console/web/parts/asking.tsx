// What the screens of insight share: how they ask, what they let choose, and what they say where insight is off.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { may, request, type History } from "../api";
import { kept, to, useQuery } from "../route";
import { Icon } from "./icon";
import { Show, useLoad, type Loaded } from "./load";
import { Copy, Equal, Head, Since, useSince } from "./page";

export interface Question<T> extends Loaded<T> {
  path: string; // of the API
  words: string; // what the command takes for the same: --since 24h --site shop
}

/** useQuestion asks insight about the time, site and formula of the address. */
export function useQuestion<T>(question: string, more: Record<string, string> = {}, every = 0): Question<T> {
  const [since] = useSince();
  const [site] = useQuery("site");
  const [formula] = useQuery("filter");
  const filter = may("persons") ? formula : ""; // a formula asks about single visitors, which not every role may
  const path = to("/api/insight/" + question, { since, site, filter, ...more });
  const words = [`--since ${since}`, site && `--site ${quoted(site)}`, filter && `--filter ${quoted(filter)}`].filter(Boolean).join(" ");
  return { ...useLoad<T>(path, every), path, words };
}

/** quoted is a word as a shell reads it. */
export const quoted = (word: string): string => (/^[\w./:@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

interface Props<T> {
  title: string;
  crumb?: ComponentChildren;
  sub?: ComponentChildren;
  tools?: ComponentChildren;
  tabs?: ComponentChildren;
  filters?: ComponentChildren;
  whole?: boolean; // it is about all that is known: there is no time, site or formula to choose
  of: Question<T>;
  command: string;
  children: (data: T) => ComponentChildren;
}

/** Insight is a screen that shows the answer to a question. */
export function Insight<T>({ title, crumb, sub, tools, tabs, filters, whole, of, command, children }: Props<T>) {
  const off = of.error?.status === 404 && of.error.message.includes("no insight section");
  return (
    <>
      <Head title={title} crumb={crumb} sub={!off && sub}>{!off && !whole && <Site />}{!off && !whole && <Since />}{!off && tools}</Head>
      {off ? <Off again={of.again} /> : (
        <>
          {tabs}
          {!whole && <div class="filters">{filters}<Formula /><Table path={of.path} name={title} /></div>}
          <Show of={of} what={title}>{children}</Show>
        </>
      )}
      <Equal command={command} api={"GET " + of.path} />
    </>
  );
}

/** Site chooses one of the sites that had events lately. */
function Site() {
  const [site, set] = useQuery("site");
  const history = useLoad<History>("/api/history?since=24h&step=1h");
  const sites = [...new Set((history.data?.series ?? []).map((s) => s.site ?? "").filter(Boolean))];
  if (site && !sites.includes(site)) sites.push(site);
  if (sites.length === 0) return null;
  return (
    <label>
      <span class="sr">Site</span>
      <select class="select" value={site} onChange={(change) => set(change.currentTarget.value)}>
        <option value="">Every site</option>
        {sites.map((s) => <option key={s}>{s}</option>)}
      </select>
    </label>
  );
}

/** Formula narrows a question to the events for which a formula holds. */
function Formula() {
  const [formula, set] = useQuery("filter");
  const [words, setWords] = useState(formula);
  useEffect(() => setWords(formula), [formula]);
  if (!may("persons")) return null;
  return (
    <form class="grow" onSubmit={(submit) => (submit.preventDefault(), set(words.trim()))}>
      <label class="grow">
        <span class="sr">Filter (formula)</span>
        <input class="input mono" value={words} onInput={(input) => setWords(input.currentTarget.value)} onBlur={() => set(words.trim())} placeholder='device.type == "mobile" and campaign.source == "google"' autocomplete="off" spellcheck={false} />
      </label>
    </form>
  );
}

/** Table saves the main list of an answer as CSV. */
function Table({ path, name }: { path: string; name: string }) {
  const [trouble, set] = useState("");
  const get = async () => {
    try {
      const answer = await request(path, { headers: { Accept: "text/csv" } });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = name.toLowerCase().replace(/\W+/g, "-") + ".csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      set("");
    } catch (thrown) {
      set(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  return <><button class="btn" onClick={() => void get()}><Icon name="down" />CSV</button>{trouble && <span class="rejected small words" role="alert">{trouble}</span>}</>;
}

const section = "insight: {}\n";

const patience = 3000; // ms between two looks whether insight is on

/** Off says how insight is turned on, and gives way as soon as it is. */
function Off({ again }: { again: () => void }) {
  const ask = useRef(again);
  ask.current = again;
  useEffect(() => {
    const timer = setInterval(() => ask.current(), patience);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="center-empty stack">
      <p class="none"><strong>Insight is off.</strong> It counts what visitors do while they do it: who is on the site, how far they come, which carts they leave, which campaign brings money. It needs no database. Turn it on with this line in the configuration:</p>
      <pre tabIndex={0}><code>{section}</code></pre>
      <p class="actions"><a class="btn primary" href="/configuration">Open the configuration</a> <Copy text={section} what="the line" word="Copy" /></p>
      <p class="soft small">Once it is on, <code>headgate insight rebuild --since 30d</code> counts what the log still has.</p>
    </div>
  );
}

export const visitorAt = (id: string) => kept("/insight/visitors/" + encodeURIComponent(id));

/** VisitorList leads to visitors, for whom may see them. */
export function VisitorList({ ids = [], none }: { ids?: string[]; none: string }) {
  if (!may("persons")) return <p class="none">Your role sees no single visitors: that takes an analyst, editor, operator or admin.</p>;
  if (ids.length === 0) return <p class="none">{none}</p>;
  return <ul class="visitors">{ids.map((id) => <li key={id}><a href={visitorAt(id)}><code>{id}</code></a></li>)}</ul>;
}

/** pathsFrom is the address of what follows a page, or an event. */
export const pathsFrom = (step: string) => kept("/insight/paths", step.startsWith("/") ? { page: step } : { from: step });
