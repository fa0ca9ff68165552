// Alerts: what happened, why, and one next step. A bar at the left says how urgent it is, a shape says it too.

import type { Alert } from "../api";
import { ago, money, plural } from "../format";
import { Icon } from "./icon";

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
  const act = !closed && alert.urgent;
  const stake = alert.at_stake;
  const place = [alert.kind.replaceAll("_", " "), alert.site, alert.destination, alert.about].filter(Boolean).join(" · ");
  return (
    <div class={`alert ${closed ? "note" : act ? "act" : ""}`}>
      <Icon name={closed ? "note" : act ? "stop" : "warning"} />
      <p class="what words">
        {alert.cause.replace(/\.$/, "")} <span class="since">{closed ? `closed after ${ago(alert.since, new Date(alert.until!).getTime())}` : `for ${ago(alert.since)}`}</span>
      </p>
      <p class="why words">{!closed && alert.next} {stake && <strong>{plural(stake.count, "event")}{stake.value > 0 && ` worth ${money(stake.value, stake.currency)}`} missing. </strong>}<span class="faint">{place}</span></p>
      <div class="do">
        {alert.link && <a class="btn" href={alert.link}>Open</a>}
      </div>
    </div>
  );
}
