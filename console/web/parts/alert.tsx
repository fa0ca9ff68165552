// Alerts: what happened, why, and one next step. A bar at the left says how urgent it is, a shape says it too.

import type { Alert } from "../api";
import { ago } from "../format";
import { destinationAt, eventsWhere } from "../route";
import { Icon } from "./icon";

/** urgent kinds are those a person must act on now; the others heal by themselves or want to be watched. */
const urgent = ["destination", "destination_halted", "dead", "dead_letters", "volume", "log_damage", "disk", "damage"];

export function AlertList({ alerts }: { alerts: Alert[] }) {
  if (alerts.length === 0) return null;
  return (
    <section class="alerts" aria-label="Alerts">
      {alerts.map((alert) => <AlertRow key={alert.id} alert={alert} />)}
    </section>
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  const closed = !!alert.until;
  const act = !closed && urgent.includes(alert.kind);
  const [, what = alert.cause, why = ""] = /^(.*?[.!?])\s+(.*)$/s.exec(alert.cause) ?? [];
  const place = [alert.kind.replaceAll("_", " "), alert.site, alert.destination].filter(Boolean).join(" · ");
  return (
    <div class={`alert ${closed ? "note" : act ? "act" : ""}`}>
      <Icon name={closed ? "note" : act ? "stop" : "warning"} />
      <p class="what words">
        {what.replace(/\.$/, "")} <span class="since">{closed ? `closed after ${ago(alert.since, new Date(alert.until!).getTime())}` : `for ${ago(alert.since)}`}</span>
      </p>
      <p class="why words">{why} <span class="faint">{place}</span></p>
      <div class="do">
        {alert.destination ? <a class="btn" href={destinationAt(alert.destination)}>Open</a> : alert.site && <a class="btn" href={eventsWhere(`site:${alert.site}`)}>Events</a>}
      </div>
    </div>
  );
}
