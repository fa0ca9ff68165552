// What is clicked: links that lead away, files, mail and phone numbers, and elements that say by attributes what they are. A form
// that is sent is known by its name, and never by what was written into it.
import type { Item, Params } from '../types';
import { track } from './event';

const files = /\.(pdf|xlsx?|docx?|txt|rtf|csv|exe|key|pp[st]x?|7z|pkg|rar|gz|zip|dmg|avi|mov|mp4|mpe?g|wmv|midi?|mp3|wav|wma)$/i;

/** Finds the nearest element above a click's target that a selector fits, also out of a shadow root. */
const nearest = (event: Event, selector: string): Element | null => {
  const [target] = event.composedPath() as Element[];
  return target && target.closest ? target.closest(selector) : null;
};

function link(event: MouseEvent): void {
  const a = nearest(event, 'a[href],area[href]') as HTMLAnchorElement | null;
  if (!a || (event.type == 'auxclick' && event.button != 1)) return;
  const url = a.href;
  const [, file, extension] = /([^/]*?\.(\w+))$/.exec(a.pathname) || [];
  if (/^(mailto|tel):/.test(url)) track('contact', { method: url[0] == 'm' ? 'email' : 'phone', link_url: url.split('?')[0] });
  else if (!/^http/.test(url)) return;
  else if (files.test(a.pathname)) track('file_download', { file_name: file, file_extension: extension, link_url: url });
  else if (a.host != location.host) track('click', { link_url: url, link_domain: a.hostname, outbound: true });
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => '_' + c).toLowerCase().replace(/^_/, '');

/** Reads data-event="add_to_cart" data-event-value data-item-id: of the element and of those around it, the nearest first. */
function named(from: Element | null): void {
  const params: Params = {};
  const item: Item = {};
  let name = '';
  for (let e = from as HTMLElement | null; e; e = e.parentElement) {
    const data = e.dataset || {};
    name = name || data.event || '';
    for (const key in data) {
      const [, kind, rest] = /^(item|event)([A-Z].*)$/.exec(key) || [];
      const into = kind == 'item' ? item : params;
      if (rest && !(snake(rest) in into)) into[snake(rest)] = data[key];
    }
  }
  if (!name) return;
  track(name, Object.keys(item)[0] ? { ...params, items: [item] } : params);
}

export function watchClicks(): void {
  const clicked = (event: MouseEvent) => {
    const e = nearest(event, '[data-event]');
    if (e && e.tagName != 'FORM' && event.type == 'click') named(e);
    link(event);
  };
  addEventListener('click', clicked, true);
  addEventListener('auxclick', clicked, true);
  addEventListener(
    'submit',
    (event) => {
      const form = event.target as HTMLFormElement;
      if (form.dataset.event) named(form);
      // As attributes: a field called id would hide the form's own.
      const attribute = (name: string) => form.getAttribute(name) || undefined;
      track('form_submit', { form_id: attribute('id'), form_name: attribute('name'), form_destination: attribute('action') });
    },
    true,
  );
}
