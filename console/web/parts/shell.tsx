// The frame of every screen: navigation, search and the list of keys.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Alert, Session, Status } from "../api";
import { signOut } from "../api";
import { count } from "../format";
import { destinationAt, go, kept, useAddress } from "../route";
import { Icon, Mark, type IconName } from "./icon";
import { KeyList } from "./keylist";
import { nextRow, useKeys } from "./keys";
import { useLoad } from "./load";
import { Find } from "./find";
import { Glyph, healthOf, type State } from "./state";

const top: [string, string, IconName][] = [
  ["/", "Overview", "overview"],
  ["/live", "Live", "live"],
  ["/conversions", "Conversions", "conversions"],
  ["/alerts", "Alerts", "alerts"],
];
const people: [string, string, IconName][] = [
  ["/people", "Persons", "person"],
  ["/consent", "Consent", "consent"],
];
const insight: [string, string, IconName][] = [
  ["/insight", "Now and overview", "insight"],
  ["/insight/funnels", "Funnels", "funnel"],
  ["/insight/paths", "Paths", "paths"],
  ["/insight/carts", "Carts", "carts"],
  ["/insight/campaigns", "Campaigns", "campaigns"],
];
const setUp: [string, string, IconName][] = [
  ["/configuration", "Configuration", "configuration"],
  ["/audit", "Audit", "audit"],
];

const second = 1500; // ms after g in which a key leads to a page
const jumps: Record<string, string> = { o: "/", l: "/live", c: "/configuration", a: "/alerts", v: "/conversions", p: "/people", i: "/insight" };

export function Shell({ session, children }: { session: Session; children: ComponentChildren }) {
  const { path } = useAddress();
  const [open, show] = useState<"" | "find" | "keys">("");
  const closed = (dialog: typeof open) => show((now) => (now === dialog ? "" : now)); // a browser tells of it later, when another may be open
  const [menu, setMenu] = useState(false);
  const jump = useRef(0); // when g was pressed
  const status = useLoad<Status>("/api/status", 5000);
  useEffect(() => setMenu(false), [path]);
  useEffect(() => void document.body.classList.toggle("nav-open", menu), [menu]);
  useKeys({
    "/": (press) => (press.preventDefault(), show("find")),
    "?": () => show("keys"),
    j: () => nextRow(1),
    k: () => nextRow(-1),
    g: () => (jump.current = performance.now()),
    ...Object.fromEntries(Object.entries(jumps).map(([key, page]) => [key, () => performance.now() - jump.current < second && ((jump.current = 0), go(kept(page)))])),
  });
  return (
    <>
      <a class="skip" href="#main">Skip to content</a>
      <header class="topbar">
        <button class="btn" aria-expanded={menu} aria-controls="nav" aria-label="Menu" onClick={() => setMenu(!menu)}>
          <Icon name="menu" />
        </button>
        <a class="brand" href={kept("/")}><Mark />Headgate</a>
        <button class="btn" aria-label="Search" onClick={() => show("find")}>
          <Icon name="search" />
        </button>
      </header>
      <Nav session={session} status={status.data} open={show} />
      <main id="main" tabIndex={-1}>{children}</main>
      {open === "find" && <Find status={status.data} close={() => closed("find")} />}
      {open === "keys" && <KeyList close={() => closed("keys")} />}
    </>
  );
}

function Nav({ session, status, open }: { session: Session; status?: Status; open: (what: "find" | "keys") => void }) {
  const alerts = useLoad<Alert[]>("/api/alerts", 30000);
  const acting = alerts.data?.filter((a) => !a.until).length ?? 0;
  return (
    <nav class="nav" id="nav" aria-label="Console">
      <a class="brand" href={kept("/")}><Mark />Headgate</a>
      <button class="find" onClick={() => open("find")}>
        <Icon name="search" /><span class="grow">Search</span><kbd>/</kbd>
      </button>
      <List items={top} tail={{ "/alerts": acting }} />
      <h2>Destinations</h2>
      <ul>
        {Object.entries(status?.destinations ?? {}).map(([name, d]) => {
          const health = healthOf(d);
          const [n, word] = d.rejected > 0 && health === "rejected" ? [d.rejected, " rejected"] : [d.retrying, " retrying"];
          return (
            <li key={name}>
              <Link to={destinationAt(name)} here={"/destinations/" + encodeURIComponent(name)}>
                <span class="glyph"><Glyph state={health} /></span>
                <span class="cut">{name}</span>
                {n > 0 ? <Tail n={n} word={word} state={health} /> : d.state !== "running" && <span class={`tail ${health}`}>{d.state}</span>}
              </Link>
            </li>
          );
        })}
        <li><Link to={kept("/destinations/new")} here="/destinations/new"><Icon name="add" />Add a destination</Link></li>
      </ul>
      <h2>People</h2>
      <List items={people} />
      <h2>Insight</h2>
      <List items={insight} />
      <h2>Set up</h2>
      <List items={setUp} />
      <div class="foot">
        {[session.name, ...session.roles].filter(Boolean).join(" · ")} · <button class="aslink" onClick={() => void signOut().then(() => go("/sign-in"))}>sign out</button>
        <br />
        config {status?.config.hash.slice(0, 8) ?? ""}
        <br />
        <button class="btn ghost small" onClick={() => open("keys")}>Keys <kbd>?</kbd></button>
      </div>
    </nav>
  );
}

const Tail = ({ n, word, state }: { n: number; word: string; state: State }) => (
  <span class={`tail ${state}`}>{count(n)}<span class="sr">{word}</span></span>
);

function List({ items, tail = {} }: { items: [string, string, IconName][]; tail?: Record<string, number> }) {
  return (
    <ul>
      {items.map(([path, name, icon]) => (
        <li key={path}>
          <Link to={kept(path)} here={path}>
            <Icon name={icon} />
            {name}
            {!!tail[path] && <Tail n={tail[path]} word=" to act on" state="rejected" />}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Link is a place of the navigation; a screen below it counts as being there. */
function Link({ to, here, children }: { to: string; here: string; children: ComponentChildren }) {
  const { path } = useAddress();
  const current = path === here || (here === "/people" && path.startsWith("/people/")) || (here === "/live" && path.startsWith("/events/")) || (here === "/insight" && path.startsWith("/insight/visitors/")) || (here === "/insight/funnels" && path.startsWith("/insight/funnels/"));
  return <a href={to} aria-current={current ? "page" : undefined}>{children}</a>;
}
