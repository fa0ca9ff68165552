// The events that are kept: searched, newest first.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Found, Search } from "../api";
import { clock, plural } from "../format";
import { eventAt, to, useQuery } from "../route";
import { say } from "./account";
import { hashed } from "./hash";
import { Show, useLoad } from "./load";
import { Equal, Head, Row, Since, useSince } from "./page";
import { St, toState, worst } from "./state";

const hint = "name:purchase destination:meta state:rejected, or an id, order, e-mail";

// A search for a person is noted in the audit, so it is made once.
const asksForAPerson = /(^|\s)(client|user|order|click|email|phone):|(^|\s)[^\s:]+(\s|$)/;

export function Stored({ mode }: { mode: ComponentChildren }) {
  const [q, setQ] = useQuery("q");
  const [since] = useSince();
  const [limit, setLimit] = useQuery("limit", "50");
  const [draft, setDraft] = useState(q);
  useEffect(() => setDraft(q), [q]);
  const path = to("/api/search", { q, since, limit });
  const found = useLoad<Search>(path, asksForAPerson.test(q) ? 0 : 5000);
  const search = () => void hashed(draft.trim()).then(setQ);
  return (
    <>
      <Head title="Live" tab="Stored events" sub={found.data && plural(found.data.events.length, "event") + (found.data.more ? " shown, there are more" : "")}>
        {mode}<Since />
      </Head>
      <form class="filters" onSubmit={(submit) => (submit.preventDefault(), search())}>
        <label class="grow">
          <span class="sr">Search</span>
          <input class="input" value={draft} onInput={(input) => setDraft(input.currentTarget.value)} placeholder={hint} spellcheck={false} autocomplete="off" />
        </label>
        <button class="btn">Search</button>
      </form>
      <Show of={found} what="Search">
        {(data) => (
          <>
            <FoundTable events={data.events} none={q ? "Nothing that is kept fits. A longer time, or fewer words, finds more." : "Nothing is kept of this time."} />
            {data.more && Number(limit) < 500 && <p class="actions"><button class="btn" onClick={() => setLimit(String(Math.min(500, Number(limit) * 4)))}>Show more</button></p>}
          </>
        )}
      </Show>
      <Equal command={`headgate search ${q ? shell(q) + " " : ""}--since ${since}`} api={"GET " + path} />
    </>
  );
}

const shell = (q: string) => (/^[\w:.@-]+$/.test(q) ? q : `'${q.replaceAll("'", "'\\''")}'`);

export function FoundTable({ events, none }: { events: Found[]; none: string }) {
  if (events.length === 0) return <p class="none">{none}</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Events">
      <table>
        <thead>
          <tr><th scope="col" class="fit">Time</th><th scope="col" class="fit">State</th><th scope="col">Event</th><th scope="col" class="fit hide-s">Site</th><th scope="col" class="n fit hide-s">Delivered</th><th scope="col" class="hide-s">Elsewhere</th></tr>
        </thead>
        <tbody>{events.map((event, i) => <FoundRow key={event.id || i} event={event} />)}</tbody>
      </table>
    </div>
  );
}

function FoundRow({ event }: { event: Found }) {
  const all = Object.entries(event.states).map(([name, s]) => [name, toState(s)] as const);
  const delivered = all.filter(([, s]) => s === "delivered").length;
  const order = ["rejected", "retrying", "pending", "denied", "filtered"];
  const others = all.filter(([, s]) => s !== "delivered").sort((a, b) => order.indexOf(a[1]) - order.indexOf(b[1]));
  return (
    <Row>
      <td class="fit faint">{clock(event.received ?? event.time)}</td>
      <td class="fit"><St state={worst(all.map(([, s]) => s))} /></td>
      <th scope="row" class="words">{event.id ? <a class="row" href={eventAt(event.id)}>{event.name}</a> : event.name}</th>
      <td class="fit hide-s soft">{event.site}</td>
      <td class="n fit hide-s">{delivered} of {all.length}</td>
      <td class="hide-s">
        <span class="deliv">
          {others.slice(0, 4).map(([name, s]) => <St key={name} state={s} word={name + (event.reasons?.[name] ? ": " + say(event.reasons[name]) : "")} />)}
          {others.length > 4 && <span class="faint">and {others.length - 4} more</span>}
        </span>
      </td>
    </Row>
  );
}
