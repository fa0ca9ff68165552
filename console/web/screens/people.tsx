// Persons: found by an id, an order, a click or an address, which is hashed before it leaves the browser.

import { useState } from "preact/hooks";
import { may, type Search } from "../api";
import { Requests } from "../parts/asked";
import { hashed, whoIs } from "../parts/hash";
import { Show, useLoad } from "../parts/load";
import { Equal, Head } from "../parts/page";
import { FoundTable } from "../parts/stored";
import { go, to, useQuery } from "../route";

const kinds = [["", "Recognise it"], ["client_id", "Client id"], ["user_id", "User id"], ["email", "E-mail address"], ["phone", "Phone number"], ["order", "Order id"], ["click", "Click id"]];

/** personPage is the address of a person's page. */
export const personPage = (who: { kind: string; id: string }) => to("/people/" + encodeURIComponent(who.id), { as: who.kind });

export default function People() {
  const [q, setQ] = useQuery("q");
  const [words, setWords] = useState(/[0-9a-f]{64}/.test(q) ? "" : q.replace(/^[a-z]+:/, ""));
  const [kind, setKind] = useState("");
  const found = useLoad<Search>(q ? to("/api/search", { q, since: "30d", limit: "50" }) : null);
  const submit = async (event: Event) => {
    event.preventDefault();
    const text = words.trim();
    if (!text) return;
    if (kind === "order" || kind === "click") return setQ(`${kind}:${/\s/.test(text) ? JSON.stringify(text) : text}`);
    const who = await whoIs(text, kind);
    if (who.kind) return go(personPage(who));
    setQ(await hashed(text));
  };
  const person = q && !q.includes(" ") && !/^(order|click|name|site|destination|state|reason|id):/.test(q) ? q : "";
  const [, key = "", id = ""] = /^(?:([a-z]+):)?(.*)$/.exec(person) ?? [];
  return (
    <>
      <Head title="Persons" />
      {!may("persons") && <div class="callout soft-line"><p>Your role sees no personal data: persons take an analyst, editor, operator or admin.</p></div>}
      <form class="filters" onSubmit={(event) => void submit(event)}>
        <label class="grow">
          <span class="sr">Who</span>
          <input class="input" value={words} onInput={(input) => setWords(input.currentTarget.value)} placeholder="Client id, user id, e-mail, phone with its country's code, order id, click id" autocomplete="off" spellcheck={false} />
        </label>
        <label><span class="sr">Kind</span><select class="select" value={kind} onChange={(change) => setKind(change.currentTarget.value)}>{kinds.map(([value, word]) => <option key={value} value={value}>{word}</option>)}</select></label>
        <button class="btn primary">Find</button>
      </form>
      {!q && <p class="none">E-mail addresses and phone numbers are hashed here, in the browser; only the hash is searched for. Every view of a person is recorded in the audit.</p>}
      {!q && may("operate") && <Requests />}
      {q && (
        <Show of={found} what="Search">
          {(data) => (
            <>
              {person && data.events.length > 0 && <p class="actions"><a class="btn primary" href={personPage({ id, kind: { client: "client_id", user: "user_id", email: "email", phone: "phone" }[key] ?? "" })}>Open the person</a></p>}
              <FoundTable events={data.events} none="No event that is kept has this id." />
            </>
          )}
        </Show>
      )}
      <Equal command={q ? `headgate search ${q} --since 30d` : "headgate subject export ID"} api="POST /api/subjects/export" />
    </>
  );
}
