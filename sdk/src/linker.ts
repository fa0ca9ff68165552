// Links to other domains of the site carry the visitor's id: the server seals it when the pointer comes near, and it is valid for two
// minutes. On the other side it is taken out of the address once it was sent.
import { settings } from './settings';

let link = '';
let domains: string[] = [];
let asked = -1e9;

const target = (event: Event): HTMLAnchorElement | null => {
  const [first] = event.composedPath() as Element[];
  const a = first && first.closest ? (first.closest('a[href]') as HTMLAnchorElement | null) : null;
  return a && a.hostname != location.hostname ? a : null;
};

function ask(event: Event): void {
  if (!target(event) || performance.now() - asked < 6e4) return;
  asked = performance.now();
  fetch(settings.id!, { credentials: 'include' })
    .then((answer) => answer.json())
    .then((said) => {
      link = said.link || '';
      domains = said.domains || [];
    })
    .catch(() => {});
}

function add(event: Event): void {
  const a = target(event);
  if (!a || !link || performance.now() - asked > 11e4) return;
  if (domains.some((d) => ('.' + a.hostname).endsWith('.' + d)) && !a.search.includes(link)) a.search += (a.search ? '&' : '?') + link;
}

export function watchLinks(): void {
  for (const name of ['pointerover', 'focusin', 'touchstart']) addEventListener(name, ask, { passive: true });
  for (const name of ['click', 'auxclick']) addEventListener(name, add, true);
}

/** Takes the parameter out of the address that is shown, when the page view has it. */
export function clean(): void {
  const rest = location.href.replace(/([?&])_hgl=[^&#]*&?/, '$1').replace(/[?&](#|$)/, '$1');
  if (rest != location.href) history.replaceState(history.state, '', rest);
}
