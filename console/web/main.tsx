// The console. An address leads to a screen; each screen is loaded when it is opened first.

import "uplot/dist/uPlot.min.css";
import "./console.css";
import type { ComponentType } from "preact";
import { render } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { Refusal, whoAmI, type Session } from "./api";
import { Absent } from "./parts/load";
import { Head } from "./parts/page";
import { Shell } from "./parts/shell";
import { go, start, to, useAddress } from "./route";

/** Screen is what a screen gets: the last part of its address, "" where it has none. */
export interface Screen {
  name: string;
}

type Loader = () => Promise<{ default: ComponentType<Screen> }>;

const screens: [RegExp, Loader][] = [
  [/^\/$/, () => import("./screens/overview")],
  [/^\/live$/, () => import("./screens/live")],
  [/^\/events\/([^/]+)$/, () => import("./screens/event")],
  [/^\/people$/, () => import("./screens/people")],
  [/^\/people\/([^/]+)$/, () => import("./screens/person")],
  [/^\/destinations\/new$/, () => import("./screens/new")],
  [/^\/destinations\/([^/]+)$/, () => import("./screens/destination")],
  [/^\/configuration$/, () => import("./screens/configuration")],
  [/^\/consent$/, () => import("./screens/consent")],
  [/^\/conversions$/, () => import("./screens/conversions")],
  [/^\/insight$/, () => import("./screens/insight")],
  [/^\/insight\/funnels(?:\/([^/]+))?$/, () => import("./screens/funnel")],
  [/^\/insight\/paths$/, () => import("./screens/paths")],
  [/^\/insight\/carts$/, () => import("./screens/carts")],
  [/^\/insight\/campaigns$/, () => import("./screens/campaigns")],
  [/^\/insight\/visitors\/([^/]+)$/, () => import("./screens/visitor")],
  [/^\/alerts$/, () => import("./screens/alerts")],
  [/^\/audit$/, () => import("./screens/audit")],
];

const signIn: Loader = () => import("./screens/sign-in");

// What the first view waits for is asked for before anything is drawn.
let first = location.pathname === "/sign-in" ? null : whoAmI();
first?.catch(() => undefined); // App says what was wrong
void (first ? screens.find(([pattern]) => pattern.test(location.pathname))?.[1] : signIn)?.().catch(() => undefined); // Open says it

function App() {
  const { path } = useAddress();
  const [session, setSession] = useState<Session | null>(null);
  const [trouble, setTrouble] = useState<Refusal | null>(null);
  const signingIn = path === "/sign-in";
  useLayoutEffect(() => {
    document.body.className = signingIn ? "sign" : "app";
    if (signingIn) return setSession(null);
    if (session) return;
    const asked = first ?? whoAmI();
    first = null;
    asked.then(setSession, (refusal) => {
      if (refusal instanceof Refusal && refusal.status === 401) go(to("/sign-in", { to: location.pathname + location.search }), true);
      else setTrouble(refusal instanceof Refusal ? refusal : new Refusal(0, "Headgate does not answer"));
    });
  }, [signingIn, session]);
  if (signingIn) return <Open load={signIn} name="" />;
  if (trouble) return <main><Absent error={trouble} what="The console" /></main>;
  if (!session) return null;
  for (const [pattern, load] of screens) {
    const match = pattern.exec(path);
    if (match) {
      const name = decodeURIComponent(match[1] ?? "");
      return <Shell session={session}><Open key={pattern.source + name} load={load} name={name} /></Shell>;
    }
  }
  return (
    <Shell session={session}>
      <Head title="Not in this version" />
      <p class="none">This version of Headgate has no screen at {path}. <a href="/">The overview</a> shows what there is.</p>
    </Shell>
  );
}

/** Open shows a screen once it is loaded. */
function Open({ load, name }: { load: Loader; name: string }) {
  const [Screen, set] = useState<ComponentType<Screen> | null>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    let stopped = false;
    load().then((loaded) => !stopped && set(() => loaded.default), () => setBroken(true));
    return () => void (stopped = true);
  }, [load]);
  if (broken) return <div class="callout warn" role="alert"><p>This screen could not be loaded. Headgate may have been replaced since the page was opened: reload it.</p></div>;
  return Screen && <Screen name={name} />;
}

start();
render(<App />, document.body);
