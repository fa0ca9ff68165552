// The overview of a fresh install: what is left to do, with the commands.

import type { Status } from "../api";
import { ago, plural } from "../format";
import { Copy, Equal, Head } from "./page";
import { St, states } from "./state";
import { Icon } from "./icon";

export function Beginning({ status }: { status: Status }) {
  const names = Object.keys(status.destinations);
  const hit = "curl -i 'http://localhost:8080/g/collect?v=2&tid=G-EXAMPLE&en=purchase&cid=1234567890.1700000000&cu=EUR&epn.value=59.9&gcs=G101'";
  return (
    <>
      <Head title="Overview" sub={<span class="st"><span class="dot off" />No event yet</span>} />
      <div class="center-empty"><p class="soft">Headgate runs. Three steps are left, about five minutes; this page follows along.</p></div>
      <ol class="steps center-empty">
        <li class="done"><h2>Start Headgate</h2><p class="soft">The configuration was loaded {ago(status.config.loaded_at)} ago. Events go to {names.join(", ") || "the log"}.</p></li>
        <li>
          <h2>Send a first event</h2>
          <p class="soft">As gtag.js sends it, from a visitor who accepted analytics and refused ads. It shows up here within seconds.</p>
          <pre class="wrap" tabIndex={0}><code>{hit}</code></pre>
          <p class="actions"><Copy text={hit} what="the command" word="Copy" primary /> <span class="st faint"><span class="dot off pulse" />waiting for it</span></p>
        </li>
        <li>
          <h2>Add a destination</h2>
          <p class="soft">A dry run shows the exact request before anything leaves.</p>
          <p class="actions"><a class="btn" href="/destinations/new"><Icon name="add" />Choose one</a></p>
        </li>
        <li>
          <h2>Point the site at it</h2>
          <p class="soft">One line in the tag you have. Then consent, rules and deliveries show up here, per event.</p>
          <pre tabIndex={0}><code>{'gtag("config", "G-EXAMPLE", {server_container_url: "https://t.example.com"})'}</code></pre>
        </li>
      </ol>
      <section aria-labelledby="e-led">
        <div class="bar-head"><h2 id="e-led">What you will see here</h2><span class="soft small">{plural(names.length, "destination")}, every event in one of six states</span></div>
        <div class="ledger"><div class="row"><span>Destination</span>{states.map((s) => <St key={s} state={s} />)}</div></div>
      </section>
      <Equal command="headgate serve" api="GET /api/status" />
    </>
  );
}
