// The overlay of ?headgate=debug: each event of the page, and what the server decided about it. The server tells that only to somebody
// who knows the source's debug_key, which is asked for here, kept in this tab, and sent in the body of the page's own requests.
import type { Params, Tracked } from '../../types';

interface Decision {
  id: string;
  dropped_by?: string;
  consent: Record<string, string>;
  destinations: Record<string, { action: string; because?: string }>;
}

const place = 'headgate.debug_key';
const host = document.createElement('headgate-overlay');
const root = host.attachShadow({ mode: 'closed' });
const style = new CSSStyleSheet(); // allowed under every policy, as a style element is not
style.replaceSync(`
  section { position: fixed; right: 8px; bottom: 8px; z-index: 2147483647; width: 380px; max-height: 60vh; overflow: auto; padding: 8px;
    font: 12px/1.4 system-ui, sans-serif; color: #222; background: #fff; border: 1px solid #999; border-radius: 6px; }
  li { margin: 6px 0; } ul { margin: 0; padding-left: 16px; } b { font-weight: 600; } input { width: 100%; box-sizing: border-box; }
  .deliver { color: #176b2c; } .redact { color: #8a5a00; } .deny, .filter { color: #a11; }`);
root.adoptedStyleSheets = [style];

/** Makes an element with a text, never with markup. */
function add(to: Node, tag: string, text = '', kind = ''): HTMLElement {
  const e = document.createElement(tag);
  e.textContent = text;
  e.className = kind;
  to.appendChild(e);
  return e;
}

const panel = add(root, 'section');
add(panel, 'b', 'Headgate');
const key = add(panel, 'input') as HTMLInputElement;
key.type = 'password';
key.placeholder = 'debug_key: what was decided, and why';
key.value = sessionStorage.getItem(place) || '';
key.onchange = () => sessionStorage.setItem(place, key.value);
const list = add(panel, 'ul');
const rows = new Map<string, HTMLElement>();
const early: [string, (row: HTMLElement) => void][] = []; // what was answered before the event was shown

/** Writes about an event, once it is shown. */
function about(id: string, write: (row: HTMLElement) => void): void {
  const row = rows.get(id);
  if (row) write(row);
  else early.push([id, write]);
}

function show(event: Tracked): void {
  const row = add(list, 'li');
  add(row, 'b', event.name);
  add(row, 'div', JSON.stringify({ ...event.params, items: event.items } as Params));
  add(row, 'div', 'not sent yet', 'state');
  rows.set(event.id, row);
  for (const [id, write] of early) if (id == event.id) write(row);
}

function decided(d: Decision, row: HTMLElement): void {
  const denied = Object.keys(d.consent).filter((purpose) => d.consent[purpose] != 'granted');
  row.lastChild!.textContent = (d.dropped_by ? `dropped by ${d.dropped_by}` : 'taken') + (denied.length ? `; not granted: ${denied.join(', ')}` : '');
  for (const name in d.destinations) {
    const { action, because } = d.destinations[name]!;
    add(row, 'div', `${name}: ${action}${because ? `, ${because}` : ''}`, action);
  }
}

// The script's own requests are known by their body.
const send = window.fetch;
window.fetch = async (to, init) => {
  const text = init && init.body;
  if (typeof text != 'string' || !text.startsWith('{"v":1,')) return send(to, init);
  const body = JSON.parse(text) as { d?: string; e: { i: string }[] };
  if (key.value) body.d = key.value;
  const answer = await send(to, { ...init, body: JSON.stringify(body) });
  for (const { i } of body.e) about(i, (row) => (row.lastChild!.textContent = `answered ${answer.status}`));
  answer
    .clone()
    .json()
    .then((said: { decisions?: Decision[] }) => (said.decisions || []).forEach((d) => about(d.id, (row) => decided(d, row))))
    .catch(() => {});
  return answer;
};

(function attach(): void {
  if (!document.body || !window.headgate || 'q' in window.headgate) return void setTimeout(attach, 30);
  document.body.append(host);
  window.headgate.on(show);
})();
