// Search: screens and destinations at once, stored events as soon as the typing rests.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Found, Search, Status } from "../api";
import { call } from "../api";
import { clock } from "../format";
import { destinationAt, eventAt, go, kept, to } from "../route";
import { Icon } from "./icon";
import { hashed } from "./hash";

interface Hit {
  href: string;
  name: string;
  what: string;
}

const screens: Hit[] = [
  ["/", "Overview"], ["/live", "Live"], ["/conversions", "Conversions"], ["/alerts", "Alerts"], ["/people", "Persons"], ["/consent", "Consent"],
  ["/insight", "Insight"], ["/insight/funnels", "Funnels"], ["/insight/paths", "Paths"], ["/insight/carts", "Carts"], ["/insight/campaigns", "Campaigns"],
  ["/configuration", "Configuration"], ["/audit", "Audit"], ["/destinations/new", "Add a destination"],
].map(([href, name]) => ({ href: href!, name: name!, what: "screen" }));

const rest = 150; // ms without a key

function hitsFor(words: string, events: Found[], status?: Status): Hit[] {
  const lower = words.trim().toLowerCase();
  const fits = (hit: Hit) => hit.name.toLowerCase().includes(lower);
  return [
    ...events.filter((e) => e.id).map((e) => ({ href: eventAt(e.id), name: e.id, what: `${e.name} ${clock(e.time)}` })),
    ...Object.entries(status?.destinations ?? {}).map(([name, d]) => ({ href: destinationAt(name), name, what: "destination · " + d.state })).filter(fits),
    ...screens.map((s) => ({ ...s, href: kept(s.href) })).filter(fits),
    ...(lower ? [{ href: to("/people", { q: words.trim() }), name: words.trim(), what: "as a person" }, { href: to("/live", { view: "stored", q: words.trim() }), name: words.trim(), what: "all stored events" }] : []),
  ];
}

export function Find({ status, close }: { status?: Status; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [words, set] = useState("");
  const [events, setEvents] = useState<Found[]>([]);
  const asked = useRef("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  useEffect(() => {
    asked.current = words;
    setEvents([]);
    if (words.trim().length < 3) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      const q = await hashed(words.trim());
      call<Search>(to("/api/search", { q, limit: "8" }), { signal: stop.signal }).then((found) => setEvents(found.events), () => undefined); // the screens are there anyway
    }, rest);
    return () => (clearTimeout(timer), stop.abort());
  }, [words]);
  const all = hitsFor(words, words === asked.current ? events : [], status);
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    dialog.current!.close();
    void hashed(input.current?.value.trim() ?? words).then((q) => go(hit.what === "as a person" ? to("/people", { q }) : hit.what === "all stored events" ? to("/live", { view: "stored", q }) : hit.href));
  };
  return (
    <dialog ref={dialog} aria-label="Search" onClose={close} onClick={(click) => click.target === dialog.current && dialog.current?.close()}>
      <form class="dh" onSubmit={(submit) => (submit.preventDefault(), open(hitsFor(input.current!.value, input.current!.value === asked.current ? events : [], status)[0]))}>
        <label class="grow">
          <span class="sr">Search</span>
          <input class="input" ref={input} value={words} onInput={(input) => set(input.currentTarget.value)} placeholder="Event id, order id, client id, e-mail, destination, screen" autocomplete="off" spellcheck={false} />
        </label>
        <button class="btn ghost" type="button" aria-label="Close" onClick={() => dialog.current!.close()}><Icon name="close" /></button>
      </form>
      <div class="db">
        <ul class="hits-list">
          {all.slice(0, 14).map((hit) => (
            <li key={hit.href + hit.what}>
              <a href={hit.href} onClick={(click) => (click.preventDefault(), open(hit))}><span class="strong cut">{hit.name}</span><span class="faint">{hit.what}</span></a>
            </li>
          ))}
        </ul>
      </div>
    </dialog>
  );
}
