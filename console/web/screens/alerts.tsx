// Alerts: what is open with its cause, and what has closed itself.

import type { Alert } from "../api";
import { plural } from "../format";
import { AlertList } from "../parts/alert";
import { Show, useLoad } from "../parts/load";
import { Equal, Head } from "../parts/page";

export default function Alerts() {
  const alerts = useLoad<Alert[]>("/api/alerts", 10000);
  const open = alerts.data?.filter((a) => !a.until) ?? [];
  return (
    <>
      <Head title="Alerts" sub={alerts.data && (open.length > 0 ? `${open.length} open` : "nothing is open")} />
      <Show of={alerts} what="Alerts">
        {(all) => {
          const closed = all.filter((a) => a.until);
          return (
            <>
              {open.length > 0 ? <AlertList alerts={open} /> : <div class="callout good"><p><strong>Nothing needs a person now.</strong> Alerts are on by default and close themselves; they are sent on with <code>alerts: {"{to: [DESTINATION]}"}</code> in the configuration.</p></div>}
              {closed.length > 0 && (
                <section aria-labelledby="closed">
                  <div class="bar-head"><h2 id="closed">Closed</h2><span class="soft small">{plural(closed.length, "alert")}, newest first</span></div>
                  <AlertList alerts={closed} />
                </section>
              )}
            </>
          );
        }}
      </Show>
      <Equal command={`curl -H "Authorization: Bearer $TOKEN" '${location.origin}/api/alerts'`} api="GET /api/alerts" />
    </>
  );
}
